import { assertAtMost, assertClose, assertEquals } from "@assert";
import { createRandom, medianNearestDistance, normalRandom } from "@core/kernels";
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
  assertClose(measuredSpacing(lattice(9, 10).columns, 10), 9, 1e-12);
});

Deno.test("gaps do not count, nor do few columns", () => {
  const alone = (i: number) => i === 0 || i % 10 > 4; // the first has no neighbor within 5 spacings
  assertClose(measuredSpacing(lattice(9, 10, alone).columns, 10), 9, 1e-12);
  assertEquals(measuredSpacing(lattice(9, 4).columns, 10), 10);
  assertEquals(measuredSpacing(columnsAt([], []).columns, NaN), NaN);
});

/** What places off by 6 % of the spacing may leave; between single neighbors it is 9 %. */
const NOISY = 0.015;

Deno.test("places that are off do not make the spacing small", () => {
  const random = createRandom(5), size = 24, spacing = 9;
  const x: number[] = [], y: number[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      x.push(spacing * (column + row / 2) + 0.06 * spacing * normalRandom(random));
      y.push(spacing * row * Math.sqrt(0.75) + 0.06 * spacing * normalRandom(random));
    }
  }
  assertClose(measuredSpacing(columnsAt(x, y).columns, 10), spacing, NOISY * spacing);
  assertAtMost(medianNearestDistance(Float64Array.from(x), Float64Array.from(y)), 0.92 * spacing);
});

Deno.test("a measure far from the prediction is not believed", () => {
  assertEquals(measuredSpacing(lattice(9, 10).columns, 20), 20);
  assertEquals(measuredSpacing(lattice(9, 10).columns, 5), 5);
});
