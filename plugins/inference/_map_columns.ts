/**
 * The table of columns decoded from a confidence map.
 *
 * @module
 */
import { COLUMN_COLUMNS, type Columns, type ColumnStatus, createTable, type Image } from "@core";
import { medianNearestDistance } from "@core/kernels";
import { type Decoded, decodeMap } from "./_decode.ts";
import { VOUCHED, vouchedFor } from "./_vouching.ts";

/** How a confidence map becomes columns; the parameters of both stages that do so. */
export const DECODE_PARAMS = {
  filterLowerBound: {
    type: "number",
    auto: true,
    default: "auto",
    minimum: 0,
    maximum: 1,
    description: "Least confidence of a column; auto = 0.4 among the columns of a lattice, 0.65 " +
      "beside some, 0.75 alone",
  },
  filterWindowSize: {
    type: "integer",
    default: 8,
    minimum: 2,
    maximum: 32,
    unit: "px",
    description:
      "Side of the window in which the most confident pixel counts; below a spacing of " +
      "8 px it shrinks with the spacing",
  },
  overlap: {
    type: "number",
    default: 0.3,
    minimum: 0,
    maximum: 1,
    level: "advanced",
    description: "Of two columns whose boxes, as large as the spacing, overlap by more of their " +
      "common area the more confident one stays",
  },
} as const;

/** Values of {@linkcode DECODE_PARAMS}. */
export interface DecodeValues {
  readonly filterLowerBound: number | "auto";
  readonly filterWindowSize: number;
  readonly overlap: number;
}

/** Windows are as given from this spacing on, px. */
const WINDOW_SPACING = 8;

/**
 * The columns in a confidence map, the most confident first.
 *
 * @param spacing px; NaN where it is not known: then it is the median distance of neighboring maxima
 */
export function columnsOfMap(map: Image, spacing: number, values: DecodeValues): Columns {
  const size = spacing > 0 ? spacing : spacingOfMap(map, values);
  const maxima = maximaOfMap(map, size, boundOf(values, VOUCHED.among), values);
  const isAuto = values.filterLowerBound === "auto";
  return tableOf(isAuto ? vouchedFor(maxima, size, map.width * map.height) : maxima, map, size);
}

/** What could be columns in a confidence map: all maxima of at least a confidence, the most confident first. */
export function maximaOfMap(
  map: Image,
  spacing: number,
  lowerBound: number,
  values: DecodeValues,
): Decoded {
  const { filterWindowSize, overlap } = values;
  const window = filterWindowSize * Math.min(1, spacing / WINDOW_SPACING);
  return decodeMap(map.data, map.width, map.height, { lowerBound, window, box: spacing, overlap });
}

function boundOf({ filterLowerBound }: DecodeValues, auto: number): number {
  return filterLowerBound === "auto" ? auto : filterLowerBound;
}

/** The median distance of the surer maxima to the nearest other one, px; 8 with fewer than two. */
function spacingOfMap(map: Image, values: DecodeValues): number {
  const { filterWindowSize: window, overlap } = values;
  const lowerBound = boundOf(values, VOUCHED.beside);
  const { x, y } = decodeMap(map.data, map.width, map.height, {
    lowerBound,
    window,
    box: 0,
    overlap,
  });
  return x.length < 2 ? WINDOW_SPACING : medianNearestDistance(x, y);
}

function tableOf(
  { x, y, height, sigma }: Decoded,
  map: Image,
  spacing: number,
): Columns {
  const n = x.length;
  const all = (value: number) => new Float64Array(n).fill(value);
  const margin = spacing / 2;
  const status = Array.from(x, (px, i): ColumnStatus => {
    const inside = Math.min(px, map.width - 1 - px, y[i], map.height - 1 - y[i]);
    return inside < margin ? "edge" : "ok";
  });
  return createTable({
    x,
    y,
    sigmaX: sigma,
    sigmaY: sigma.slice(),
    angle: all(0),
    height,
    background: all(0),
    volume: height.map((h, i) => 2 * Math.PI * h * sigma[i] ** 2),
    errorX: all(NaN),
    errorY: all(NaN),
    status,
  }, { ...COLUMN_COLUMNS, height: "1", background: "1", volume: "px^2" });
}
