/**
 * Readers meet anything: random bytes, cut files, flipped bits. They give a result or a typed error.
 */
import fc from "fast-check";
import { assertTrue } from "@assert";
import { AdatomError, createImage, createTable } from "../../core/mod.ts";
import { builtinFormats } from "../../plugins/mod.ts";
import { formatContext } from "../support/format.ts";

const RUNS = 60;

const image = createImage({
  width: 9,
  height: 7,
  sourceType: "uint16",
  data: Float32Array.from({ length: 63 }, (_, i) => (i * 7919) % 65536),
  pixelSize: { x: 0.02, y: 0.02, unit: "nm" },
});
const table = createTable({ x: Float64Array.of(1.5, 2.5), y: Float64Array.of(3, 4) });

async function typedOrFine(read: () => Promise<unknown>): Promise<void> {
  try {
    await read();
  } catch (error) {
    assertTrue(error instanceof AdatomError && error.exitCode === 2, String(error));
  }
}

for (const format of builtinFormats) {
  const valid = async (): Promise<Uint8Array | undefined> =>
    format.write === undefined
      ? undefined
      : await format.write((format.kind === "image" ? [image] : table) as never);

  Deno.test(`fuzz: ${format.id} survives random bytes`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        await typedOrFine(() => format.read(bytes, formatContext()));
      }),
      { numRuns: RUNS },
    );
  });

  Deno.test(`fuzz: ${format.id} survives cut files and flipped bits`, async () => {
    const whole = await valid();
    if (whole === undefined) return;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(whole.length),
        fc.array(fc.nat(8 * whole.length - 1), { maxLength: 4 }),
        async (length, flips) => {
          const bytes = whole.slice();
          for (const bit of flips) bytes[bit >> 3] ^= 1 << (bit & 7);
          await typedOrFine(() => format.read(bytes, formatContext()));
          await typedOrFine(() => format.read(bytes.slice(0, length), formatContext()));
        },
      ),
      { numRuns: RUNS },
    );
  });
}
