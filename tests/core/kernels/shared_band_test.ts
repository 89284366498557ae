import { assertAtLeast, assertAtMost, assertClose, assertEquals, assertTrue } from "@assert";
import {
  addSpectraInPlace,
  braggPower,
  createSpectrumSet,
  sharedBand,
  windowOverlap,
} from "@core/kernels";
import { latticeImage } from "../../support/lattice_image.ts";

function lattice(seed: number, height = 20, background = 5): Float32Array {
  return latticeImage({
    width: 128,
    height: 96,
    a: [12, 2],
    b: [-5, 11],
    sigma: 2,
    background,
    basis: [{ x: 0, y: 0, height }],
    seed,
  }).image.data;
}

function bandOf(images: readonly Float32Array[], width = 128, height = 96) {
  const set = createSpectrumSet(width, height, 0.25);
  for (let e = 0; e < images.length; e += 2) addSpectraInPlace(set, images[e], images[e + 1]);
  return { set, band: sharedBand(set) };
}

Deno.test("sharedBand weighs a lattice's Bragg peaks and leaves noise out", () => {
  const { band } = bandOf([1, 2, 3, 4].map((seed) => lattice(seed)));
  assertAtLeast(band.length, 20);
  assertAtMost(band.length, 128 * 96 / 8, "most frequencies are noise");
  const [a] = band.repeats;
  assertAtMost(Math.hypot(Math.abs(a.x) - 5, Math.abs(a.y) - 11), 1);
  for (let k = 1; k < band.length; k++) {
    const isNewRow = band.v[k] !== band.v[k - 1];
    assertTrue(isNewRow || band.u[k] > band.u[k - 1], "frequencies of one v in a row");
  }
  for (const weight of band.weight) assertTrue(weight > 0 && weight <= 1);
});

Deno.test("sharedBand scales every exposure's signal to 1, and keeps its contrast", () => {
  const first = lattice(1), weak = first.map((v) => 0.25 * v + 100);
  const { band } = bandOf([first, weak, lattice(2)]);
  assertClose(band.contrast[1] / band.contrast[0], 0.25, 1e-3);
  assertClose(band.contrast[2] / band.contrast[0], 1, 0.05); // another draw of the noise
  for (let e = 0; e < 3; e++) {
    let energy = 0;
    for (let k = 0; k < band.length; k++) {
      const power = band.re[e][k] ** 2 + band.im[e][k] ** 2;
      energy += 2 * band.weight[k] * (power - band.noise[e]);
    }
    assertClose(energy, 1, 1e-9);
    assertAtLeast(band.signal[e], 0.5);
  }
});

Deno.test("sharedBand is empty for exposures without contrast, whatever their size", () => {
  for (const [width, height] of [[1, 1], [3, 1], [16, 16], [37, 53]]) {
    const flat = new Float32Array(width * height).fill(3);
    const { band } = bandOf([flat, flat], width, height);
    assertEquals([band.length, band.repeats.length, [...band.signal]], [0, 0, [0, 0]]);
  }
});

Deno.test("braggPower grows with the square of the contrast over the noise", () => {
  const images = [lattice(1, 10, 20), lattice(2, 20, 20)];
  const { set, band } = bandOf(images);
  const weak = new Float64Array(band.bragg.length), strong = new Float64Array(band.bragg.length);
  braggPower(set, band.bragg, 0, weak);
  braggPower(set, band.bragg, 1, strong);
  // noise of Poisson counts grows a little with the columns, too
  assertAtLeast(strong[0] / weak[0], 3);
  assertAtMost(strong[0] / weak[0], 4.2);
});

Deno.test("windowOverlap is 1 without a shift, linear between pixels, and 0 beyond the image", () => {
  const { band } = bandOf([lattice(1)]);
  assertClose(windowOverlap(band, 0, 0), 1, 1e-12);
  const half = windowOverlap(band, 10.5, 0);
  assertClose(half, (windowOverlap(band, 10, 0) + windowOverlap(band, 11, 0)) / 2, 1e-12);
  assertClose(windowOverlap(band, -10.5, 0), half, 1e-12);
  assertEquals(windowOverlap(band, 0, 96), 0);
});
