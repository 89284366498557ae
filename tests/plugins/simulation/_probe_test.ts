import { assertAtLeast, assertAtMost, assertClose, assertEquals, assertTrue } from "@assert";
import { createRandom } from "@core/kernels";
import { nearestGaussian } from "../../../plugins/simulation/_nearest_gaussian.ts";
import {
  addProfilesInPlace,
  addWarpedProfilesInPlace,
  type ColumnProfile,
  columnProfile,
  electronWavelength,
  type Optics,
  profileSigma,
} from "../../../plugins/simulation/_probe.ts";

const perfect: Optics = {
  ...{ voltage: 80, convergence: 25, defocus: 0, spherical: 0 },
  ...{ twofold: 0, twofoldAngle: 0, threefold: 0, threefoldAngle: 0 },
};
const SIZE = 256, STEP = 0.01;

const profileOf = (change: Partial<Optics> = {}, blur = 0) =>
  columnProfile({ ...perfect, ...change }, blur, STEP, SIZE, 1);

/** A value by its distance from the center, samples. */
const at = ({ values, size }: ColumnProfile, x: number, y: number) =>
  values[(size / 2 + y) * size + size / 2 + x];

/** Bessel's function J1 by its integral, by the midpoint rule, which is exact here. */
function besselJ1(x: number): number {
  const n = 200;
  let sum = 0;
  for (let k = 0; k < n; k++) {
    const t = Math.PI * (k + 0.5) / n;
    sum += Math.cos(t - x * Math.sin(t));
  }
  return sum / n;
}

Deno.test("electronWavelength is that of the tables", () => {
  // pm, from Kirkland's table of relativistic wavelengths.
  const table = [[60, 4.866], [80, 4.176], [100, 3.701], [200, 2.508], [300, 1.969]];
  for (const [kV, pm] of table) assertClose(electronWavelength(kV), pm / 1000, 1e-6);
});

Deno.test("columnProfile: without aberrations and blur it is Airy's pattern", () => {
  const profile = profileOf();
  for (let i = 1; i < 60; i++) {
    const x = 2 * Math.PI * 25e-3 / electronWavelength(80) * i * STEP;
    const airy = (2 * besselJ1(x) / x) ** 2;
    // The aperture's edge falls between samples of 1 / 2.56 nm.
    assertClose(at(profile, i, 0), airy, 0.005);
    assertClose(at(profile, 0, -i), airy, 0.005);
  }
});

Deno.test("columnProfile: defocus widens alike on both sides of focus, but with spherical aberration", () => {
  const over = profileOf({ defocus: 5 }), under = profileOf({ defocus: -5 });
  // Samples are float32.
  over.values.forEach((v, i) => assertClose(v, under.values[i], 1e-6));
  assertAtLeast(profileSigma(over), 1.2 * profileSigma(profileOf()));
  const one = profileOf({ defocus: 5, spherical: 20 });
  const other = profileOf({ defocus: -5, spherical: 20 });
  assertAtLeast(Math.abs(profileSigma(one) - profileSigma(other)), 0.1);
});

Deno.test("columnProfile: defocus against spherical aberration narrows the probe", () => {
  const blurred = profileSigma(profileOf({ spherical: 30 }));
  assertAtMost(profileSigma(profileOf({ spherical: 30, defocus: -8 })), 0.9 * blurred);
});

Deno.test("columnProfile: twofold astigmatism stretches along its angle beyond focus, across it before", () => {
  for (const angle of [0, 0.4, 1.2, 2.5]) {
    const change = { twofold: 4, twofoldAngle: angle };
    for (const [defocus, turn] of [[3, 0], [-3, Math.PI / 2]]) {
      const found = nearestGaussian(profileOf({ ...change, defocus }, 0.03));
      assertAtLeast(found.sigmaX / found.sigmaY, 1.2);
      assertClose(Math.sin(found.angle - angle - turn), 0, 1e-3);
    }
  }
});

Deno.test("columnProfile: threefold astigmatism makes three arms and leaves the middle in place", () => {
  const profile = profileOf({ threefold: 150 }, 0.02);
  const ring = (turn: number) => {
    const radius = 14,
      x = Math.round(radius * Math.cos(turn)),
      y = Math.round(radius * Math.sin(turn));
    return at(profile, x, y);
  };
  const third = 2 * Math.PI / 3;
  const arms = [0, third, 2 * third].map(ring), gaps = [0.5, 1.5, 2.5].map((k) => ring(k * third));
  const [bright, dark] = [arms, gaps].sort((a, b) => b[0] - a[0]);
  assertAtLeast(Math.min(...bright), 1.3 * Math.max(...dark));
  let sum = 0, x = 0, y = 0;
  for (let v = -127; v < 128; v++) {
    for (let u = -127; u < 128; u++) {
      const value = at(profile, u, v);
      sum += value;
      x += value * u;
      y += value * v;
    }
  }
  // Waves at the aperture's edge reach beyond the period.
  assertClose(x / sum, 0, 0.05);
  assertClose(y / sum, 0, 0.05);
});

