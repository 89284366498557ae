/**
 * The summary of one exposure set: everything `dataset.json` and the report say of it, as plain
 * JSON values in a fixed order.
 *
 * @module
 */
import {
  COLUMN_STATUSES,
  type Columns,
  type ColumnStatus,
  type PixelSize,
  type SampleType,
  type Table,
} from "@core";
import { meanNearestDistance } from "@core/kernels";
import {
  labeledExposures,
  type SetParameter,
  type SetParts,
  type SetSource,
  type SetWarning,
} from "./_set_parts.ts";

/** Statuses that say a label may be wrong; at the edge it is only less exact. */
export const DOUBTFUL: readonly ColumnStatus[] = ["weak", "moved", "diverged", "overlap"];

/** How many labels have each status. */
export type StatusCounts = Readonly<Record<ColumnStatus, number>>;

/** The paths of the files of one exposure, relative to the set. */
export interface ExposureFiles {
  readonly image: string;
  readonly labels: string;
  readonly atomid: string;
  readonly rois: string;
  readonly target: string;
  readonly overlay: string;
}

/** One exposure as `dataset.json` shows it. */
export interface ExposureSummary {
  readonly exposure: number;
  readonly kept: boolean;
  readonly source: { readonly file: string; readonly page: number; readonly sha256: string };
  readonly window: Readonly<Record<"x" | "y" | "width" | "height", number>>;
  readonly drift: Readonly<Record<"x" | "y" | "error" | "sign", number>> & {
    readonly ambiguous: boolean;
  };
  readonly ranking: Readonly<Record<string, number | string | null>>;
  readonly duplicate: {
    readonly of: number;
    readonly correlation: number | null;
    readonly doseRatio: number | null;
    readonly reason: string;
  } | null;
  readonly columns: number;
  readonly statuses: StatusCounts;
  readonly target: { readonly meanSpacing: number | null; readonly sigma: number };
  readonly files: ExposureFiles | null;
}

/** One exposure set as `dataset.json` shows it. */
export interface SetSummary {
  readonly name: string;
  readonly region: string;
  readonly sampleType: SampleType;
  readonly pixelSize: PixelSize | null;
  /** Size of the exposures as read, px. */
  readonly recorded: { readonly width: number; readonly height: number };
  /** Size of the cropped images, px. */
  readonly width: number;
  readonly height: number;
  readonly chosen: number;
  readonly exposuresRead: number;
  readonly exposuresKept: number;
  /** Labels over all exposures kept. */
  readonly columns: number;
  readonly statuses: StatusCounts;
  readonly exposures: readonly ExposureSummary[];
  readonly dropped: {
    readonly columns: number;
    readonly x: readonly number[];
    readonly y: readonly number[];
  };
  readonly parameters: readonly SetParameter[];
  readonly warnings: readonly SetWarning[];
}

/** Sums up one set. */
export function summarizeSet(parts: SetParts, targetSigma: number): SetSummary {
  const exposures = labeledExposures(parts).map(({ exposure, kept, stem }) => ({
    exposure,
    kept,
    source: sourceOf(parts.sources[exposure]),
    window: windowOf(parts, exposure),
    drift: driftOf(parts, exposure),
    ranking: rowOf(parts.ranking, exposure),
    duplicate: duplicateOf(parts, exposure),
    columns: parts.labels[exposure].length,
    statuses: countStatuses([parts.labels[exposure]]),
    target: targetOf(parts, exposure, targetSigma),
    files: kept ? filesOf(stem) : null,
  }));
  const kept = exposures.filter((e) => e.kept);
  const { width, height, sourceType, pixelSize } = parts.cropped.images[parts.chosen];
  const recorded = parts.original.images[parts.chosen];
  return {
    name: parts.name,
    region: parts.region ?? parts.name,
    sampleType: sourceType,
    pixelSize: pixelSize && { x: pixelSize.x, y: pixelSize.y, unit: pixelSize.unit },
    recorded: { width: recorded.width, height: recorded.height },
    width,
    height,
    chosen: parts.chosen,
    exposuresRead: exposures.length,
    exposuresKept: kept.length,
    columns: kept.reduce((sum, e) => sum + e.columns, 0),
    statuses: countStatuses(kept.map((e) => parts.labels[e.exposure])),
    exposures,
    dropped: {
      columns: parts.dropped.length,
      x: Array.from(parts.dropped.columns.x, hundredths),
      y: Array.from(parts.dropped.columns.y, hundredths),
    },
    parameters: parts.parameters.map(({ step, stage, version, name, value, origin }) => (
      { step, stage, version, name, value, origin }
    )),
    warnings: parts.warnings.map(({ step, code, message }) => ({ step, code, message })),
  };
}

