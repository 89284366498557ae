import type { ParamValues, Peaks } from "@core";
import { assertClose, assertEquals, assertFails } from "@assert";
import { autoLabel } from "../../../plugins/annotation/auto_label.ts";
import { columnsAt } from "../../support/columns.ts";
import { testContext } from "../../support/context.ts";

const DEFAULTS = { matchRadius: 0.35, keep: "agreed", leastAgreement: 0.9 } as const;

/** A square lattice of 10 px, 10 by 10. */
const X = Array.from({ length: 100 }, (_, i) => 10 * (i % 10) + 5);
const Y = Array.from({ length: 100 }, (_, i) => 10 * Math.floor(i / 10) + 5);

function peaksAt(x: readonly number[], y: readonly number[]): Peaks {
  const columns = {
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    height: new Float64Array(x.length).fill(1),
  };
  return { length: x.length, columns, units: { x: "px", y: "px", height: "counts" } };
}

async function label(
  peaks: Peaks,
  params: Partial<ParamValues<typeof autoLabel.params>> = {},
  columns = columnsAt(X, Y),
) {
  const context = testContext();
  const outputs = await autoLabel.run({ columns, peaks }, { ...DEFAULTS, ...params }, context);
  return { ...outputs, warnings: context.warnings };
}

Deno.test("annotation.auto-label keeps the labeler's positions where a peak confirms them", async () => {
  const peaks = peaksAt(X.map((x) => x + 1).slice(3), Y.map((y) => y - 1).slice(3));
  const { columns, summary, warnings } = await label(peaks);
  assertEquals([...columns.columns.x], X.slice(3));
  assertEquals([...columns.columns.y], Y.slice(3));
  assertEquals(summary.agreed, 97);
  assertClose(summary.agreement, 0.97, 1e-12);
  assertEquals([summary.spacing, summary.matchRadius], [10, 3.5]);
  assertEquals(warnings, []);
});

Deno.test("a peak beyond the match radius confirms nothing, and none confirms two", async () => {
  assertEquals((await label(peaksAt(X.map((x) => x + 3.6), Y))).columns.length, 0);
  assertEquals((await label(peaksAt([5, 6], [5, 5]))).columns.length, 1);
});

Deno.test("keep: either marks columns without a peak as weak, and leaves other doubts", async () => {
  const plain = columnsAt(X, Y);
  const status = X.map((_, i) => i === 0 ? "edge" : "ok");
  const given = { ...plain, columns: { ...plain.columns, status } };
  const { columns } = await label(
    peaksAt(X.slice(2), Y.slice(2)),
    { keep: "either" },
    given,
  );
  assertEquals(columns.length, 100);
  assertEquals(columns.columns.status.slice(0, 3), ["edge", "weak", "ok"]);
});

Deno.test("a labeler and FindFoci that disagree give a warning", async () => {
  const { warnings } = await label(peaksAt(X.slice(20), Y.slice(20)));
  assertEquals(warnings, [{
    code: "LABELS_DISAGREE",
    message: "Labeler and FindFoci agree on 80 % of 100 columns and peaks; do not train on it",
  }]);
});

Deno.test("annotation.auto-label refuses a labeler that found nothing", async () => {
  await assertFails(
    () => label(peaksAt(X, Y), {}, columnsAt([5], [5])),
    "PEAKS_EMPTY",
    "Cannot label an image: expected at least 2 columns found by the labeler, got 1; use the labeler of " +
      "this structure and magnification, or lower its filterLowerBound",
  );
});

Deno.test("too many pairs within the match radius are an error that says so", async () => {
  const heap = Array.from({ length: 2500 }, (_, i) => i * 1e-4);
  const lattice = Array.from({ length: 2600 }, (_, i) => i);
  const x = [...lattice.map((i) => 100 + 10 * (i % 51)), ...heap];
  const y = [...lattice.map((i) => 100 + 10 * Math.floor(i / 51)), ...heap];
  await assertFails(
    () => label(peaksAt(heap, heap), {}, columnsAt(x, y)),
    "SIZE_LIMIT",
    "Cannot pair columns with peaks: expected a few pairs each within the match radius, got 5100 " +
      "columns and 2500 peaks, all close together; lower matchRadius",
  );
});
