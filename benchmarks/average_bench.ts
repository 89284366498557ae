/**
 * Averaging ten exposures of 1024 x 1024 px that moved by fractions of a pixel, by either method, beside
 * the plain way (the Fourier matrix of each line) and scipy.
 *
 * `deno bench -A benchmarks/average_bench.ts`
 *
 * Figures of accuracy are printed first: the miss of one exposure of a lattice without noise, moved by
 * half a pixel, in shares of a column's height. scipy runs where `ADATOM_PYTHON`, or else `python3`, has
 * it: `scipy.ndimage.shift` of order 3 on the same exposures, timed within Python.
 *
 * @module
 */
import { createImage, createTable, type Drift, type Image } from "@core";
import { createRandom, poissonRandom } from "@core/kernels";
import { resolveParams } from "../core/stage/params.ts";
import { average } from "../plugins/alignment/average.ts";
import { testContext } from "../tests/support/context.ts";
import { latticeImage } from "../tests/support/lattice_image.ts";

const SIZE = 1024, COUNT = 10;

function driftOf(x: Float64Array, y: Float64Array): Drift {
  const zero = x.map(() => 0), exposure = x.map((_, e) => e);
  return createTable({ exposure, x, y, error: zero, sign: x.map(() => 1), ambiguous: zero });
}

async function averageOf(images: readonly Image[], drift: Drift, method: "fourier" | "cubic") {
  const { values } = resolveParams(average.params, { method }, average.id);
  const inputs = { exposures: { images }, drift };
  return (await average.run(inputs, values as never, testContext())).average;
}

/** Exposures of a wave pattern of 10 counts, each moved by its own fraction of a pixel. */
const random = createRandom(1);
const driftX = Float64Array.from({ length: COUNT }, (_, e) => 1.3 * e);
const driftY = Float64Array.from({ length: COUNT }, (_, e) => -0.7 * e);
const g = 2 * Math.PI / 20;
const images = Array.from(driftX, (dx, e) => {
  const data = Float32Array.from({ length: SIZE * SIZE }, (_, i) => {
    const x = i % SIZE - dx, y = Math.floor(i / SIZE) - driftY[e];
    return poissonRandom(5 * (2 + Math.cos(g * x) + Math.cos(g * y)) / 2, random);
  });
  return createImage({ width: SIZE, height: SIZE, data });
});
const drift = driftOf(driftX, driftY);

console.log(
  "miss at half a pixel, rms in shares of a column's height, by distance from the border",
);
for (const sigma of [1.5, 2.6, 4]) {
  const options = { width: 256, height: 256, a: [6 * sigma, 0], b: [0, 6 * sigma], sigma } as const;
  const basis = [{ x: 0, y: 0, height: 1 }];
  const make = (shift: readonly [number, number]) =>
    latticeImage({ ...options, basis, background: 0, shift }).image;
  const truth = make([3, 5]), moved = make([2.5, 4.5]);
  const half = driftOf(Float64Array.of(-0.5), Float64Array.of(-0.5));
  for (const method of ["fourier", "cubic"] as const) {
    const found = await averageOf([moved], half, method);
    const misses = [[1, 2], [2, 4], [4, 8], [8, 16], [32, 128]].map(([from, to]) =>
      `${from}-${to - 1} px ${missBetween(found, truth, from, to).toExponential(1)}`
    );
    console.log(`  sigma ${sigma} px, ${method.padEnd(7)} ${misses.join(", ")}`);
  }
}

/** The rms difference of pixels at least `from` px and less than `to` px from the border. */
function missBetween(one: Image, other: Image, from: number, to: number): number {
  let sum = 0, count = 0;
  for (let i = 0; i < one.data.length; i++) {
    const x = i % one.width, y = Math.floor(i / one.width);
    const depth = Math.min(x, y, one.width - 1 - x, one.height - 1 - y);
    if (depth < from || depth >= to) continue;
    sum += (one.data[i] - other.data[i]) ** 2;
    count++;
  }
  return Math.sqrt(sum / count);
}

const PYTHON = `
import sys, time
import numpy, scipy.ndimage
size, count = int(sys.argv[1]), int(sys.argv[2])
drift = numpy.array(sys.argv[3:], float).reshape(count, 2)
stack = numpy.frombuffer(sys.stdin.buffer.read(), numpy.float32).reshape(count, size, size)
best = 1e9
for _ in range(3):
    start = time.perf_counter()
    mean = sum(scipy.ndimage.shift(image, (-y, -x), order=3, mode="mirror")
               for image, (x, y) in zip(stack.astype(float), drift)) / count
    best = min(best, time.perf_counter() - start)
inner = mean[40:-40, 40:-40]
print(best, inner.sum(), (inner * inner).sum())
`;

/** What scipy needs for the same and, as sum and sum of squares inside, gets; `undefined` without it. */
async function scipy(): Promise<number[] | undefined> {
  const python = Deno.env.get("ADATOM_PYTHON") ?? "python3";
  const places = Array.from(driftX, (x, e) => [String(x), String(driftY[e])]).flat();
  try {
    const child = new Deno.Command(python, {
      args: ["-c", PYTHON, String(SIZE), String(COUNT), ...places],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    for (const { data } of images) await writer.write(new Uint8Array(data.buffer as ArrayBuffer));
    await writer.close();
    const { success, stdout } = await child.output();
    return success ? new TextDecoder().decode(stdout).trim().split(" ").map(Number) : undefined;
  } catch {
    return undefined;
  }
}

const peer = await scipy();
if (peer === undefined) {
  console.log("scipy: skipped; set ADATOM_PYTHON to a Python that has it");
} else {
  const ours = await averageOf(images, drift, "cubic");
  let sum = 0, squares = 0;
  for (let y = 40; y < SIZE - 40; y++) {
    for (let x = 40; x < SIZE - 40; x++) {
      const value = ours.data[y * SIZE + x];
      sum += value;
      squares += value * value;
    }
  }
  const off = Math.max(Math.abs(sum / peer[1] - 1), Math.abs(squares / peer[2] - 1));
  console.log(
    `scipy.ndimage.shift, order 3: ${(1000 * peer[0]).toFixed(0)} ms for all (best of 3);`,
  );
  console.log(`  the cubic average of ours agrees with its to ${off.toExponential(1)} inside`);
}

const group = `${COUNT} exposures of ${SIZE} x ${SIZE}`;
const rounds = { group, n: 5, warmup: 1 } as const;
Deno.bench("fourier", { ...rounds, baseline: true }, async () => {
  await averageOf(images, drift, "fourier");
});
Deno.bench("cubic", rounds, async () => {
  await averageOf(images, drift, "cubic");
});

/** The plain way for one exposure: each line times the matrix of its Fourier interpolation. */
Deno.bench("fourier by matrices, 1 exposure", { group, n: 1, warmup: 0 }, () => {
  const { data } = images[1];
  let from = Float64Array.from(data);
  for (const fraction of [0.3, -0.3]) {
    const matrix = Float64Array.from({ length: SIZE }, (_, d) => periodicSinc(d + fraction));
    const to = new Float64Array(SIZE * SIZE);
    for (let y = 0; y < SIZE; y++) {
      for (let x = 0; x < SIZE; x++) {
        let sum = 0;
        for (let k = 0; k < SIZE; k++) {
          sum += matrix[(x - k + SIZE) % SIZE] * from[y * SIZE + k];
        }
        to[x * SIZE + y] = sum; // turned over, for the other axis
      }
    }
    from = to;
  }
});

function periodicSinc(d: number): number {
  return Math.sin(Math.PI * d) / (SIZE * Math.tan(Math.PI * d / SIZE));
}
