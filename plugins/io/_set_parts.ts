/**
 * What a labeled set is made from, and the checks on it.
 *
 * @module
 */
import {
  AdatomError,
  COLUMN_STATUSES,
  type Columns,
  type Drift,
  type Exposures,
  type Json,
  type Table,
} from "@core";

/** Where one exposure came from. */
export interface SetSource {
  /** Bare file name, no folder. */
  readonly path: string;
  /** SHA-256 of the file, in hex. */
  readonly sha256: string;
  /** Page of the file, counted from 0. */
  readonly page: number;
}

/** One parameter of one step, as it was used. */
export interface SetParameter {
  /** Id of the step in the pipeline. */
  readonly step: string;
  /** Id of its stage. */
  readonly stage: string;
  /** Version of the stage. */
  readonly version: string;
  /** Name of the parameter. */
  readonly name: string;
  /** The value used. */
  readonly value: Json;
  /** Who set it: the stage, the pipeline, the user, or the data by way of `auto`. */
  readonly origin: "default" | "pipeline" | "given" | "auto";
}

/** A result that is given but doubtful. */
export interface SetWarning {
  /** Id of the step that gave it. */
  readonly step: string;
  /** Stable code of the warning. */
  readonly code: string;
  /** What is doubtful, in words. */
  readonly message: string;
}

/** All that the labeling procedure gives for one exposure set; row or item `i` is exposure `i`. */
export interface SetParts {
  /** Name for people; file names are made from it, see {@linkcode fileStem}. */
  readonly name: string;
  /** Specimen region; sets of one region stay on one side of a split. The name by default. */
  readonly region?: string;
  /** Where each exposure came from. */
  readonly sources: readonly SetSource[];
  /** The exposures as read. */
  readonly original: Exposures;
  /** The exposures, each cropped by its own window. */
  readonly cropped: Exposures;
  /** The verified columns of each exposure, in px of its cropped image. */
  readonly labels: readonly Columns[];
  /** The window of each exposure in px of the image as read. */
  readonly windows: Table<"exposure" | "x" | "y" | "width" | "height">;
  /** The drift of each exposure. */
  readonly drift: Drift;
  /** The exposure that was labeled, counted from 0. */
  readonly chosen: number;
  /** The least rank is best; other number columns say what the score was made from. */
  readonly ranking: Table<"exposure" | "rank" | "score", "reason">;
  /** `keep` is 0 for a duplicate of exposure `of`; `of` is -1 for an exposure like no other. */
  readonly duplicates: Table<"exposure" | "keep" | "of" | "correlation" | "doseRatio", "reason">;
  /** Faint columns that were left out, in px of the chosen exposure as read. */
  readonly dropped: Columns;
  /** Every parameter of every step. */
  readonly parameters: readonly SetParameter[];
  /** What the steps found doubtful. */
  readonly warnings: readonly SetWarning[];
}

/** The three sides of a split. */
export type SplitSide = "train" | "validation" | "test";

/** What is said of the whole set. */
export interface SetOptions {
  /** Version of Adatom. */
  readonly version: string;
  /** Title of the report; made from the names of the sets when left out. */
  readonly title?: string;
  /** License of the set, such as `CC-BY-4.0`. */
  readonly license?: string;
  /** How to cite the set. */
  readonly citation?: string;
  /** Whether columns are bright or dark in the images. */
  readonly polarity: "bright" | "dark";
  /** Sigma of the confidence maps in mean nearest-neighbor distances; 0.25 in the thesis. */
  readonly targetSigma: number;
  /** The side of each set by name, or the share of each side among the regions. */
  readonly split?: Readonly<Record<string, SplitSide>> | Readonly<Record<SplitSide, number>>;
  /** How many sets will come, where they do not come as an array. */
  readonly setCount?: number;
}

/** One exposure in the set: kept, or dropped as a duplicate. */
export interface LabeledExposure {
  /** Counted from 0. */
  readonly exposure: number;
  /** Whether it has files in the set. */
  readonly kept: boolean;
  /** `<set>_<exposure>`, the name of its files. */
  readonly stem: string;
}

/**
 * The name of a set as it stands in file names: characters that some file system refuses, and
 * white space, become hyphens.
 */
export function fileStem(name: string): string {
  const stem = name.normalize("NFC").replace(/[^\p{L}\p{N}._+-]+/gu, "-").replace(
    /^[-.]+|-+$/g,
    "",
  );
  return stem === "" ? "set" : stem;
}

/** The exposures of a set in their order. */
export function labeledExposures(parts: SetParts): LabeledExposure[] {
  const { keep } = parts.duplicates.columns;
  const stem = fileStem(parts.name);
  return Array.from(keep, (kept, exposure) => ({
    exposure,
    kept: kept !== 0,
    stem: `${stem}_${exposure}`,
  }));
}

/**
 * Checks that the parts of a set agree with each other.
 *
 * @throws AdatomError REQUEST_INVALID for parts that differ in length or size, TABLE_VALUE for a
 * label that is no number or of an unknown status
 */
export function checkParts(parts: SetParts): void {
  const wrong = (expected: string, got: string, code: "REQUEST_INVALID" | "TABLE_VALUE") =>
    new AdatomError(code, { cannot: `write set "${parts.name}"`, expected, got });
  const count = parts.original.images.length;
  const lengths: Record<string, number> = {
    sources: parts.sources.length,
    "cropped images": parts.cropped.images.length,
    "label tables": parts.labels.length,
    windows: parts.windows.length,
    "drift rows": parts.drift.length,
    "ranking rows": parts.ranking.length,
    "duplicate rows": parts.duplicates.length,
  };
  for (const [what, length] of Object.entries(lengths)) {
    if (length === count) continue;
    throw wrong(`${count} ${what}, one for each exposure`, `${length}`, "REQUEST_INVALID");
  }
  if (!(Number.isInteger(parts.chosen) && parts.chosen >= 0 && parts.chosen < count)) {
    throw wrong(`a chosen exposure from 0 to ${count - 1}`, `${parts.chosen}`, "REQUEST_INVALID");
  }
  for (let i = 0; i < count; i++) {
    const { width, height } = parts.cropped.images[i];
    const window = parts.windows.columns;
    if (width !== window.width[i] || height !== window.height[i]) {
      const size = `${window.width[i]} x ${window.height[i]} px as its window says`;
      throw wrong(`exposure ${i} of ${size}`, `${width} x ${height} px`, "REQUEST_INVALID");
    }
    const { x, y, status } = parts.labels[i].columns;
    for (let row = 0; row < parts.labels[i].length; row++) {
      if (!(COLUMN_STATUSES as readonly string[]).includes(status[row])) {
        throw wrong(
          `one of ${COLUMN_STATUSES.join(", ")} as status of label ${row} in exposure ${i}`,
          `"${status[row]}"`,
          "TABLE_VALUE",
        );
      }
      if (!(Number.isFinite(x[row]) && Number.isFinite(y[row]))) {
        throw wrong(
          `a finite position of label ${row} in exposure ${i}`,
          `(${x[row]}, ${y[row]})`,
          "TABLE_VALUE",
        );
      }
    }
  }
}
