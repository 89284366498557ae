import { assertEquals } from "@assert";
import { createTable } from "@core";
import { median, readTruth } from "../../../procedures/bench_detectors/truth.ts";

const RULES = { faintRatio: 0.4, faintSpecies: [] };

/** Columns 4 px apart along x, of these species and heights. */
function columns(species: readonly string[], height?: readonly number[]) {
  const x = Float64Array.from(species, (_, i) => 4 * i);
  const y = new Float64Array(species.length);
  const heights = height === undefined ? {} : { height: Float64Array.from(height) };
  return createTable({ x, y, species, ...heights });
}

Deno.test("readTruth leaves out whole species below the ratio, one faint column of a bright one stays", () => {
  const truth = readTruth(columns(["Mo", "S2", "Mo", "S2"], [10, 3, 2, 3.5]), RULES);
  // medians 6 and 3.25: sulfur stays, though one molybdenum is fainter than it
  assertEquals([truth.heavy.length, truth.faint], [4, []]);
  const strict = readTruth(columns(["Mo", "S2", "Mo", "S2"], [10, 3, 9, 3.5]), RULES);
  assertEquals(strict.isFaint, [false, true, false, true]);
  assertEquals([strict.faint, strict.heavy.length, strict.spacing], [["S2"], 2, 8]);
});

Deno.test("readTruth does not let a rare bright species make the others faint", () => {
  const species = [...new Array(99).fill("Mo"), "W"];
  const truth = readTruth(columns(species, [...new Array(99).fill(1), 2.6]), RULES);
  assertEquals([truth.heavy.length, truth.faint], [100, []]);
});

Deno.test("readTruth goes by sublattice without species, and takes dark columns by their depth", () => {
  const { x, y, height } = columns(["", "", "", ""], [-9, -2, -9, -2]).columns;
  const sublattice = Float64Array.of(0, 1, 0, 1);
  const table = createTable({ x, y, height: height!, sublattice });
  assertEquals(readTruth(table, RULES).faint, ["1"]);
});

Deno.test("readTruth leaves out named species, and nothing else without heights", () => {
  const table = columns(["Mo", "S2", "Mo", "S2"]);
  assertEquals(readTruth(table, RULES).heavy.length, 4);
  assertEquals(readTruth(table, { ...RULES, faintSpecies: ["S2"] }).faint, ["S2"]);
  const alone = createTable({ x: Float64Array.of(3), y: Float64Array.of(4) });
  assertEquals(readTruth(alone, RULES).spacing, null);
});

Deno.test("median is the middle, or the mean of the two in the middle", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
});