/** How many labels of some tables have each status, every status listed. */
export function countStatuses(tables: readonly Columns[]): StatusCounts {
  const counts = Object.fromEntries(COLUMN_STATUSES.map((status) => [status, 0]));
  for (const table of tables) {
    for (const status of table.columns.status) counts[status]++;
  }
  return counts as StatusCounts;
}

/** The sum of some counts of statuses. */
export function addStatuses(all: readonly StatusCounts[]): StatusCounts {
  const sum = (status: ColumnStatus) => all.reduce((total, counts) => total + counts[status], 0);
  return Object.fromEntries(COLUMN_STATUSES.map((s) => [s, sum(s)])) as StatusCounts;
}

/** How many labels are doubtful. */
export function countDoubtful(counts: StatusCounts): number {
  return DOUBTFUL.reduce((sum, status) => sum + counts[status], 0);
}

function filesOf(stem: string): ExposureFiles {
  return {
    image: `images/${stem}.tif`,
    labels: `labels/${stem}.csv`,
    atomid: `labels/atomid/${stem}.csv`,
    rois: `labels/${stem}.zip`,
    target: `targets/${stem}.tif`,
    overlay: `overlays/${stem}.png`,
  };
}

/** Only the last part of a path may leave the machine. */
function sourceOf(source: SetSource): ExposureSummary["source"] {
  const file = source.path.slice(
    Math.max(source.path.lastIndexOf("/"), source.path.lastIndexOf("\\")) + 1,
  );
  return { file, page: source.page, sha256: source.sha256 };
}

function windowOf(parts: SetParts, i: number): ExposureSummary["window"] {
  const { x, y, width, height } = parts.windows.columns;
  return { x: x[i], y: y[i], width: width[i], height: height[i] };
}

function driftOf(parts: SetParts, i: number): ExposureSummary["drift"] {
  const { x, y, error, sign, ambiguous } = parts.drift.columns;
  return { x: x[i], y: y[i], error: error[i], sign: sign[i], ambiguous: ambiguous[i] !== 0 };
}

function duplicateOf(parts: SetParts, i: number): ExposureSummary["duplicate"] {
  const { of, correlation, doseRatio, reason } = parts.duplicates.columns;
  if (!(of[i] >= 0)) return null;
  return {
    of: of[i],
    correlation: finite(correlation[i]),
    doseRatio: finite(doseRatio[i]),
    reason: reason[i],
  };
}

/** All columns of one row but the exposure's number. */
function rowOf(table: Table, row: number): Record<string, number | string | null> {
  const entries = Object.entries(table.columns).filter(([name]) => name !== "exposure");
  return Object.fromEntries(entries.map(([name, column]) => {
    const value = column[row];
    return [name, typeof value === "number" ? finite(value) : value];
  }));
}

/**
 * The sigma of an exposure's confidence map. A lone column has no neighbor: its map takes the
 * spacing of the labeled exposure, or else the width of the column itself.
 */
function targetOf(parts: SetParts, i: number, targetSigma: number): ExposureSummary["target"] {
  const spacing = spacingOf(parts.labels[i]);
  const other = spacing > 0 ? spacing : spacingOf(parts.labels[parts.chosen]);
  const width = parts.labels[i].columns.sigmaX[0];
  const sigma = other > 0 ? targetSigma * other : width > 0 && Number.isFinite(width) ? width : 1;
  return { meanSpacing: finite(spacing), sigma };
}

function spacingOf(columns: Columns): number {
  return meanNearestDistance(columns.columns.x, columns.columns.y);
}

const finite = (value: number) => Number.isFinite(value) ? value : null;
const hundredths = (value: number) => Math.round(value * 100) / 100;
