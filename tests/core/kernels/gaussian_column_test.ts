import {
  addGaussianInPlace,
  axesOfPrecision,
  COLUMN_STRIDE,
  columnSums,
  crossMatrix,
  crossSums,
  NORMAL_SIZE,
  normalEquations,
  precisionOfAxes,
  replaceGaussianInPlace,
  SUMS_LENGTH,
  SumsField,
} from "@core/kernels";
import { assertClose, assertEquals, assertTrue } from "@assert";

const WIDTH = 23, HEIGHT = 19;

/** Relative rounding of recurrences along a row of twenty pixels. */
const ROUNDING = 1e-11;

/** Two columns of different shape. */
function twoColumns(): Float64Array {
  const columns = new Float64Array(2 * COLUMN_STRIDE);
  columns.set([9.3, 8.6, 40, 0, 0, 0, 5, 0.3, -0.2]);
  precisionOfAxes(3, 2, 0.6, columns, 3);
  columns.set([15.1, 10.2, 25, 0, 0, 0, 4, 0, 0], COLUMN_STRIDE);
  precisionOfAxes(2.5, 2.2, -1, columns, COLUMN_STRIDE + 3);
  return columns;
}

/** E of a column at a pixel. */
function gaussianAt(columns: Float64Array, i: number, u: number, v: number): number {
  const [x, y, , pxx, pxy, pyy] = columns.subarray(i * COLUMN_STRIDE);
  const dx = u - x, dy = v - y;
  return Math.exp(-0.5 * (pxx * dx * dx + 2 * pxy * dx * dy + pyy * dy * dy));
}

/** The functions whose factors a step changes, around a column, with the Gaussian of another. */
function basisAt(columns: Float64Array, i: number, gaussian: number, u: number, v: number) {
  const dx = u - columns[i * COLUMN_STRIDE], dy = v - columns[i * COLUMN_STRIDE + 1];
  const e = gaussianAt(columns, gaussian, u, v);
  return [e, e * dx, e * dy, e * dx * dx, e * dx * dy, e * dy * dy, 1, dx, dy];
}

const data = Float32Array.from({ length: WIDTH * HEIGHT }, (_, k) => 10 + (k * 7919) % 31);
const noise = { variance: 0.7, gain: 0.9, floor: 2 };

function modelOf(columns: Float64Array): Float64Array {
  const model = new Float64Array(WIDTH * HEIGHT);
  for (let i = 0; i < 2; i++) addGaussianInPlace(model, WIDTH, HEIGHT, columns, i, 1, 6.5);
  return model;
}

function weightAt(columns: Float64Array, model: Float64Array, u: number, v: number) {
  const background = columns[6] + columns[7] * (u - columns[0]) + columns[8] * (v - columns[1]);
  const mean = model[v * WIDTH + u] + background;
  return {
    w: 1 / Math.max(noise.floor, noise.variance + noise.gain * mean),
    r: data[v * WIDTH + u] - mean,
  };
}

for (
  const [name, windowX, windowY, radius] of [
    ["inside", 9.1, 8.9, 6.2],
    ["at the corner", 2, 1, 7.5],
    ["larger than the image", 9.3, 8.6, 60],
  ] as const
) {
  Deno.test(`columnSums and normalEquations agree with the slow twin, window ${name}`, () => {
    const columns = twoColumns(), model = modelOf(columns);
    const sums = new Float64Array(SUMS_LENGTH);
    const matrix = new Float64Array(NORMAL_SIZE ** 2), vector = new Float64Array(NORMAL_SIZE);
    columnSums(
      data,
      model,
      WIDTH,
      HEIGHT,
      columns,
      0,
      windowX,
      windowY,
      radius,
      noise.variance,
      noise.gain,
      noise.floor,
      true,
      sums,
    );
    normalEquations(sums, matrix, vector);
    const twin = new Float64Array(NORMAL_SIZE ** 2), right = new Float64Array(NORMAL_SIZE);
    let pixels = 0, chiSquare = 0;
    for (let v = 0; v < HEIGHT; v++) {
      for (let u = 0; u < WIDTH; u++) {
        if ((u - windowX) ** 2 + (v - windowY) ** 2 > radius * radius) continue;
        const { w, r } = weightAt(columns, model, u, v);
        const basis = basisAt(columns, 0, 0, u, v);
        pixels++;
        chiSquare += w * r * r;
        for (let p = 0; p < NORMAL_SIZE; p++) {
          right[p] += w * basis[p] * r;
          for (let q = 0; q < NORMAL_SIZE; q++) {
            twin[p * NORMAL_SIZE + q] += w * basis[p] * basis[q];
          }
        }
      }
    }
    assertEquals(sums[SumsField.Pixels], pixels);
    assertClose(sums[SumsField.ChiSquare], chiSquare, ROUNDING * chiSquare);
    for (let p = 0; p < NORMAL_SIZE; p++) {
      const size = Math.sqrt(twin[p * NORMAL_SIZE + p]);
      assertClose(vector[p], right[p], ROUNDING * size * Math.sqrt(chiSquare), `right ${p}`);
      for (let q = 0; q < NORMAL_SIZE; q++) {
        const both = size * Math.sqrt(twin[q * NORMAL_SIZE + q]);
        assertClose(matrix[p * NORMAL_SIZE + q], twin[p * NORMAL_SIZE + q], ROUNDING * both);
      }
    }
  });
}

