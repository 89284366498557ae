import { assertAtMost, assertClose, assertEquals, assertTrue } from "@assert";
import fc from "fast-check";
import { createRandom, normalRandom } from "../../../core/kernels/random.ts";
import { blobsApart, discOverlap } from "../../../plugins/peaks/_blob_overlap.ts";
import {
  centeredHessianFilter,
  cutHessianFilter,
  hessianBoxes,
  integralImage,
} from "../../../plugins/peaks/_box_hessian.ts";
import {
  reflectedPlaces,
  truncatedCurvature,
  truncatedGaussian,
} from "../../../plugins/peaks/_reflected_convolution.ts";
import {
  differenceFilter,
  laplacianFilter,
  laplacianOfLevel,
  type ScaleFilter,
} from "../../../plugins/peaks/_scale_filters.ts";
import { scaleMaxima } from "../../../plugins/peaks/_scale_maxima.ts";
import { topOffset } from "../../../plugins/peaks/_scale_parabola.ts";

/** Responses are kept in single precision; images here are of order 1. */
const SINGLE = 2e-6;

function randomImage(width: number, height: number, seed: number): Float32Array {
  const random = createRandom(seed);
  return Float32Array.from({ length: width * height }, () => random());
}

function filled(filter: ScaleFilter, scale: number, length: number): Float32Array {
  const out = new Float32Array(length);
  for (let k = 0; k <= scale; k++) filter.fill(k, out, () => {});
  return out;
}

Deno.test("reflectedPlaces repeats the end pixels, back and forth in short lines", () => {
  assertEquals([...reflectedPlaces(3, 5)], [1, 2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0, 1]);
  assertEquals([...reflectedPlaces(1, 2)], [0, 0, 0, 0, 0]);
});

Deno.test("truncated Gaussians sum to one, and flat images respond by what cut curvatures lack", () => {
  const sum = (k: Float64Array) => 2 * k.reduce((a, b) => a + b) - k[0];
  for (const sigma of [0.3, 1, 2.6, 20]) {
    assertEquals(truncatedGaussian(sigma).length, Math.floor(4 * sigma + 0.5) + 1);
    assertClose(sum(truncatedGaussian(sigma)), 1, 1e-14);
  }
  // a Gaussian cut at 4 sigma lacks 2 * 4 * phi(4) = 1.07e-3 of its curvature; wide ones are no sums
  assertClose(sum(truncatedCurvature(50)) * 2500, -1.07e-3, 5e-5);
  const flat = new Float32Array(20 * 20).fill(1);
  for (const sigma of [1, 2.6]) {
    const out = filled(laplacianFilter(flat, 20, 20, Float64Array.of(sigma)), 0, flat.length);
    for (const v of out) assertClose(v, laplacianOfLevel(sigma), SINGLE);
  }
});

/** sigma^2 times the Laplacian, pixel by pixel from the definition. */
function slowLaplacian(data: Float32Array, width: number, height: number, sigma: number) {
  const g = truncatedGaussian(sigma), c = truncatedCurvature(sigma), reach = g.length - 1;
  const px = reflectedPlaces(width, reach), py = reflectedPlaces(height, reach);
  return Float64Array.from(data, (_, i) => {
    const x = i % width, y = Math.floor(i / width);
    let sum = 0;
    for (let v = -reach; v <= reach; v++) {
      for (let u = -reach; u <= reach; u++) {
        const weight = c[Math.abs(u)] * g[Math.abs(v)] + g[Math.abs(u)] * c[Math.abs(v)];
        sum += weight * data[py[y + v + reach] * width + px[x + u + reach]];
      }
    }
    return -sigma * sigma * sum;
  });
}

Deno.test("laplacianFilter is the sum of the definition, in images of any size", () => {
  for (const [width, height] of [[1, 1], [5, 3], [37, 9], [34, 66]]) {
    const data = randomImage(width, height, width);
    // the last goes by Fourier transforms
    const sigmas = Float64Array.of(0.7, 2.3, 6);
    for (const k of [0, 1, 2]) {
      const found = filled(laplacianFilter(data, width, height, sigmas), k, data.length);
      const expected = slowLaplacian(data, width, height, sigmas[k]);
      found.forEach((v, i) => assertClose(v, expected[i], SINGLE * 10, `${width}, ${k}, ${i}`));
    }
  }
});

