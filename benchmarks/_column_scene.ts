/**
 * Counted images of lattices with exact truth, for measuring refinement.
 *
 * @module
 */
import { createImage, createTable, type Image, type Peaks } from "../core/mod.ts";
import { createRandom, normalRandom, poissonRandom, precisionOfAxes } from "../core/kernels/mod.ts";

/** What to draw; lengths in px, counts at a column's top above the background. */
export interface SceneOptions {
  readonly spacing: number;
  /** Geometric mean of the widths. */
  readonly sigma: number;
  readonly counts: number;
  readonly background: number;
  /** Larger width over smaller, at an angle of each column's own; 1 unless told. */
  readonly ellipticity?: number;
  /** Background that rises from 0 to twice its mean across the image. */
  readonly sloped?: boolean;
  /** Scatter of the columns around the lattice, as a share of the spacing; 0.03 unless told. */
  readonly scatter?: number;
  /** No noise. */
  readonly quiet?: boolean;
}

/** Positions and shapes. */
export interface TrueColumns {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** Precision matrices, three numbers each. */
  readonly shape: Float64Array;
}

/** The background at a share of the image's width. */
export function backgroundAt({ background, sloped }: SceneOptions, share: number): number {
  return sloped ? 2 * share * background : background;
}

/** So that no fit gains by drawing columns toward the lattice. */
const SCATTER = 0.03;

/** A square lattice turned by 0.1 rad, so that all sub-pixel phases occur, as large as asked. */
export function drawScene(options: SceneOptions & { columns: number }, seed: number) {
  const { spacing, sigma, counts, columns } = options;
  const random = createRandom(seed);
  const inside = Math.ceil(Math.sqrt(columns) * spacing);
  const margin = 2 * spacing;
  const size = Math.ceil(inside + 2 * margin);
  const x: number[] = [], y: number[] = [];
  const c = Math.cos(0.1), s = Math.sin(0.1);
  const reach = Math.ceil(size / spacing);
  const shiftX = spacing * random(), shiftY = spacing * random();
  for (let i = -reach; i <= 2 * reach; i++) {
    for (let j = -2 * reach; j <= 2 * reach; j++) {
      const off = (options.scatter ?? SCATTER) * spacing;
      const px = spacing * (c * i - s * j) + shiftX + off * normalRandom(random);
      const py = spacing * (s * i + c * j) + shiftY + off * normalRandom(random);
      const near = px > -3 * spacing && py > -3 * spacing && px < size + 3 * spacing &&
        py < size + 3 * spacing;
      if (near) {
        x.push(px);
        y.push(py);
      }
    }
  }
  const shape = shapesOf(options, x.length, random);
  const mean = new Float64Array(size * size);
  for (let k = 0; k < mean.length; k++) mean[k] = backgroundAt(options, (k % size) / size);
  for (let i = 0; i < x.length; i++) {
    addColumn(mean, size, size, x[i], y[i], counts, shape.subarray(3 * i), 7 * sigma);
  }
  const data = Float32Array.from(mean, (m) => options.quiet ? m : poissonRandom(m, random));
  const kept = [...x.keys()].filter((i) =>
    x[i] >= 0 && y[i] >= 0 && x[i] <= size - 1 && y[i] <= size - 1
  );
  const truth: TrueColumns = {
    x: Float64Array.from(kept, (i) => x[i]),
    y: Float64Array.from(kept, (i) => y[i]),
    shape: Float64Array.from(kept.flatMap((i) => [...shape.subarray(3 * i, 3 * i + 3)])),
  };
  const image: Image = createImage({ width: size, height: size, data });
  const inner = (i: number) =>
    truth.x[i] > 1.5 * spacing && truth.y[i] > 1.5 * spacing &&
    truth.x[i] < size - 1 - 1.5 * spacing && truth.y[i] < size - 1 - 1.5 * spacing;
  return { image, truth, inner };
}

/** Precision matrices: circles, or ellipses at any angle. */
export function shapesOf(
  { sigma, ellipticity = 1 }: SceneOptions,
  count: number,
  random: () => number,
): Float64Array {
  const shape = new Float64Array(3 * count);
  const long = sigma * Math.sqrt(ellipticity), short = sigma / Math.sqrt(ellipticity);
  for (let i = 0; i < count; i++) {
    precisionOfAxes(long, short, ellipticity === 1 ? 0 : Math.PI * random(), shape, 3 * i);
  }
  return shape;
}

function addColumn(
  mean: Float64Array,
  width: number,
  height: number,
  x: number,
  y: number,
  top: number,
  p: Float64Array,
  reach: number,
): void {
  for (
    let v = Math.max(0, Math.ceil(y - reach));
    v <= Math.min(height - 1, Math.floor(y + reach));
    v++
  ) {
    for (
      let u = Math.max(0, Math.ceil(x - reach));
      u <= Math.min(width - 1, Math.floor(x + reach));
      u++
    ) {
      const dx = u - x, dy = v - y;
      mean[v * width + u] += top *
        Math.exp(-0.5 * (p[0] * dx * dx + 2 * p[1] * dx * dy + p[2] * dy * dy));
    }
  }
}

/** Peaks uniform in a disc around each column, inside the image. */
export function startsNear(
  truth: TrueColumns,
  { width, height }: Image,
  radius: number,
  seed: number,
): Peaks {
  const random = createRandom(seed);
  const n = truth.x.length;
  const x = new Float64Array(n), y = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const angle = 2 * Math.PI * random(), r = radius * Math.sqrt(random());
    x[i] = Math.min(width - 1, Math.max(0, truth.x[i] + r * Math.cos(angle)));
    y[i] = Math.min(height - 1, Math.max(0, truth.y[i] + r * Math.sin(angle)));
  }
  return createTable({ x, y, height: new Float64Array(n).fill(1) });
}
