/**
 * The fast Fourier transform: against its definition on a small image, and at the sizes in use.
 *
 * @module
 */
import { createFft2Plan, createRandom, fft2InPlace, inverseFft2InPlace } from "@core/kernels";
import { slowDft2 } from "../tests/support/reference/slow_dft.ts";

function noise(n: number): Float64Array {
  const random = createRandom(1);
  return Float64Array.from({ length: n }, () => random() - 0.5);
}

{
  const re = noise(4096), im = noise(4096);
  const plan = createFft2Plan(64, 64);
  Deno.bench("by definition, 64 x 64", { group: "64 x 64", baseline: true }, () => {
    slowDft2(re, im, 64, 64);
  });
  Deno.bench("fft2InPlace and back, 64 x 64", { group: "64 x 64" }, () => {
    fft2InPlace(plan, re, im);
    inverseFft2InPlace(plan, re, im);
  });
}

// forward and back in every round, so that the numbers stay of one size
for (const size of [256, 1024]) {
  const group = `${size} x ${size}, forward and back`;
  const run = (width: number) => {
    const plan = createFft2Plan(width, width);
    const re = noise(width * width), im = noise(width * width);
    return () => {
      fft2InPlace(plan, re, im);
      inverseFft2InPlace(plan, re, im);
    };
  };
  Deno.bench(`${size}: radix 4`, { group, baseline: true }, run(size));
  const smooth = size === 256 ? 250 : 1000;
  Deno.bench(`${smooth}: mixed radix`, { group }, run(smooth));
  const prime = size === 256 ? 251 : 1021;
  Deno.bench(`${prime}: chirp`, { group }, run(prime));
}