Deno.test("crossMatrix agrees with the slow twin", () => {
  const columns = twoColumns();
  columns[7] = columns[8] = 0; // the tie to a neighbor takes the background as level
  const model = modelOf(columns), sums = new Float64Array(25);
  crossSums(
    model,
    WIDTH,
    HEIGHT,
    columns,
    0,
    1,
    9,
    9,
    15.2,
    10.1,
    6.5,
    noise.variance,
    noise.gain,
    noise.floor,
    sums,
  );
  const matrix = new Float64Array(NORMAL_SIZE * 6), twin = new Float64Array(NORMAL_SIZE * 6);
  crossMatrix(sums, matrix);
  for (let v = 0; v < HEIGHT; v++) {
    for (let u = 0; u < WIDTH; u++) {
      if ((u - 9) ** 2 + (v - 9) ** 2 > 6.5 ** 2) continue;
      if ((u - 15.2) ** 2 + (v - 10.1) ** 2 > 6.5 ** 2) continue;
      const { w } = weightAt(columns, model, u, v);
      const own = basisAt(columns, 0, 0, u, v), other = basisAt(columns, 0, 1, u, v);
      for (let p = 0; p < NORMAL_SIZE; p++) {
        for (let q = 0; q < 6; q++) twin[p * 6 + q] += w * own[p] * other[q];
      }
    }
  }
  const largest = twin.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  for (let k = 0; k < twin.length; k++) assertClose(matrix[k], twin[k], ROUNDING * largest);
});

Deno.test("addGaussianInPlace draws the ellipse, and taking it away leaves next to nothing", () => {
  const columns = twoColumns(), model = new Float64Array(WIDTH * HEIGHT);
  addGaussianInPlace(model, WIDTH, HEIGHT, columns, 0, 1, 6.5);
  const outside = 40 * Math.exp(-0.5 * 6.5 ** 2);
  for (let v = 0; v < HEIGHT; v++) {
    for (let u = 0; u < WIDTH; u++) {
      assertClose(model[v * WIDTH + u], 40 * gaussianAt(columns, 0, u, v), outside + 40 * ROUNDING);
    }
  }
  addGaussianInPlace(model, WIDTH, HEIGHT, columns, 0, -1, 6.5);
  assertTrue(model.every((value) => value === 0));
  columns[0] = -500;
  addGaussianInPlace(model, WIDTH, HEIGHT, columns, 0, 1, 6.5);
  assertTrue(model.every((value) => value === 0), "far outside nothing is drawn");
});

Deno.test("axesOfPrecision undoes precisionOfAxes", () => {
  const p = new Float64Array(3), axes = new Float64Array(3);
  for (const angle of [-1.5, -0.7, 0, 0.4, 1.2, Math.PI / 2]) {
    precisionOfAxes(3, 2, angle, p, 0);
    axesOfPrecision(p[0], p[1], p[2], axes);
    assertClose(axes[0], 3, ROUNDING * 100);
    assertClose(axes[1], 2, ROUNDING * 100);
    assertClose(axes[2], angle, ROUNDING * 100);
  }
  precisionOfAxes(2, 2, 0.7, p, 0);
  axesOfPrecision(p[0], p[1], p[2], axes);
  assertClose(axes[0], axes[1], ROUNDING);
});

Deno.test("replaceGaussianInPlace takes one away and adds the other", () => {
  const columns = twoColumns();
  const model = modelOf(columns), twin = modelOf(columns);
  const moved = columns.slice();
  moved.set([9.9, 7.8, 37], 0);
  precisionOfAxes(2.8, 2.1, 0.4, moved, 3);
  const reach = 7;
  addGaussianInPlace(twin, WIDTH, HEIGHT, columns, 0, -1, reach);
  addGaussianInPlace(twin, WIDTH, HEIGHT, moved, 0, 1, reach);
  replaceGaussianInPlace(model, WIDTH, HEIGHT, columns, 0, moved, 0, reach);
  // Beyond a reach of 7 widths there is a height of 40 times 2e-11.
  for (let k = 0; k < model.length; k++) assertClose(model[k], twin[k], 1e-8);
});
