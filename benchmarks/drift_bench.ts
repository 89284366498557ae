/**
 * Drift alignment: ten against twenty exposures, and what one pair costs by a whole transform.
 *
 * The bar: ten exposures of 1024 x 1024 in 1.5 s, twenty in at most 2.5 times that.
 *
 * @module
 */
import {
  createFft2Plan,
  createRandom,
  fft2InPlace,
  inverseFft2InPlace,
  poissonRandom,
} from "@core/kernels";
import type { Image } from "../core/mod.ts";
import { alignment, createHost } from "../mod.ts";

const SIZE = 1024;

/** Exposures of a honeycomb, 3 to 60 counts, drifting by a pixel or two each. */
function exposures(count: number): { readonly images: readonly Image[] } {
  const g = 2 * Math.PI / 20;
  const images = Array.from({ length: count }, (_, e): Image => {
    const random = createRandom(e + 1);
    const counts = 3 * 20 ** (e / Math.max(1, count - 1));
    const [dx, dy] = [1.3 * e, -0.7 * e];
    const data = new Float32Array(SIZE * SIZE);
    for (let i = 0; i < data.length; i++) {
      const x = i % SIZE - dx, y = Math.floor(i / SIZE) - dy;
      const wave = 3 + 2 * (Math.cos(g * x) + Math.cos(g * (x / 2 + 0.866 * y)) +
            Math.cos(g * (x / 2 - 0.866 * y)));
      data[i] = poissonRandom(counts * Math.max(0, wave) / 9, random);
    }
    return { name: "", width: SIZE, height: SIZE, data, sourceType: "float32", pixelSize: null };
  });
  return { images };
}

const host = createHost({ cache: false });
const twenty = exposures(20), ten = { images: twenty.images.slice(0, 10) };
const group = `${SIZE} x ${SIZE}`;

Deno.bench("10 exposures", { group, baseline: true, n: 3, warmup: 1 }, async () => {
  await host.run(alignment.drift, { exposures: ten });
});

Deno.bench("20 exposures", { group, n: 3, warmup: 1 }, async () => {
  await host.run(alignment.drift, { exposures: twenty });
});

{
  const plan = createFft2Plan(SIZE, SIZE);
  const re = Float64Array.from(ten.images[0].data), im = Float64Array.from(ten.images[1].data);
  Deno.bench("one pair by whole transforms, the plain way", { group, n: 3 }, () => {
    fft2InPlace(plan, re, im);
    inverseFft2InPlace(plan, re, im);
  });
}
