import { assertAtMost, assertClose, assertEquals } from "@assert";
import { createRandom } from "@core/kernels";
import {
  SPLINE_MARGIN,
  splineColumnsInPlace,
  splineFactors,
  splineRows,
  splineWeights,
} from "../../../plugins/alignment/_cubic_spline.ts";
import {
  createLineShifter,
  setFraction,
  shiftColumnsInPlace,
  shiftRows,
} from "../../../plugins/alignment/_fourier_shift.ts";

/** Even, odd, prime, one of a single block of lines and one of several, and a single line. */
const SIZES = [[64, 48], [37, 53], [90, 31], [33, 1], [1, 20]] as const;

/** Where the extension of the ends is no longer felt at the tolerance below, px. */
const MARGIN = 24;
/** What is left of the ends there, in shares of the amplitude; it falls with the cube of the distance. */
const ENDS = 1e-3;

type Picture = (x: number, y: number) => number;

function sampled(width: number, height: number, picture: Picture): Float32Array {
  return Float32Array.from(
    { length: width * height },
    (_, i) => picture(i % width, Math.floor(i / width)),
  );
}

/** The image at (x + fractionX, y + fractionY), for x from -1 to width and y from -1 to height. */
function moved(
  data: Float32Array,
  width: number,
  height: number,
  fractionX: number,
  fractionY: number,
): Float64Array {
  const out = new Float64Array((width + 2) * (height + 2));
  const rows = createLineShifter(width), columns = createLineShifter(height);
  setFraction(rows, fractionX);
  setFraction(columns, fractionY);
  shiftRows(rows, data, 0, fractionX, 0, height, out);
  shiftColumnsInPlace(columns, width + 2, fractionY, 0, width + 2, out);
  return out;
}

function spline(data: Float32Array, width: number, height: number) {
  const stride = width + 2 * SPLINE_MARGIN;
  const coefficients = new Float64Array(stride * (height + 2 * SPLINE_MARGIN));
  splineRows(data, width, 0, splineFactors(width), 0, height, coefficients);
  splineColumnsInPlace(width, height, splineFactors(height), coefficients);
  const wx = new Float64Array(4), wy = new Float64Array(4);
  return (x: number, y: number) => {
    const left = Math.floor(x), top = Math.floor(y);
    splineWeights(x - left, wx);
    splineWeights(y - top, wy);
    let value = 0;
    for (let j = 0; j < 4; j++) {
      for (let i = 0; i < 4; i++) {
        const o = (top - 1 + j + SPLINE_MARGIN) * stride + left - 1 + i + SPLINE_MARGIN;
        value += wy[j] * wx[i] * coefficients[o];
      }
    }
    return value;
  };
}

Deno.test("shiftRows and shiftColumnsInPlace move waves of every direction into all four quadrants", () => {
  const width = 90, height = 75;
  for (const [u, v] of [[0.11, 0.07], [0.2, -0.13], [0.02, 0.31]]) {
    const wave: Picture = (x, y) => Math.cos(2 * Math.PI * (u * x + v * y) + 0.4);
    const data = sampled(width, height, wave);
    for (const [fx, fy] of [[0.5, 0.3], [-0.4, 0.25], [0.1, -0.5], [-0.35, -0.2]]) {
      const out = moved(data, width, height, fx, fy);
      for (let y = MARGIN; y < height - MARGIN; y++) {
        for (let x = MARGIN; x < width - MARGIN; x++) {
          const got = out[(y + 1) * (width + 2) + x + 1];
          assertAtMost(Math.abs(got - wave(x + fx, y + fy)), ENDS, `${u},${v} ${fx},${fy}`);
        }
      }
    }
  }
});

Deno.test("shiftRows and shiftColumnsInPlace move a column that is clear of the ends exactly", () => {
  for (const [width, height] of [[64, 48], [37, 53], [41, 36]]) {
    for (const [fx, fy] of [[0.5, 0.3], [-0.4, 0.25], [0.1, -0.5], [-0.35, -0.2]]) {
      const column: Picture = (x, y) =>
        Math.exp(-((x - 18.2) ** 2 + (y - 19.7) ** 2) / (2 * 2.2 ** 2));
      const out = moved(sampled(width, height, column), width, height, fx, fy);
      // the column has 1e-10 of its height beyond the Nyquist frequency; in images as small as these
      // its mirror image fades out within the padding, which leaves 1e-6
      for (let i = 0; i < width * height; i++) {
        const x = i % width, y = Math.floor(i / width);
        assertClose(out[(y + 1) * (width + 2) + x + 1], column(x + fx, y + fy), 2e-6);
      }
    }
  }
});

