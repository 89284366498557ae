import { assertClose, assertEquals } from "@assert";
import { measuredSpacing } from "../../../plugins/inference/_measured_spacing.ts";
import { columnsAt } from "../../support/columns.ts";

/** A square lattice of the given spacing; `keeps` says which columns stand. */
function lattice(spacing: number, side: number, keeps: (i: number) => boolean = () => true) {
  const rows = Array.from({ length: side * side }, (_, i) => i).filter(keeps);
  return columnsAt(
    rows.map((i) => spacing * (i % side)),
    rows.map((i) => spacing * Math.floor(i / side)),
  );
}

Deno.test("measuredSpacing is the median between neighbors where columns are many", () => {
  assertClose(measuredSpacing(lattice(9, 10), 10), 9, 1e-12);
});

Deno.test("gaps do not count, nor do few columns", () => {
  const alone = (i: number) => i === 0 || i % 10 > 4; // the first has no neighbor within 5 spacings
  assertClose(measuredSpacing(lattice(9, 10, alone), 10), 9, 1e-12);
  assertEquals(measuredSpacing(lattice(9, 4), 10), 10);
  assertEquals(measuredSpacing(columnsAt([], []), NaN), NaN);
});

Deno.test("a measure far from the prediction is not believed", () => {
  assertEquals(measuredSpacing(lattice(9, 10), 20), 20);
  assertEquals(measuredSpacing(lattice(9, 10), 5), 5);
});
