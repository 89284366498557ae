import { assertAtMost, assertClose, assertTrue } from "@assert";
import { createRandom } from "@core/kernels";
import { pictureSize, takePictures } from "../../../plugins/simulation/_pictures.ts";
import {
  type ColumnProfile,
  columnProfile,
  electronWavelength,
  type Optics,
} from "../../../plugins/simulation/_probe.ts";
import { atomSigma } from "../../../plugins/simulation/_scattering.ts";
import type { Atoms } from "../../../plugins/simulation/_structures.ts";

const perfect: Optics = {
  ...{ voltage: 80, convergence: 27.5, defocus: 0, spherical: 0 },
  ...{ twofold: 0, twofoldAngle: 0, threefold: 0, threefoldAngle: 0 },
};
const detection = { voltage: 80, detectorInner: 60, detectorOuter: 200 };
const upright = { mxx: 1, mxy: 0, myx: 0, myy: 1 };
const still = { source: 0, thermal: 0, leanX: 0, leanY: 0 };
const one = (element: string, count = 1, pitch = 0) => ({
  atoms: [{ element, count, pitch }] as readonly Atoms[],
  strength: 1,
});

interface Golden {
  readonly detectorMrad: readonly [number, number];
  readonly depthNm: number;
  readonly stepNm: number;
  readonly voltageKv: number;
  readonly convergenceMrad: number;
  readonly profiles: readonly {
    readonly column: string;
    readonly defocusNm: number;
    readonly motionNm: number;
    readonly intensity: readonly number[];
  }[];
}

/** Profiles by abTEM 1.0.11; make.py there says how. */
const golden: Golden = JSON.parse(
  Deno.readTextFileSync(new URL("../../golden/abtem/profiles.json", import.meta.url)),
);

/** Columns of the golden file; 2H MoS2 has its sulfur atoms 0.313 nm apart. */
const COLUMNS: Readonly<Record<string, ReturnType<typeof one>>> = {
  ...{ C: one("C"), O: one("O"), S: one("S"), S2: one("S", 2, 0.313), Sr: one("Sr") },
  ...{ Mo: one("Mo"), W: one("W"), Re: one("Re"), Au: one("Au") },
};

/** Our profile of a column at the radii of the golden file, and the largest value. */
function ours({ column, defocusNm, motionNm, intensity }: Golden["profiles"][number]) {
  const [detectorInner, detectorOuter] = golden.detectorMrad;
  const lens = {
    ...perfect,
    ...{ voltage: golden.voltageKv, convergence: golden.convergenceMrad },
    // abTEM counts defocus from where the beam enters.
    defocus: defocusNm - golden.depthNm,
  };
  const pictures = takePictures(
    [COLUMNS[column]],
    lens,
    { ...still, thermal: motionNm },
    { voltage: golden.voltageKv, detectorInner, detectorOuter },
    upright,
    golden.stepNm,
    0,
  );
  const [{ values, size, perPixel }] = pictures.profiles, half = size / 2;
  // Beyond the picture there is less than 1e-4 of the top.
  const profile = intensity.map((_, i) =>
    i * perPixel < half ? values[half * size + half + i * perPixel] : 0
  );
  return { profile, top: pictures.tops[0] };
}

/** The issue asks for 5 %. What is left beyond focus is the depth of the atom's own potential. */
const GOLDEN_RMS = 0.01;

Deno.test("takePictures: radial profiles of nine columns at three defoci as abTEM has them", () => {
  for (const row of golden.profiles) {
    const { profile } = ours(row);
    const square = profile.reduce((sum, v, i) => {
      return sum + (v - row.intensity[i] / row.intensity[0]) ** 2;
    }, 0);
    const rms = Math.sqrt(square / profile.length);
    assertAtMost(rms, GOLDEN_RMS, `${row.column} at ${row.defocusNm} nm`);
  }
});

