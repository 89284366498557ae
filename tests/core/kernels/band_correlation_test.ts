import { assertAtMost, assertClose, assertEquals, assertTrue } from "@assert";
import {
  addSpectraInPlace,
  correlationAt,
  type Correlator,
  createCorrelationGrid,
  createCorrelator,
  createSpectrumSet,
  expandAt,
  placePair,
  refineExtremum,
  searchNear,
  searchWide,
  setOwn,
  setPair,
  sharedBand,
} from "@core/kernels";
import { latticeImage } from "../../support/lattice_image.ts";

/** Sums of a few thousand terms of size 1e-3. */
const ROUNDING = 1e-10;
const SHIFT = { x: 2.3, y: -1.6 };

/** Two exposures, the second moved by `SHIFT`. */
function correlator(counts = 40): Correlator {
  const draw = (x: number, y: number, seed: number) =>
    latticeImage({
      width: 120,
      height: 100,
      a: [13, 1],
      b: [-4, 11],
      sigma: 2,
      background: 3,
      basis: [{ x: 0, y: 0, height: counts }],
      vacancies: 0.1,
      shift: [20 + x, 20 + y],
      seed,
    }).image.data;
  const set = createSpectrumSet(120, 100, 0.25);
  addSpectraInPlace(set, draw(0, 0, 1), draw(SHIFT.x, SHIFT.y, 2));
  return createCorrelator(sharedBand(set));
}

/** C(d) by its definition. */
function slowCorrelation({ band }: Correlator, x: number, y: number): number {
  let sum = 0;
  for (let k = 0; k < band.length; k++) {
    const angle = 2 * Math.PI * (band.fx[k] * x + band.fy[k] * y);
    const real = band.re[0][k] * band.re[1][k] + band.im[0][k] * band.im[1][k];
    const imaginary = band.re[0][k] * band.im[1][k] - band.im[0][k] * band.re[1][k];
    sum += 2 * band.weight[k] * (real * Math.cos(angle) - imaginary * Math.sin(angle));
  }
  return sum;
}

Deno.test("correlationAt and expandAt equal the definition and its differences", () => {
  const c = correlator();
  setPair(c, 0, 1);
  const out = { value: 0, gradX: 0, gradY: 0, curveXX: 0, curveXY: 0, curveYY: 0 };
  const h = 1e-4;
  for (const [x, y] of [[0, 0], [2.3, -1.6], [-7.1, 4.4]]) {
    assertClose(correlationAt(c, x, y), slowCorrelation(c, x, y), ROUNDING);
    expandAt(c, x, y, out);
    assertClose(out.value, slowCorrelation(c, x, y), ROUNDING);
    const at = (dx: number, dy: number) => slowCorrelation(c, x + dx * h, y + dy * h);
    assertClose(out.gradX, (at(1, 0) - at(-1, 0)) / (2 * h), 1e-6);
    assertClose(out.gradY, (at(0, 1) - at(0, -1)) / (2 * h), 1e-6);
    assertClose(out.curveXX, (at(1, 0) - 2 * at(0, 0) + at(-1, 0)) / h ** 2, 1e-5);
    assertClose(out.curveYY, (at(0, 1) - 2 * at(0, 0) + at(0, -1)) / h ** 2, 1e-5);
    const cross = (at(1, 1) - at(1, -1) - at(-1, 1) + at(-1, -1)) / (4 * h ** 2);
    assertClose(out.curveXY, cross, 1e-5);
  }
});

Deno.test("searchNear and searchWide find the same lattice maximum", () => {
  const c = correlator();
  setPair(c, 0, 1);
  const near = searchNear(c, 1, 0, 5, false);
  assertClose(near.value, slowCorrelation(c, near.x, near.y), ROUNDING);
  assertAtMost(Math.hypot(near.x - SHIFT.x, near.y - SHIFT.y), 1.5 * c.pitch);
  const wide = searchWide(c, createCorrelationGrid(c), 1, 0, 5, false);
  assertClose(wide.value, slowCorrelation(c, wide.x, wide.y), ROUNDING);
  assertAtMost(Math.hypot(wide.x - SHIFT.x, wide.y - SHIFT.y), 1.5 * c.pitch);
  assertEquals(searchNear(c, 4, 7, 0, false).x, 4);
});