Deno.test("shiftRows and shiftColumnsInPlace are exact to the last bit for whole pixels", () => {
  for (const [width, height] of SIZES) {
    const random = createRandom(width);
    const data = sampled(width, height, () => 100 * random());
    const out = moved(data, width, height, 0, 0);
    for (let i = 0; i < data.length; i++) {
      const x = i % width, y = Math.floor(i / width);
      assertEquals(out[(y + 1) * (width + 2) + x + 1], data[i]);
    }
  }
});

Deno.test("shiftRows and shiftColumnsInPlace leave a constant and a slope alone, up to the border", () => {
  for (const [width, height] of SIZES) {
    const flat = moved(sampled(width, height, () => 7), width, height, 0.5, -0.3);
    assertAtMost(Math.max(...flat.map((v) => Math.abs(v - 7))), 1e-12, `${width} x ${height}`);
  }
  const slope: Picture = (x, y) => 0.5 * x - 0.25 * y;
  const out = moved(sampled(80, 60, slope), 80, 60, 0.4, 0.4);
  for (let y = 0; y < 59; y++) {
    for (let x = 0; x < 79; x++) {
      // the slope has to come back somewhere: in the padding, 16 px beyond the border
      assertClose(out[(y + 1) * 82 + x + 1], slope(x + 0.4, y + 0.4), 0.1, `${x},${y}`);
    }
  }
});

Deno.test("lines of a strip do not depend on how the image is cut into strips", () => {
  const width = 40, height = 70, random = createRandom(9);
  const data = sampled(width, height, () => random());
  const whole = moved(data, width, height, 0.3, 0);
  const parts = new Float64Array(whole.length);
  const rows = createLineShifter(width), columns = createLineShifter(height);
  setFraction(rows, 0.3);
  setFraction(columns, 0);
  for (const [first, end] of [[0, 32], [32, 64], [64, 70]]) {
    shiftRows(rows, data, 0, 0.3, first, end, parts);
  }
  shiftColumnsInPlace(columns, width + 2, 0, 0, 32, parts);
  shiftColumnsInPlace(columns, width + 2, 0, 32, width + 2, parts);
  assertEquals(parts, whole);
});

Deno.test("the spline passes through the pixels", () => {
  for (const [width, height] of SIZES) {
    const random = createRandom(width);
    const data = sampled(width, height, () => random());
    const at = spline(data, width, height);
    for (let i = 0; i < data.length; i++) {
      assertClose(at(i % width, Math.floor(i / width)), data[i], 1e-12, `${width} x ${height}`);
    }
  }
});

Deno.test("the spline reproduces cubic polynomials inside, and straight lines everywhere", () => {
  const width = 80, height = 70;
  const cubic: Picture = (x, y) => {
    const u = (x - 40) / 40, v = (y - 35) / 35;
    return 1 + u - v * v * v + u * u * v + 0.5 * u * u * u;
  };
  const line: Picture = (x, y) => 3 - 0.25 * x + 0.5 * y;
  const atCubic = spline(sampled(width, height, cubic), width, height);
  const atLine = spline(sampled(width, height, line), width, height);
  const random = createRandom(2);
  for (let i = 0; i < 500; i++) {
    // the ends are felt less by 0.268 a pixel; float32 pixels hold 1e-7
    const x = 20 + 39 * random(), y = 20 + 29 * random();
    assertClose(atCubic(x, y), cubic(x, y), 1e-6);
    const edgeX = -1 + (width + 1) * random(), edgeY = -1 + (height + 1) * random();
    assertClose(atLine(edgeX, edgeY), line(edgeX, edgeY), 1e-10);
  }
});

Deno.test("spline weights sum to 1 and weigh the place itself", () => {
  const w = new Float64Array(4);
  for (const t of [0, 0.25, 0.5, 0.9]) {
    splineWeights(t, w);
    assertClose(w[0] + w[1] + w[2] + w[3], 1, 1e-15);
    assertClose(-w[0] + w[2] + 2 * w[3], t, 1e-15);
  }
});
