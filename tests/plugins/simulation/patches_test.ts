import { type ParamsGiven, resolveParams } from "@core";
import {
  createRandom,
  gaussianBlur,
  meanNearestDistance,
  nearestDistances,
  normalRandom,
} from "@core/kernels";
import { assertAtLeast, assertAtMost, assertClose, assertEquals, assertFails } from "@assert";
import { drawPatch } from "../../../plugins/simulation/_patch.ts";
import { layColumns, PATCH_KINDS, ROLE } from "../../../plugins/simulation/_patch_columns.ts";
import {
  judgeAtoms,
  judgeThin,
  type Recording,
  recordPatch,
} from "../../../plugins/simulation/_patch_field.ts";
import { drawTarget, targetSigma } from "../../../plugins/simulation/_patch_target.ts";
import { patches } from "../../../plugins/simulation/patches.ts";
import { testContext } from "../../support/context.ts";

type Given = ParamsGiven<typeof patches.params>;

async function simulate(given: Given, seed = 1) {
  const { values, problems } = resolveParams(patches.params, given, patches.id);
  assertEquals(problems, []);
  return await patches.run({}, values as never, testContext(seed));
}

const WHOLE = { size: 128, lattices: "any", spacingMin: 5, spacingMax: 42 } as const;

Deno.test("simulation.patches gives the same patches for a seed, however many are asked for", async () => {
  const few = await simulate({ count: 3, size: 64 }), more = await simulate({ count: 5, size: 64 });
  assertEquals(few.patches.images, more.patches.images.slice(0, 3));
  assertEquals(few.truth, more.truth.slice(0, 3));
  const other = await simulate({ count: 3, size: 64 }, 2);
  assertEquals(
    few.patches.images[0].data.every((v, i) => v === other.patches.images[0].data[i]),
    false,
  );
});

Deno.test("patches show every kind, spacings over their whole range, and finite pixels", () => {
  const kinds = new Set<string>();
  let least = Infinity, most = 0;
  for (let seed = 0; seed < 120; seed++) {
    const patch = drawPatch(WHOLE, createRandom(seed));
    kinds.add(patch.kind);
    if (patch.kind === "lattice") {
      least = Math.min(least, patch.spacing);
      most = Math.max(most, patch.spacing);
    }
    assertEquals(patch.pixels.every(Number.isFinite), true);
  }
  assertEquals([...kinds].sort(), [...PATCH_KINDS].sort());
  assertAtMost(least, 7);
  assertAtLeast(most, 33);
});

/** Share by which columns must outshine the mean of their patch in the mean of many patches. */
const BRIGHTER = 1.1;

Deno.test("columns stand where patches are bright", () => {
  let ratios = 0, count = 0;
  for (let seed = 0; seed < 60; seed++) {
    const { kind, pixels, columns, counts } = drawPatch(WHOLE, createRandom(1000 + seed));
    if (kind !== "lattice" || counts < 5) continue;
    let sum = 0, n = 0;
    for (let i = 0; i < columns.x.length; i++) {
      const x = Math.round(columns.x[i]), y = Math.round(columns.y[i]);
      if (x < 0 || y < 0 || x > 127 || y > 127 || columns.role[i] !== ROLE.column) continue;
      sum += pixels[y * 128 + x];
      n++;
    }
    if (n === 0) continue;
    ratios += sum / n / (pixels.reduce((a, b) => a + b) / pixels.length);
    count++;
  }
  assertAtLeast(count, 10);
  assertAtLeast(ratios / count, BRIGHTER);
});

/** Stretch, shear, waves and scatter change the mean spacing of one lattice, and of many, so far. */
const DISTORTION = 0.25, MEAN_DISTORTION = 0.1; // any stretch shortens the nearest of six

Deno.test("lattices have the spacing that is asked for", () => {
  for (const lattices of ["any", "2H", "1T''", "held-out"] as const) {
    let sum = 0;
    for (let seed = 0; seed < 25; seed++) {
      const area = { size: 200, margin: 20, spacing: 14, sigma: 3 };
      const { x, y, role } = layColumns("lattice", lattices, area, createRandom(seed));
      const rows = [...role.keys()].filter((i) => role[i] === ROLE.column);
      const mean = meanNearestDistance(
        Float64Array.from(rows, (i) => x[i]),
        Float64Array.from(rows, (i) => y[i]),
      );
      assertClose(mean / 14, 1, DISTORTION, `${lattices}, seed ${seed}`);
      sum += mean / 14;
    }
    assertClose(sum / 25, 1, MEAN_DISTORTION, lattices);
  }
});

Deno.test("held-out lattices have edges of one length: four or five neighbors each", () => {
  const counts = new Set<number>();
  for (let seed = 0; seed < 200 && counts.size < 2; seed++) {
    const area = { size: 160, margin: 0, spacing: 12, sigma: 3 };
    const { x, y } = layColumns("lattice", "held-out", area, createRandom(seed));
    const xs = Float64Array.from(x), ys = Float64Array.from(y);
    const nearest = new Float64Array(x.length);
    nearestDistances(xs, ys, nearest);
    // one that is not distorted
    if (x.length < 50 || nearest.some((distance) => Math.abs(distance - 12) > 1e-6)) continue;
    const neighbors = x.map((v, i) =>
      x.filter((u, j) => Math.abs(Math.hypot(u - v, y[j] - y[i]) - 12) < 1e-6).length
    );
    counts.add(Math.max(...neighbors));
  }
  assertEquals([...counts].sort(), [4, 5]);
});