Deno.test("columnProfile: blur adds its variance near the top of a wide probe", () => {
  const sigma = (blur: number) => nearestGaussian(profileOf({}, blur)).sigmaX * STEP;
  // A wide Gaussian is nearly all of the picture.
  assertClose(sigma(0.2) ** 2, 0.2 ** 2 + sigma(0) ** 2, 0.1 * 0.2 ** 2);
  assertTrue(sigma(0.02) > sigma(0) && sigma(0.04) > sigma(0.02));
});

/** A hump that has no symmetry, in a window of 4 px. */
const hump: ColumnProfile = {
  size: 32,
  perPixel: 4,
  values: Float32Array.from({ length: 32 * 32 }, (_, i) => {
    const x = (i % 32 - 16) / 4, y = (Math.floor(i / 32) - 16) / 4;
    return Math.exp(-x * x - 0.7 * y * y - 0.4 * x * y) * (1 + 0.3 * Math.sin(x + 2 * y));
  }),
};

const WIDTH = 23, HEIGHT = 17;

function columns(random: () => number) {
  const n = 12;
  return {
    x: Float64Array.from({ length: n }, () => (WIDTH + 8) * random() - 4),
    y: Float64Array.from({ length: n }, () => (HEIGHT + 8) * random() - 4),
    tops: Float64Array.from({ length: n }, random),
    rowShift: Float64Array.from({ length: HEIGHT }, () => random() - 0.5),
  };
}

/** The same by the definition, a pixel at a time. */
function slowly(
  { x, y, tops, rowShift }: ReturnType<typeof columns>,
  factor: number,
  beamX: Float64Array,
  { values, size, perPixel }: ColumnProfile,
): Float64Array {
  const out = new Float64Array(WIDTH * HEIGHT), reach = (size / 2 - 1) / perPixel;
  for (let v = 0; v < HEIGHT; v++) {
    for (let u = 0; u < WIDTH; u++) {
      for (let i = 0; i < x.length; i++) {
        const dx = beamX[u] - x[i] - rowShift[v], dy = v - y[i];
        if (Math.abs(dx) > reach || Math.abs(dy) > reach) continue;
        const fx = dx * perPixel + size / 2, fy = dy * perPixel + size / 2;
        const a = Math.floor(fx), b = Math.floor(fy), s = fx - a, t = fy - b;
        const value = (p: number, q: number) => values[q * size + p];
        out[v * WIDTH + u] += factor * tops[i] *
          ((1 - t) * ((1 - s) * value(a, b) + s * value(a + 1, b)) +
            t * ((1 - s) * value(a, b + 1) + s * value(a + 1, b + 1)));
      }
    }
  }
  return out;
}

const straight = Float64Array.from({ length: WIDTH }, (_, u) => u);

Deno.test("addProfilesInPlace and addWarpedProfilesInPlace draw what the definition draws", () => {
  const random = createRandom(8);
  for (let round = 0; round < 20; round++) {
    const given = columns(random), { x, y, tops, rowShift } = given;
    const bent = straight.map((u) => u + 3 * Math.exp(-u / 5));
    const canvas = () => [new Float64Array(WIDTH * HEIGHT), WIDTH, HEIGHT, x, y, tops, 2] as const;
    const whole = canvas();
    addProfilesInPlace(...whole, hump, rowShift, 0, x.length);
    slowly(given, 2, straight, hump).forEach((v, i) => assertClose(whole[0][i], v, 1e-12));
    for (
      const [beamX, perPixel] of [[straight, 4], [bent, 4], [bent, 2.7], [straight, 0.8]] as const
    ) {
      const profile = { ...hump, perPixel }, warped = canvas();
      addWarpedProfilesInPlace(...warped, profile, rowShift, beamX, 0, x.length);
      slowly(given, 2, beamX, profile).forEach((v, i) => assertClose(warped[0][i], v, 1e-12));
    }
  }
});

Deno.test("addProfilesInPlace draws the columns asked for only", () => {
  const { x, y, tops, rowShift } = columns(createRandom(3));
  const parts = new Float64Array(WIDTH * HEIGHT), all = new Float64Array(WIDTH * HEIGHT);
  for (const [first, last] of [[0, 5], [5, 5], [5, 12]]) {
    addProfilesInPlace(parts, WIDTH, HEIGHT, x, y, tops, 1, hump, rowShift, first, last);
  }
  addProfilesInPlace(all, WIDTH, HEIGHT, x, y, tops, 1, hump, rowShift, 0, 12);
  assertEquals(parts, all);
});