Deno.test("searchNear takes the highest of all points of its grid", () => {
  const c = correlator();
  setPair(c, 0, 1);
  for (const [x, y, radius] of [[0, 0, 4], [1.7, -2.4, 6.5], [-3, 5, 2], [1.7, -2.4, 2]]) {
    const half = Math.ceil(radius / c.pitch), step = radius / half;
    let highest = -Infinity, largest = 0;
    for (let j = -half; j <= half; j++) {
      for (let i = -half; i <= half; i++) {
        if (i * i + j * j > half * half) continue;
        const value = slowCorrelation(c, x + i * step, y + j * step);
        highest = Math.max(highest, value);
        largest = Math.max(largest, Math.abs(value));
      }
    }
    const found = searchNear(c, x, y, radius, false);
    assertClose(found.value, highest, ROUNDING);
    assertClose(slowCorrelation(c, found.x, found.y), highest, ROUNDING);
    assertClose(Math.abs(searchNear(c, x, y, radius, true).value), largest, ROUNDING);
  }
});

Deno.test("refineExtremum climbs to the maximum, or says that there is none in reach", () => {
  const c = correlator();
  setPair(c, 0, 1);
  const { x, y, expansion } = refineExtremum(c, SHIFT.x + 1, SHIFT.y - 1, 3, 1);
  assertTrue(expansion !== undefined);
  assertAtMost(Math.hypot(expansion.gradX, expansion.gradY), 1e-6);
  assertAtMost(Math.hypot(x - SHIFT.x, y - SHIFT.y), 0.1);
  const far = refineExtremum(c, SHIFT.x + 3, SHIFT.y, 0.5, 1);
  assertEquals([far.x, far.expansion], [SHIFT.x + 3, undefined]);
});

Deno.test("placePair states an uncertainty that falls with the counts", () => {
  const errors = [10, 40].map((counts) => {
    const c = correlator(counts);
    setPair(c, 0, 1);
    const { x, y, error } = placePair(c, 0, 1, SHIFT, 3, 1);
    assertAtMost(Math.hypot(x - SHIFT.x, y - SHIFT.y), 5 * error);
    return error;
  });
  // the noise is the root of the mean count, 4.8 and 10, over contrasts of 10 and 40
  assertClose(errors[0] / errors[1], Math.sqrt(4.8 / 10) * 4, 0.3);
});

Deno.test("placePair says how far two exposures agree in all directions", () => {
  const wave = (kx: number, ky: number) =>
    Float32Array.from(
      { length: 128 * 128 },
      (_, i) => Math.cos(kx * (i % 128)) + Math.cos(ky * Math.floor(i / 128)),
    );
  const pair = (second: Float32Array) => {
    const set = createSpectrumSet(128, 128, 0.25);
    addSpectraInPlace(set, wave(0.5, 0.5), second);
    const c = createCorrelator(sharedBand(set));
    setPair(c, 0, 1);
    return c;
  };
  assertClose(placePair(pair(wave(0.5, 0.5)), 0, 1, { x: 0, y: 0 }, 3, 1).agreement, 1, 1e-6);
  const inverted = wave(0.5, 0.5).map((v) => -v);
  assertClose(placePair(pair(inverted), 0, 1, { x: 0, y: 0 }, 3, -1).agreement, 1, 1e-6);
  // the waves along x agree, which is half of each, and those along y hardly
  const c = pair(wave(0.5, 0.7));
  const top = searchNear(c, 0, 0, 4, false);
  const { value, agreement } = placePair(c, 0, 1, top, 6, 1);
  assertClose(value, 0.5, 0.1);
  assertAtMost(Math.abs(agreement), 0.1);
});

Deno.test("setOwn shows the lattice: the mean autocorrelation is highest at lattice vectors", () => {
  const c = correlator();
  setOwn(c);
  assertClose(correlationAt(c, 0, 0), 1, 1e-9);
  const { x, y } = refineExtremum(c, 13.5, 0.5, 2, 1);
  assertAtMost(Math.hypot(x - 13, y - 1), 0.2);
});