Deno.test("the response to a Gaussian column is that of the formula, for Laplacians and differences", () => {
  const size = 61, b = 3, middle = 30 * size + 30;
  const data = Float32Array.from({ length: size * size }, (_, i) => {
    const dx = i % size - 30, dy = Math.floor(i / size) - 30;
    return Math.exp(-(dx * dx + dy * dy) / (2 * b * b));
  });
  const sigmas = Float64Array.of(2, 3, 4.5);
  // cut kernels lack the last 3e-4 of a Gaussian
  const CUT = 2e-3;
  for (let k = 0; k < 3; k++) {
    const s2 = sigmas[k] ** 2, wide = 1.5 ** 2 * s2;
    const laplacian = filled(laplacianFilter(data, size, size, sigmas), k, data.length);
    assertClose(laplacian[middle], 2 * s2 * b * b / (b * b + s2) ** 2, CUT);
    if (k === 2) continue;
    const difference = filled(differenceFilter(data, size, size, sigmas, 1.5), k, data.length);
    const expected = (b * b / (b * b + s2) - b * b / (b * b + wide)) / 0.5;
    assertClose(difference[middle], expected, CUT);
  }
});

Deno.test("integralImage sums from the first pixel on", () => {
  assertEquals([...integralImage(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 2)], [1, 3, 6, 5, 12, 21]);
});

Deno.test("the Hessian by centered boxes is symmetric: mirrored and transposed images give the same", () => {
  const width = 41, height = 33, data = randomImage(width, height, 3);
  const sigmas = Float64Array.of(3, 5);
  const mirrored = data.map((_, i) => data[i - i % width + width - 1 - i % width]);
  const turned = Float32Array.from(
    data,
    (_, i) => data[(i % height) * width + Math.floor(i / height)],
  );
  for (const k of [0, 1]) {
    const out = filled(centeredHessianFilter(data, width, height, sigmas), k, data.length);
    const outMirrored = filled(
      centeredHessianFilter(mirrored, width, height, sigmas),
      k,
      data.length,
    );
    const outTurned = filled(centeredHessianFilter(turned, height, width, sigmas), k, data.length);
    for (let i = 0; i < data.length; i++) {
      const x = i % width, y = Math.floor(i / width);
      assertClose(outMirrored[y * width + width - 1 - x], out[i], SINGLE);
      assertClose(outTurned[x * height + y], out[i], SINGLE);
    }
  }
});

Deno.test("the Hessian by cut boxes is the centered one a pixel to the upper left, away from the border", () => {
  const size = 60, data = randomImage(size, size, 4), sigmas = Float64Array.of(3.4, 4);
  for (const k of [0, 1]) {
    const margin = hessianBoxes(sigmas[k]).size + 2;
    const cut = filled(cutHessianFilter(data, size, size, sigmas), k, data.length);
    const centered = filled(centeredHessianFilter(data, size, size, sigmas), k, data.length);
    for (let y = margin; y < size - margin; y++) {
      for (let x = margin; x < size - margin; x++) {
        assertClose(cut[(y - 1) * size + x - 1], centered[y * size + x], SINGLE);
      }
    }
  }
});

Deno.test("the Hessian of a paraboloid is what its curvatures are to boxes", () => {
  const size = 51, sigmas = Float64Array.of(3);
  const data = Float32Array.from({ length: size * size }, (_, i) => {
    const dx = i % size - 25, dy = Math.floor(i / size) - 25;
    return 4000 - 2 * dx * dx - 3 * dy * dy;
  });
  // sides of 3 px whose middles are 3 px off, 5 px high: (2 sum of sides - 2 middle) / 81
  const second = (a: number) => -a * 5 * (2 * (9 * 3 + 2) - 2 * 2) / 81;
  const out = filled(centeredHessianFilter(data, size, size, sigmas), 0, data.length);
  assertClose(out[25 * size + 25], second(2) * second(3), 1e-3);
});

/** Pixels and scales that no neighbor exceeds, from the definition. */
function slowMaxima(slices: readonly Float32Array[], width: number, height: number, least: number) {
  const found: [response: number, pixel: number, scale: number][] = [];
  for (let i = 0; i < width * height; i++) {
    const x = i % width, y = Math.floor(i / width);
    slices.forEach((slice, k) => {
      const near = slices.slice(Math.max(0, k - 1), k + 2).flatMap((other) =>
        Array.from(other).filter((_, n) =>
          Math.abs(n % width - x) <= 1 && Math.abs(Math.floor(n / width) - y) <= 1
        )
      );
      if (slice[i] > least && slice[i] >= Math.max(...near)) found.push([slice[i], i, k]);
    });
  }
  return found.sort((a, b) => b[0] - a[0] || a[1] - b[1] || a[2] - b[2]);
}

