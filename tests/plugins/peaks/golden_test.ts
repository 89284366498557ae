/**
 * The 58 cases of the reference program (`tests/golden/findfoci`), every column of every peak.
 *
 * Images are made by the generator the manifest's authors give: s = 16807 s mod (2^31 - 1), v = s mod
 * 256, then the mean of the 3 x 3 (D: 3 x 3 x 3) box with clamped edges, in whole numbers.
 *
 * @module
 */
import { assertEquals, assertTrue } from "@assert";
import { type ReferenceCase, type ReferenceRow, runReferenceCase } from "../../golden/findfoci.ts";

const FOLDER = new URL("../../golden/findfoci/", import.meta.url);

/** Blurs agree to 1.3e-7; sums and differences of pixels lose a little. */
const RELATIVE = 1e-6;

interface Manifest {
  readonly name: string;
  readonly image: "A" | "B" | "C" | "D";
  readonly depth: number;
  readonly options: ReferenceCase["options"];
  readonly peaks: number;
}

const cases: Manifest[] = JSON.parse(Deno.readTextFileSync(new URL("manifest.json", FOLDER)));

/** Cases of each image that must be there; all are covered. */
const EXPECTED_NAMES = [
  ...Array.from({ length: 50 }, (_, k) => `A${String(k).padStart(2, "0")}`),
  ...["B50", "B51", "B52", "C53", "C54", "D55", "D56", "D57"],
];

function boxMeans(seed: number, width: number, height: number, slices: number): Int32Array {
  let s = seed;
  const raw = Int32Array.from({ length: width * height * slices }, () => {
    s = s * 16807 % 2147483647;
    return s % 256;
  });
  const clamp = (v: number, n: number) => Math.min(n - 1, Math.max(0, v));
  const near = slices > 1 ? [-1, 0, 1] : [0];
  return raw.map((_, i) => {
    const x = i % width, y = Math.floor(i / width) % height, z = Math.floor(i / (width * height));
    let sum = 0;
    for (const c of near) {
      for (const b of [-1, 0, 1]) {
        for (const a of [-1, 0, 1]) {
          sum += raw[
            (clamp(z + c, slices) * height + clamp(y + b, height)) * width + clamp(x + a, width)
          ];
        }
      }
    }
    return Math.floor(sum / (9 * near.length));
  });
}

const a = boxMeans(1, 64, 64, 1);
const flat = { width: 64, height: 64, slices: 1 };
const images = {
  A: { ...flat, pixels: a },
  B: { ...flat, pixels: a.map((v) => v >> 3) },
  C: { ...flat, pixels: a.map((v) => v - 128) },
  D: { width: 20, height: 20, slices: 6, pixels: boxMeans(7, 20, 20, 6) },
};

function goldenRows(name: string): { columns: string[]; rows: number[][] } {
  const text = Deno.readTextFileSync(new URL(`${name}.csv`, FOLDER));
  const [head, ...lines] = text.trim().split("\n");
  return { columns: head.split(","), rows: lines.map((line) => line.split(",").map(Number)) };
}

Deno.test("the golden cases are all there", () => {
  assertEquals(cases.map(({ name }) => name), EXPECTED_NAMES);
});

for (const { name, image, depth, options, peaks } of cases) {
  Deno.test(`findFoci equals the reference in case ${name}`, () => {
    const found = runReferenceCase({ ...images[image], bits: depth, options });
    const { columns, rows } = goldenRows(name);
    assertEquals([found.length, rows.length], [peaks, peaks]);
    if (found.length > 0) assertEquals(Object.keys(found[0]), columns);
    rows.forEach((row, k) =>
      columns.forEach((column, c) => {
        const value = found[k][column as keyof ReferenceRow];
        const isEqual = Object.is(value, row[c]) ||
          Math.abs(value - row[c]) <= RELATIVE * Math.abs(row[c]);
        assertTrue(isEqual, `row ${k}, ${column}: ${value}, expected ${row[c]}`);
      })
    );
  });
}
