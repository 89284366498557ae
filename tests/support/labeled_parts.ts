/**
 * Exposure sets as the labeling procedure would give them, drawn from known lattices, for tests of
 * the labeled set and its report.
 *
 * @module
 */
import type { Columns } from "../../core/data/columns.ts";
import { createImage, type Image, type SampleType } from "../../core/data/image.ts";
import { createTable } from "../../core/data/table.ts";
import type { PixelSize } from "../../core/data/units.ts";
import { createRandom } from "../../core/kernels/random.ts";
import type { SetParts } from "../../plugins/io/labeled_set.ts";
import { latticeImage } from "./lattice_image.ts";

/** What to draw. */
export interface LabeledPartsOptions {
  readonly name: string;
  readonly exposures: number;
  readonly width: number;
  readonly height: number;
  /** Distance of neighboring columns, px. */
  readonly spacing: number;
  /** Drift of exposure `i` is this times `i`, bent a little. */
  readonly step?: readonly [number, number];
  /** Exposures that are duplicates of the one before. */
  readonly duplicates?: readonly number[];
  readonly ambiguous?: boolean;
  readonly pixelSize?: PixelSize | null;
  readonly sourceType?: SampleType;
  readonly seed?: number;
  readonly warnings?: SetParts["warnings"];
}

/** A set with true positions as labels; some are given doubtful statuses to look at. */
export function labeledParts(options: LabeledPartsOptions): SetParts {
  const { name, exposures, width, height, spacing } = options;
  const [stepX, stepY] = options.step ?? [1.3, -0.7];
  const chosen = Math.min(1, exposures - 1);
  const all = Array.from({ length: exposures }, (_, i) => i);
  const driftX = all.map((i) => stepX * (i - chosen) + 0.8 * (Math.sin(i) - Math.sin(chosen)));
  const driftY = all.map((i) =>
    stepY * (i - chosen) + 0.8 * (Math.cos(2 * i) - Math.cos(2 * chosen))
  );
  const random = createRandom(options.seed ?? 5);
  const drawn = all.map((i) =>
    latticeImage({
      width,
      height,
      a: [spacing, 0],
      b: [spacing / 2, spacing * Math.sqrt(3) / 2],
      sigma: 0.2 * spacing,
      background: 20,
      basis: [{ x: 1, y: 1, height: 20 + 40 * ((i * 3) % exposures + 1) / exposures }],
      shift: [driftX[i], driftY[i]],
      seed: 100 + i,
    })
  );
  const original = drawn.map(({ image }, i) => dress(image, `${name}_${i}`, options));
  // Window of exposure i: the region all share, moved by the whole-pixel drift.
  const wholeX = driftX.map(Math.round), wholeY = driftY.map(Math.round);
  const left = Math.max(0, ...wholeX.map((d) => -d)), right = Math.max(0, ...wholeX);
  const up = Math.max(0, ...wholeY.map((d) => -d)), down = Math.max(0, ...wholeY);
  const size = { width: width - left - right, height: height - up - down };
  const windowX = wholeX.map((d) => left + d), windowY = wholeY.map((d) => up + d);
  const duplicate = (i: number) => options.duplicates?.includes(i) ?? false;
  const numbers = (values: number[]) => Float64Array.from(values);
  const score = all.map((i) =>
    3 + 9 * ((i * 3) % exposures + 1) / exposures + (i === chosen ? 20 : 0)
  );
  const order = [...all].sort((a, b) => score[b] - score[a]);
  return {
    name,
    sources: all.map((page) => ({
      path: `${name}.tif`,
      sha256: "0123456789abcdef".repeat(4),
      page,
    })),
    original: { images: original },
    cropped: {
      images: original.map((image, i) =>
        cropped(image, windowX[i], windowY[i], size.width, size.height)
      ),
    },
    labels: all.map((i) =>
      labels(drawn[i].x, drawn[i].y, drawn[i].height, windowX[i], windowY[i], size, spacing, random)
    ),
    windows: createTable({
      exposure: numbers(all),
      x: numbers(windowX),
      y: numbers(windowY),
      width: numbers(all.map(() => size.width)),
      height: numbers(all.map(() => size.height)),
    }),
    drift: createTable({
      exposure: numbers(all),
      x: numbers(driftX),
      y: numbers(driftY),
      error: numbers(all.map((i) => 0.02 + 0.01 * i)),
      sign: numbers(all.map(() => 1)),
      ambiguous: numbers(all.map((i) => options.ambiguous && i > exposures / 2 ? 1 : 0)),
    }),
    chosen,
    ranking: createTable({
      exposure: numbers(all),
      rank: numbers(all.map((i) => order.indexOf(i))),
      score: numbers(score),
      latticeStrength: numbers(score.map((v) => v / 2)),
      sharpness: numbers(score.map((v) => 1 / v)),
      reason: all.map((i) =>
        i === chosen ? "strongest lattice peaks" : "weaker lattice peaks, blurred"
      ),
    }),
    duplicates: createTable({
      exposure: numbers(all),
      keep: numbers(all.map((i) => duplicate(i) ? 0 : 1)),
      of: numbers(all.map((i) => duplicate(i) ? i - 1 : -1)),
      correlation: numbers(all.map((i) => duplicate(i) ? 0.987 : NaN)),
      doseRatio: numbers(all.map((i) => duplicate(i) ? 1.02 : NaN)),
      reason: all.map((i) =>
        duplicate(i) ? `looks like exposure ${i - 1}, which ranks higher` : ""
      ),
    }),
    dropped: labels(
      drawn[chosen].x.map((x) => x + spacing / 2),
      drawn[chosen].y.map((y) => y + spacing * 0.29),
      drawn[chosen].height,
      0,
      0,
      { width, height },
      spacing,
      random,
    ),
    parameters: [
      parameter("find", "peaks.findfoci", "blur", 1.5, "auto"),
      parameter("find", "peaks.findfoci", "minHeight", 0.3, "default"),
      parameter("refine", "refinement.gaussian", "window", "auto", "default"),
      parameter("select", "annotation.select-sublattice", "sublattice", "brightest", "given"),
    ],
    warnings: options.warnings ?? [],
  };
}