Deno.test("scaleMaxima are those of the definition, ties and any number of scales included", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(3, 50),
      fc.nat(),
      (width, height, scales, levels, seed) => {
        const random = createRandom(seed);
        const slices = Array.from(
          { length: scales },
          () => Float32Array.from({ length: width * height }, () => Math.floor(levels * random())),
        );
        const filter = {
          sigmas: Float64Array.from({ length: scales }, (_, k) => 1 + k),
          fill: (k: number, out: Float32Array) => out.set(slices[k]),
        };
        const rule = { least: 0, border: 0, interpolate: false };
        const found = scaleMaxima(filter, width, height, rule, () => {});
        const expected = slowMaxima(slices, width, height, 0);
        assertEquals(
          Array.from(found.pixel, (p, k) => [found.response[k], p, found.scale[k]]),
          expected,
        );
        assertEquals(found.highest, Math.max(...slices.flatMap((s) => [...s])));
        for (const seen of [true, false]) {
          const again = scaleMaxima(
            filter,
            width,
            height,
            { ...rule, interpolate: seen },
            () => {},
          );
          again.x.forEach((x, k) => {
            assertAtMost(Math.abs(x - again.pixel[k] % width), seen ? 0.5 : 0);
            assertAtMost(Math.abs(again.y[k] - Math.floor(again.pixel[k] / width)), seen ? 0.5 : 0);
          });
        }
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("topOffset finds the top of any quadratic in x, y and log sigma, at unequal steps", () => {
  const a = 0.2, b = 0.35, top = { x: 0.31, y: -0.22, t: 0.07 };
  const value = (x: number, y: number, t: number) => {
    const [dx, dy, dt] = [x - top.x, y - top.y, t - top.t];
    return 9 - dx * dx - 1.5 * dy * dy - 8 * dt * dt + 0.4 * dx * dy + 0.7 * dx * dt -
      0.6 * dy * dt;
  };
  const slice = (t: number) =>
    Float32Array.from({ length: 9 }, (_, i) => value(i % 3 - 1, Math.floor(i / 3) - 1, t));
  const out = new Float64Array(3);
  const around = { width: 3, height: 3, here: slice(0), stepBelow: a, stepAbove: b };
  topOffset({ ...around, below: slice(-a), above: slice(b) }, 1, 1, out);
  // pixels are in single precision
  assertClose(out[0], top.x, 1e-5);
  assertClose(out[1], top.y, 1e-5);
  assertClose(out[2], top.t, 1e-5);
  topOffset({ ...around, below: null, above: slice(b) }, 1, 1, out);
  assertEquals(out[2], 0);
  topOffset({ ...around, below: slice(-a), above: slice(b) }, 0, 1, out);
  assertEquals(out[0], 0);
});

Deno.test("discOverlap is the share of the smaller disc, as counted", () => {
  assertEquals(discOverlap(5, 2, 3), 0);
  assertEquals(discOverlap(0.9, 1, 2), 1);
  assertEquals(discOverlap(0, 2, 2), 1);
  for (const [d, r, q] of [[1, 1, 1], [2, 1.5, 1], [2.5, 3, 0.7]]) {
    let inside = 0, all = 0;
    const small = Math.min(r, q), large = Math.max(r, q), step = small / 400;
    for (let y = -small; y <= small; y += step) {
      for (let x = -small; x <= small; x += step) {
        if (x * x + y * y > small * small) continue;
        all++;
        if ((x - d) ** 2 + y * y <= large * large) inside++;
      }
    }
    assertClose(discOverlap(d, r, q), inside / all, 4e-3);
  }
});

Deno.test("blobsApart keeps those that no larger kept one covers, as a comparison of all with all does", () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.integer({ min: 0, max: 120 }),
      fc.constantFrom(0.01, 0.2, 0.5, 0.9, 1),
      (seed, count, overlap) => {
        const random = createRandom(seed);
        const place = () => Float64Array.from({ length: count }, () => Math.floor(60 * random()));
        const x = place(), y = place();
        const sigma = x.map(() => [0.8, 1, 1.6, 4, 9][Math.floor(5 * random())]);
        const order = Array.from(x, (_, k) => k).sort((a, b) => sigma[b] - sigma[a] || b - a);
        const kept: number[] = [];
        for (const k of order) {
          const covers = (n: number) =>
            discOverlap(
              Math.hypot(x[n] - x[k], y[n] - y[k]),
              Math.SQRT2 * sigma[n],
              Math.SQRT2 * sigma[k],
            ) > overlap;
          if (!kept.some(covers)) kept.push(k);
        }
        const found = blobsApart(x, y, sigma, overlap);
        assertEquals(
          [...found].flatMap((isKept, k) => isKept ? [k] : []),
          kept.sort((a, b) => a - b),
        );
      },
    ),
    { numRuns: 300 },
  );
});

Deno.test("blobsApart looks at as many places a blob in ten times as many blobs", () => {
  // counted by reads of places, which a proxy sees
  const reads = (count: number) => {
    const random = createRandom(5), side = Math.sqrt(count) * 4;
    let seen = 0;
    const place = () => {
      const values = Float64Array.from({ length: count }, () => side * random());
      return new Proxy(values, {
        get(target, name) {
          seen++;
          const value = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        },
      });
    };
    const sigma = Float64Array.from(
      { length: count },
      () => 1 + Math.abs(5 * normalRandom(random)),
    );
    blobsApart(place(), place(), sigma, 0.5);
    return seen / count;
  };
  const few = reads(2_000), many = reads(20_000);
  assertTrue(many < 1.5 * few, `${few} and ${many} reads a blob`);
});