Deno.test("columns of two layers that no picture tells apart are one, and doubtful where it hardly does", () => {
  const sigma = 3;
  let columns = 0, doubtful = 0;
  for (let seed = 0; seed < 30; seed++) {
    const area = { size: 200, margin: 20, spacing: 14, sigma };
    const { x, y, role } = layColumns("bilayer", "any", area, createRandom(seed));
    const xs = Float64Array.from(x), ys = Float64Array.from(y);
    for (let i = 0; i < x.length; i++) {
      for (let j = 0; j < i; j++) {
        const distance = Math.hypot(xs[i] - xs[j], ys[i] - ys[j]);
        if (role[i] === ROLE.column && role[j] === ROLE.column) {
          assertAtLeast(distance, 2.3 * sigma - 1e-9);
          columns++;
        } else if (role[i] === ROLE.either && role[j] === ROLE.either) doubtful++;
      }
    }
  }
  assertAtLeast(columns, 1000);
  assertAtLeast(doubtful, 10);
});

const QUIET: Recording = {
  counts: 20,
  readNoise: 0,
  rowNoise: 0,
  streaks: 0,
  streakLength: 10,
  blur: 0,
  enlarged: 1,
  repeats: false,
  hotPixels: 0,
  clipped: 0,
  bar: false,
};

/** The mean of 16 384 or 4 096 pixels of Poisson noise around 20 or 80 is as sure as this. */
const MEAN = 0.02;

Deno.test("an enlarged patch has the noise of fewer pixels, each with as many more electrons", () => {
  const size = 128, level = new Float64Array(size * size).fill(1);
  const record = (recording: Recording) => {
    const out = new Float32Array(size * size);
    recordPatch(level, size, recording, createRandom(4), out);
    const mean = out.reduce((sum, v) => sum + v, 0) / out.length;
    let square = 0, product = 0;
    for (let i = 0; i + 1 < out.length; i++) {
      square += (out[i] - mean) ** 2;
      product += (out[i] - mean) * (out[i + 1] - mean);
    }
    return { out, mean, next: product / square };
  };
  const plain = record(QUIET), enlarged = record({ ...QUIET, enlarged: 2 });
  assertClose(plain.mean / 20, 1, MEAN);
  assertClose(enlarged.mean / 80, 1, MEAN);
  assertAtMost(Math.abs(plain.next), 0.05);
  assertAtLeast(enlarged.next, 0.6); // of neighbors
  const { out } = record({ ...QUIET, enlarged: 2, repeats: true });
  for (let i = 0; i < 64; i++) assertEquals(out[2 * i], out[2 * i + 1 + size]);
});

Deno.test("single atoms are to be found where they stand out of counting noise and texture", () => {
  const size = 128, sigma = 2.7, random = createRandom(3);
  const roleOf = (height: number, level: number, texture: number) => {
    const atom = { x: [64], y: [64], height: [height], role: [ROLE.column as number] };
    const grain = Float32Array.from({ length: size * size }, () => normalRandom(random));
    gaussianBlur(grain, size, size, sigma, grain);
    const scale = 2 * Math.sqrt(Math.PI) * sigma * texture; // blurred white noise is so much fainter
    judgeAtoms(atom, Float64Array.from(grain, (v) => level + scale * v), size, sigma, QUIET);
    return atom.role[0];
  };
  // a matched filter leaves noise of sqrt(level / counts / pi) / sigma about
  assertEquals(roleOf(1, 4, 0), ROLE.column);
  assertEquals(roleOf(0.2, 4, 0), ROLE.faint);
  assertEquals(roleOf(1, 4, 0.4), ROLE.faint);
  assertEquals(roleOf(1, 4, 0.02), ROLE.column);
  const roles = Array.from({ length: 40 }, (_, k) => roleOf(0.1 + 0.03 * k, 4, 0));
  assertEquals([...new Set(roles)], [ROLE.faint, ROLE.either, ROLE.column]);
});

Deno.test("thin columns of a particle are to be found where they stand out, and may be found elsewhere", () => {
  const size = 128, sigma = 2.7;
  const rolesAt = (counts: number) => {
    const columns = {
      x: [20, 50, 80, 110],
      y: [64, 64, 64, 64],
      height: [0.15, 0.15, 0.15, 1],
      role: [ROLE.either, ROLE.column, ROLE.faint, ROLE.either] as number[],
    };
    judgeThin(columns, new Float64Array(size * size).fill(0.1), size, sigma, { ...QUIET, counts });
    return columns.role;
  };
  assertEquals(rolesAt(300), [ROLE.column, ROLE.column, ROLE.faint, ROLE.either]);
  assertEquals(rolesAt(3), [ROLE.either, ROLE.column, ROLE.faint, ROLE.either]);
});

Deno.test("drawTarget peaks at columns, is empty at faint ones, and does not count either ones", () => {
  const columns = {
    x: [10, 30, 50],
    y: [20, 20, 20],
    height: [1, 0.4, 0.1],
    role: [ROLE.column, ROLE.either, ROLE.faint],
  };
  const target = new Float32Array(64 * 64), weights = new Float32Array(64 * 64);
  drawTarget(columns, 12, 64, target, weights);
  const at = (map: Float32Array, x: number) => map[20 * 64 + x];
  assertEquals([at(target, 10), at(weights, 10)], [1, 1]);
  assertAtMost(at(target, 30), 1e-6);
  assertEquals(at(weights, 30), 0);
  assertAtMost(at(target, 50), 1e-6);
  assertEquals(at(weights, 50), 1);
  assertEquals([targetSigma(2), targetSigma(12), targetSigma(100)], [1.2, 3, 6]);
});

Deno.test("spacingMin above spacingMax is refused", async () => {
  await assertFails(
    () => simulate({ spacingMin: 20, spacingMax: 10 }),
    "PARAM_CONFLICT",
    "Cannot draw the spacing of patches: expected spacingMin of at most spacingMax, 10 px, got 20 px; " +
      "exchange them",
  );
});
