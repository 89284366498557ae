/**
 * `dataset.json`: what the labeled set holds and how it was made, for programs.
 *
 * @module
 */
import { COLUMN_STATUSES } from "@core";
import { MARKERS } from "./_overlay.ts";
import type { SetOptions, SplitSide } from "./_set_parts.ts";
import { SPLIT_SIDES } from "./_set_split.ts";
import { addStatuses, countDoubtful, type SetSummary } from "./_set_summary.ts";

/** Grows when a program that reads `dataset.json` has to change. */
const FORMAT_VERSION = 1;

/** The text of `dataset.json`: stable order of keys, no times, no paths but those of the set. */
export function datasetJson(
  sets: readonly SetSummary[],
  sides: readonly SplitSide[],
  options: SetOptions,
): string {
  const statuses = addStatuses(sets.map((set) => set.statuses));
  const namesOn = (side: SplitSide) => sets.filter((_, i) => sides[i] === side).map((s) => s.name);
  const dataset = {
    format: "adatom-labeled-set",
    formatVersion: FORMAT_VERSION,
    title: options.title ?? null,
    license: options.license ?? null,
    citation: options.citation ?? null,
    software: { name: "Adatom", version: options.version },
    conventions: {
      axes: "x to the right, y down; the center of the top-left pixel is (0, 0)",
      exposures: "counted from 0, in the order they were read",
      labels: "in px of the cropped image; xNm and yNm from its top-left pixel, where calibrated",
      window: "the part of the exposure as read that the cropped image shows, in whole px",
      ranking: "the least rank is best",
      drift: "where the specimen moved to, relative to the reference exposure, in px",
      target: "sum over all columns, at their sub-pixel positions, of Gaussians of peak 1",
      dropped: "faint columns left out, in px of the chosen exposure as read",
    },
    polarity: options.polarity,
    targetSigma: options.targetSigma,
    statuses: Object.fromEntries(COLUMN_STATUSES.map((s) => [s, MARKERS[s].meaning])),
    counts: {
      sets: sets.length,
      exposuresRead: sets.reduce((sum, set) => sum + set.exposuresRead, 0),
      exposuresKept: sets.reduce((sum, set) => sum + set.exposuresKept, 0),
      columns: sets.reduce((sum, set) => sum + set.columns, 0),
      doubtful: countDoubtful(statuses),
      statuses,
    },
    split: Object.fromEntries(SPLIT_SIDES.map((side) => [side, namesOn(side)])),
    sets: sets.map((set, i) => {
      const { name, region, ...rest } = set;
      return { name, region, split: sides[i], ...rest };
    }),
  };
  return `${JSON.stringify(dataset, null, 2)}\n`;
}