function parameter(
  step: string,
  stage: string,
  name: string,
  value: number | string,
  origin: "default" | "given" | "auto",
): SetParts["parameters"][number] {
  return { step, stage, version: "1.0.0", name, value, origin };
}

function dress(image: Image, name: string, options: LabeledPartsOptions): Image {
  const pixelSize = options.pixelSize === undefined
    ? { x: 0.0125, y: 0.0125, unit: "nm" }
    : options.pixelSize;
  return { ...image, name, pixelSize, sourceType: options.sourceType ?? "uint16" };
}

function cropped(image: Image, x: number, y: number, width: number, height: number): Image {
  const data = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (y + row) * image.width + x;
    data.set(image.data.subarray(start, start + width), row * width);
  }
  const { name, sourceType, pixelSize } = image;
  return createImage({ name, width, height, data, sourceType, pixelSize });
}

function labels(
  x: readonly number[],
  y: readonly number[],
  height: readonly number[],
  left: number,
  top: number,
  size: { readonly width: number; readonly height: number },
  spacing: number,
  random: () => number,
): Columns {
  const inside = x.map((_, i) => i).filter((i) =>
    x[i] >= left && y[i] >= top && x[i] <= left + size.width - 1 && y[i] <= top + size.height - 1
  );
  const pick = (values: (i: number) => number) => Float64Array.from(inside, values);
  const border = (i: number) =>
    Math.min(x[i] - left, y[i] - top, left + size.width - 1 - x[i], top + size.height - 1 - y[i]);
  const status = inside.map((i) => {
    const chance = random();
    if (border(i) < spacing / 2) return "edge";
    return ["weak", "moved", "diverged", "overlap"][Math.floor(chance * 100)] ?? "ok";
  });
  return createTable({
    x: pick((i) => x[i] - left),
    y: pick((i) => y[i] - top),
    sigmaX: pick(() => 0.2 * spacing),
    sigmaY: pick(() => 0.2 * spacing),
    angle: pick(() => 0),
    height: pick((i) => height[i]),
    background: pick(() => 20),
    volume: pick((i) => height[i] * 2 * Math.PI * (0.2 * spacing) ** 2),
    errorX: pick(() => 0.04),
    errorY: pick(() => 0.05),
    status,
  }, { x: "px", y: "px" });
}
