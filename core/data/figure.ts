/**
 * Figures: plots as plain data, which the host draws.
 *
 * A stage that has something to show declares an output `{ ...FIGURE_PORT, description }` and gives
 * a {@linkcode Figure}. Beside `<port>.json` a run then writes `<port>.svg`.
 *
 * @module
 */

/** A figure of one or more panels side by side. */
export interface Figure {
  readonly title: string;
  /** A sentence or two below the panels. */
  readonly caption?: string;
  readonly panels: readonly FigurePanel[];
}

/** One pair of axes and what is drawn in it. */
export interface FigurePanel {
  readonly title: string;
  readonly x: FigureAxis;
  readonly y: FigureAxis;
  /** Both axes have the same scale, so that a circle is round. */
  readonly equal?: boolean;
  /** Drawn in this order; what has a label is in the legend. */
  readonly series: readonly FigureSeries[];
  /** Lines across the panel. */
  readonly guides?: readonly FigureGuide[];
}

/** An axis: what is on it, and from where to where. */
export interface FigureAxis {
  readonly label: string;
  readonly unit?: string;
  /** Linear unless told; a logarithmic axis leaves out what is not positive. */
  readonly scale?: "linear" | "log";
  /** Ends of the axis; what the series need unless told. */
  readonly from?: number;
  readonly to?: number;
}

/** Numbers drawn in one way; `x` and `y` are of one length. */
export interface FigureSeries {
  /** Bars stand on 0; each reaches halfway to the next. */
  readonly kind: "line" | "points" | "bars";
  readonly label?: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Half the height of the error bar of each point. */
  readonly error?: readonly number[];
  /** For what is expected rather than measured. */
  readonly dashed?: boolean;
  /** Index of a color, so that one thing looks the same in all panels; the series' own unless told. */
  readonly color?: number;
}

/** A thin line across a panel at a value of one axis. */
export interface FigureGuide {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly label?: string;
}

/** Colors that can be told apart: index from 0 up to this. */
export const FIGURE_COLORS = 8;

const text = { type: "string" } as const;
const numbers = { type: "array", items: { type: "number" } } as const;

const axis = {
  type: "object",
  required: ["label"],
  additionalProperties: false,
  properties: {
    label: text,
    unit: text,
    scale: { enum: ["linear", "log"] },
    from: { type: "number" },
    to: { type: "number" },
  },
} as const;

const series = {
  type: "object",
  required: ["kind", "x", "y"],
  additionalProperties: false,
  properties: {
    kind: { enum: ["line", "points", "bars"] },
    label: text,
    x: numbers,
    y: numbers,
    error: numbers,
    dashed: { type: "boolean" },
    color: { type: "integer", minimum: 0, maximum: FIGURE_COLORS - 1 },
  },
} as const;

const guide = {
  type: "object",
  required: ["axis", "at"],
  additionalProperties: false,
  properties: { axis: { enum: ["x", "y"] }, at: { type: "number" }, label: text },
} as const;

const panel = {
  type: "object",
  required: ["title", "x", "y", "series"],
  additionalProperties: false,
  properties: {
    title: text,
    x: axis,
    y: axis,
    equal: { type: "boolean" },
    series: { type: "array", items: series },
    guides: { type: "array", items: guide },
  },
} as const;

/**
 * The declaration of a port for a figure, but for its description.
 *
 * @example
 * ```ts
 * import { defineStage, FIGURE_PORT } from "@core";
 * import { assertEquals } from "@assert";
 *
 * const parabola = defineStage({
 *   id: "lab.parabola",
 *   version: "1.0.0",
 *   api: "^1.1",
 *   summary: "Draws a parabola",
 *   inputs: {},
 *   outputs: { plot: { ...FIGURE_PORT, description: "y against x" } },
 *   params: {},
 *   run: () => ({
 *     plot: {
 *       title: "Parabola",
 *       panels: [{
 *         title: "",
 *         x: { label: "x", unit: "px" },
 *         y: { label: "y" },
 *         series: [{ kind: "line", x: [0, 1, 2], y: [0, 1, 4] }],
 *       }],
 *     },
 *   }),
 * });
 * assertEquals(parabola.outputs.plot.type, "adatom.figure");
 * ```
 */
export const FIGURE_PORT = {
  kind: "json",
  type: "adatom.figure",
  schema: {
    type: "object",
    required: ["title", "panels"],
    additionalProperties: false,
    properties: { title: text, caption: text, panels: { type: "array", items: panel } },
  },
} as const;
