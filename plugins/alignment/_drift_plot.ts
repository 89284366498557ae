/**
 * A picture of the drift: its path, its course from exposure to exposure, and how well they agree.
 *
 * @module
 */
import type { Drift, Figure } from "@core";

/** The figure of a drift table with the column `correlation`. */
export function driftPlot({ columns, length }: Drift): Figure {
  const list = (name: string) => Array.from(columns[name] as Float64Array);
  const exposure = list("exposure"), x = list("x"), y = list("y"), error = list("error");
  const unsure = exposure.filter((_, e) => columns.ambiguous[e] === 1);
  const inverted = list("sign").filter((s) => s < 0).length;
  const words = [`${length} exposures`];
  if (unsure.length > 0) words.push(`ambiguous by a lattice vector: ${ranges(unsure)}`);
  if (inverted > 0) words.push(`${inverted} with inverted contrast`);
  const at = (values: readonly number[]) => unsure.map((e) => values[e]);
  const hollow = unsure.length > 0
    ? [{ kind: "points" as const, label: "ambiguous", x: at(x), y: at(y), color: 3 }]
    : [];
  return {
    title: "Drift",
    caption: `${words.join("; ")}.`,
    panels: [
      {
        title: "Path of the specimen",
        x: { label: "x", unit: "px" },
        y: { label: "y", unit: "px" },
        equal: true,
        series: [{ kind: "line", x, y, color: 0 }, { kind: "points", x, y, color: 0 }, ...hollow],
      },
      {
        title: "By exposure",
        x: { label: "exposure" },
        y: { label: "drift", unit: "px" },
        series: [
          { kind: "points", label: "x", x: exposure, y: x, error, color: 0 },
          { kind: "points", label: "y", x: exposure, y, error, color: 1 },
          { kind: "line", x: exposure, y: x, color: 0 },
          { kind: "line", x: exposure, y, color: 1 },
        ],
      },
      {
        title: "Best correlation with another exposure",
        x: { label: "exposure" },
        y: { label: "correlation", from: 0 },
        series: [{ kind: "points", x: exposure, y: list("correlation"), color: 0 }],
      },
    ],
  };
}

/** Numbers in a row as ranges: 1-3, 7. */
function ranges(values: readonly number[]): string {
  const parts: string[] = [];
  for (let k = 0; k < values.length; k++) {
    const from = values[k];
    while (values[k + 1] === values[k] + 1) k++;
    parts.push(values[k] === from ? `${from}` : `${from}-${values[k]}`);
  }
  return parts.join(", ");
}
