/**
 * Tables that print a figure beside its bar.
 *
 * @module
 */

/** What a figure must not pass; `near` is a distance from 1. */
export interface Bar {
  readonly most?: number;
  readonly least?: number;
}

/** A table that {@linkcode createBarTable} makes. */
export type BarTable = ReturnType<typeof createBarTable>;

/** Prints columns of fixed width and counts figures that miss their bars. */
export function createBarTable(names: readonly string[], width = 9) {
  let missed = 0;
  const pad = (cells: readonly string[]) =>
    console.log(cells.map((c, i) => i === 0 ? c : c.padStart(width)).join(" "));
  return {
    head(first: string, labelWidth: number) {
      pad([first.padEnd(labelWidth), ...names]);
    },
    row(label: string, labelWidth: number, figures: readonly number[], bars: readonly Bar[]) {
      const cells = figures.map((value, k) => {
        const { most = Infinity, least = -Infinity } = bars[k] ?? {};
        const holds = value <= most && value >= least;
        if (!holds) missed++;
        return `${
          Math.abs(value) < 1e-3 && value !== 0 ? value.toExponential(1) : value.toFixed(4)
        }${holds ? " " : "!"}`;
      });
      pad([label.padEnd(labelWidth), ...cells]);
    },
    bars(labelWidth: number, bars: readonly Bar[]) {
      pad([
        "bar".padEnd(labelWidth),
        ...bars.map(({ most, least }) =>
          most !== undefined && least !== undefined
            ? `${least}-${most}`
            : most !== undefined
            ? `<=${most}`
            : least !== undefined
            ? `>=${least}`
            : ""
        ),
      ]);
    },
    get missed() {
      return missed;
    },
  };
}