/** Screened nuclei are off by up to 3.6 % (oxygen), the gain of pairs by 3 %, defocus by 2 %. */
const GOLDEN_RATIO = 0.06;

Deno.test("takePictures: heights of nine columns to each other as abTEM has them", () => {
  const scale = golden.profiles.filter(({ column }) => column === "Mo")
    .map((row) => row.intensity[0] / ours(row).top).reduce((sum, ratio) => sum + ratio / 3, 0);
  for (const row of golden.profiles) {
    const ratio = ours(row).top * scale / row.intensity[0];
    assertClose(ratio, 1, GOLDEN_RATIO, `${row.column} at ${row.defocusNm} nm`);
  }
});

/** Samples are float32, and pairs of kinds share a transform. */
const TWIN = 2e-3;

Deno.test("takePictures: the picture is that of columnProfile, but for the interpolation", () => {
  const random = createRandom(5);
  for (let round = 0; round < 5; round++) {
    const lens: Optics = {
      ...perfect,
      ...{ defocus: 12 * random() - 6, spherical: 2 * random(), twofold: 4 * random() },
      ...{ twofoldAngle: Math.PI * random(), threefold: 60 * random(), threefoldAngle: random() },
    };
    const blur = { ...still, source: 0.03, thermal: 0.007 }, pixel = 0.01 + 0.04 * random();
    const { size, step, perPixel } = pictureSize(lens, blur, pixel, 0);
    const all = Math.hypot(blur.source, blur.thermal, atomSigma(detection));
    const twin = columnProfile(lens, all, step, size, perPixel);
    const [picture] = takePictures([one("Mo")], lens, blur, detection, upright, pixel, 0).profiles;
    const half = size / 2, inner = picture.size / 2;
    for (let y = -inner; y < inner; y++) {
      for (let x = -inner; x < inner; x++) {
        const value = picture.values[(y + inner) * picture.size + x + inner];
        assertClose(value, twin.values[(y + half) * size + x + half], TWIN);
      }
    }
  }
});

Deno.test("takePictures: all of the beam is there, whatever the lens does to it", () => {
  const blur = { ...still, source: 0.03 }, pixel = 0.02;
  const amount = (lens: Optics) => {
    const { profiles: [{ values, perPixel }], tops: [top] } = takePictures(
      ...[[one("Mo")], lens, blur, detection, upright, pixel, 0] as const,
    );
    const samples = values.reduce((sum, v) => sum + v, 0);
    return top * samples * (pixel / perPixel) ** 2;
  };
  const focused = amount(perfect);
  for (const change of [{ defocus: 5 }, { defocus: -9 }, { twofold: 5 }, { threefold: 100 }]) {
    // What lies below 1e-4 of the top is cut off.
    assertClose(amount({ ...perfect, ...change }) / focused, 1, 0.01, JSON.stringify(change));
  }
});

/** A profile at a place, px from its center, by linear interpolation. */
function valueAt({ values, size, perPixel }: ColumnProfile, x: number, y: number): number {
  const fx = x * perPixel + size / 2, fy = y * perPixel + size / 2;
  const u = Math.floor(fx), v = Math.floor(fy), a = fx - u, b = fy - v, i = v * size + u;
  return (1 - b) * ((1 - a) * values[i] + a * values[i + 1]) +
    b * ((1 - a) * values[i + size] + a * values[i + size + 1]);
}

Deno.test("takePictures: a moving specimen shears the picture as it does the columns", () => {
  const lens = { ...perfect, defocus: 3 }, blur = { ...still, source: 0.03 }, pixel = 0.01;
  const frame = { mxx: 1.1, mxy: 0.07, myx: -0.02, myy: 0.93 };
  const kinds = [one("Mo")];
  const plain = takePictures(kinds, lens, blur, detection, upright, pixel, 0);
  const moved = takePictures(kinds, lens, blur, detection, frame, pixel, 0);
  const at = ({ profiles }: typeof plain, x: number, y: number) => valueAt(profiles[0], x, y);
  for (let k = 0; k < 40; k++) {
    const r = 0.15 * k, x = r * Math.cos(k), y = r * Math.sin(k);
    const there = [frame.mxx * x + frame.mxy * y, frame.myx * x + frame.myy * y] as const;
    // Linear interpolation on both sides.
    assertClose(at(moved, ...there), at(plain, x, y), 0.01);
  }
});

