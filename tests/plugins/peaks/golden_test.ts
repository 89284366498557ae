/**
 * The 58 cases of the reference program (`tests/golden/findfoci`), every column of every peak.
 *
 * Images: `reference_images.ts`.
 *
 * @module
 */
import { assertEquals, assertTrue } from "@assert";
import { type ReferenceCase, type ReferenceRow, runReferenceCase } from "../../golden/findfoci.ts";
import { images } from "./reference_images.ts";

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
