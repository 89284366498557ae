/**
 * The k-d tree and the matching of found and true positions: a lattice with half a pixel of error,
 * random points, and the dense worst case, beside the slow way.
 *
 * Run: `deno bench -A benchmarks/matching_bench.ts`
 *
 * @module
 */
import {
  createKdTree,
  createRandom,
  mutualNearest,
  nearestDistances,
  strictMatching,
} from "../core/kernels/mod.ts";

const random = createRandom(1);

/** n points of a square lattice of spacing 10 px, each displaced by up to `error` px. */
function latticePoints(n: number, error: number): [Float64Array, Float64Array] {
  const side = Math.ceil(Math.sqrt(n));
  const shift = () => error * (2 * random() - 1);
  return [
    Float64Array.from({ length: n }, (_, i) => 10 * (i % side) + shift()),
    Float64Array.from({ length: n }, (_, i) => 10 * Math.floor(i / side) + shift()),
  ];
}

function randomPoints(n: number): [Float64Array, Float64Array] {
  const side = 10 * Math.sqrt(n);
  const draw = () => Float64Array.from({ length: n }, () => side * random());
  return [draw(), draw()];
}

/** Nearest neighbors by trying all pairs. */
function nearestDistancesSlowly(x: Float64Array, y: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) {
    let best = Infinity;
    for (let j = 0; j < x.length; j++) {
      const d = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2;
      if (j !== i && d < best) best = d;
    }
    out[i] = Math.sqrt(best);
  }
}

const [x2000, y2000] = latticePoints(2000, 0.5);
const [x20000, y20000] = latticePoints(20_000, 0.5);
const distances = new Float64Array(20_000);
const partner = new Int32Array(20_000);

Deno.bench("every nearest neighbor of 2 000, all pairs", {
  group: "nearest neighbors",
  baseline: true,
}, () => nearestDistancesSlowly(x2000, y2000, distances));
Deno.bench("every nearest neighbor of 2 000, k-d tree", {
  group: "nearest neighbors",
}, () => nearestDistances(x2000, y2000, distances));
Deno.bench("every nearest neighbor of 20 000, k-d tree", {
  group: "nearest neighbors",
}, () => nearestDistances(x20000, y20000, distances));
Deno.bench("build the tree of 20 000", { group: "nearest neighbors" }, () => {
  createKdTree(x20000, y20000);
});

const truth = latticePoints(20_000, 0);
const noise = randomPoints(20_000), otherNoise = randomPoints(20_000);
const dense = randomPoints(500), otherDense = randomPoints(500);
const all = 1e4;

Deno.bench("strict, lattice of 20 000, a third of the spacing", { group: "matching" }, () => {
  strictMatching(x20000, y20000, ...truth, 3.5, partner);
});
Deno.bench("strict, lattice of 20 000, the whole spacing", { group: "matching" }, () => {
  strictMatching(x20000, y20000, ...truth, 10, partner);
});
Deno.bench("strict, 20 000 random, a third of the spacing", { group: "matching" }, () => {
  strictMatching(...noise, ...otherNoise, 3.5, partner);
});
Deno.bench("strict, 20 000 random, twice the spacing", { group: "matching" }, () => {
  strictMatching(...noise, ...otherNoise, 20, partner);
});
Deno.bench("strict, 500 by 500 random, all within the radius", { group: "matching" }, () => {
  strictMatching(...dense, ...otherDense, all, partner);
});
Deno.bench("mutual nearest, 20 000 random", { group: "matching" }, () => {
  mutualNearest(...noise, ...otherNoise, partner);
});