Deno.test("takePictures: atoms over each other in a tilted column make a row", () => {
  const blur = { ...still, source: 0.03, leanX: 0.2, leanY: 0.1 }, pixel = 0.01;
  const kinds = [one("Mo"), one("Mo", 20, 0.3), one("S", 2, 0.3)];
  const { sigmaX, sigmaY, angle, profiles } = takePictures(
    ...[kinds, perfect, blur, detection, upright, pixel, 5.7] as const,
  );
  // A single atom stays round, a row gets longer in its direction and not wider.
  assertClose(sigmaX[0] / sigmaY[0], 1, 1e-3);
  assertClose(angle[1], Math.atan2(0.1, 0.2), 1e-3);
  // but for the rings of the Airy pattern, which add up beside it.
  assertClose(sigmaY[1], sigmaY[0], 0.07 * sigmaY[0]);
  const length = 20 * 0.3 * Math.hypot(0.2, 0.1) / pixel;
  assertTrue(sigmaX[1] > 0.25 * length && sigmaX[1] < 0.6 * length);
  // Two atoms are twice the picture of one.
  const dx = 0.5 * 0.3 * 0.2 / pixel, dy = 0.5 * 0.3 * 0.1 / pixel;
  const pair = (x: number, y: number) =>
    valueAt(profiles[0], x - dx, y - dy) + valueAt(profiles[0], x + dx, y + dy);
  for (let k = 0; k < 40; k++) {
    const x = 0.2 * k * Math.cos(k), y = 0.2 * k * Math.sin(k);
    // The profile is scaled to its largest value, in the middle of atoms as close as these.
    assertClose(valueAt(profiles[2], x, y), pair(x, y) / pair(0, 0), 0.01);
  }
  assertTrue(profiles[1].size > profiles[0].size);
});

Deno.test("takePictures: atoms that move more are wider and less bright, species by species", () => {
  const moving = (element: string, motion: number) => ({
    ...{ strength: 1, atoms: [{ element, count: 1, pitch: 0, motion }] },
  });
  const kinds = [moving("Mo", 0.006), moving("Mo", 0.02), one("Mo"), moving("S", 0.02)];
  const blur = { ...still, source: 0.03, thermal: 0.006 };
  const { sigmaX, tops, profiles } = takePictures(
    ...[kinds, perfect, blur, detection, upright, 0.01, 0] as const,
  );
  assertAtMost(sigmaX[0], 0.95 * sigmaX[1]);
  assertClose(sigmaX[2], sigmaX[0], 1e-9);
  assertClose(sigmaX[3], sigmaX[1], 1e-9);
  assertAtMost(tops[1], 0.95 * tops[0]);
  // A wider picture of the same light.
  const light = [0, 1].map((k) => tops[k] * profiles[k].values.reduce((sum, v) => sum + v, 0));
  assertClose(light[1] / light[0], 1, 0.01);
});

Deno.test("takePictures: a longer wavelength and a smaller aperture make wider pictures", () => {
  const width = (change: Partial<Optics>) => {
    const lens = { ...perfect, ...change };
    const given = [[one("Mo")], lens, still, { ...detection, voltage: lens.voltage }] as const;
    return takePictures(...given, upright, 0.01, 0).sigmaX[0];
  };
  const ratio = electronWavelength(80) / electronWavelength(200);
  // The atom's own size grows with the wavelength as well.
  assertClose(width({}) / width({ voltage: 200 }), ratio, 0.01);
  assertTrue(width({ convergence: 20 }) > 1.3 * width({}));
});
