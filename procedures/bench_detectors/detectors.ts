/**
 * The detectors that `adatom bench detectors` compares: add one as a line of the list.
 *
 * @module
 */
import { AdatomError, unknownNameHint } from "../../core/errors.ts";

/** A stage that finds columns, with the parameters it is compared with. */
export interface Detector {
  /** Short, for the command line and for tables. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Id of a stage with an output `peaks` or `columns`. */
  readonly stage: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** What its input `image` is: the image, or the confidence map that AtomID makes of it. */
  readonly looksAt: "image" | "confidence";
  /** Path, or name below `models/`, of what its input `model` is read from; unless told its own. */
  readonly model?: string;
}

/** The stage that makes the confidence maps, in its output `confidence`. */
export const CONFIDENCE_STAGE = "inference.atomid";

const labeler = (name: string, what: string): Detector => ({
  name: `labeler-${name}`,
  title: `labeler ${what}`,
  stage: CONFIDENCE_STAGE,
  looksAt: "image",
  model: `labeler-${name}`,
});

/** As in the thesis's table 3, with its thresholds. */
const onMap = (name: string, title: string, threshold: number): Detector => ({
  name: `${name}-map`,
  title: `${title} on the map`,
  stage: `peaks.${name}`,
  params: { threshold },
  looksAt: "confidence",
});

/** Every detector, in the order tables list them. */
export const DETECTORS: readonly Detector[] = [
  { name: "atomid", title: "AtomID", stage: CONFIDENCE_STAGE, looksAt: "image" },
  labeler("2h-low", "2H, low magnification"),
  labeler("2h-high", "2H, high magnification"),
  labeler("1t-low", "1T'', low magnification"),
  labeler("1t-high", "1T'', high magnification"),
  { name: "findfoci", title: "FindFoci", stage: "peaks.findfoci", looksAt: "image" },
  { name: "find-maxima", title: "Find Maxima", stage: "peaks.find-maxima", looksAt: "image" },
  { name: "log", title: "LoG", stage: "peaks.log", looksAt: "image" },
  { name: "dog", title: "DoG", stage: "peaks.dog", looksAt: "image" },
  { name: "doh", title: "DoH", stage: "peaks.doh", looksAt: "image" },
  onMap("log", "LoG", 0.1),
  onMap("dog", "DoG", 0.1),
  onMap("doh", "DoH", 0.004),
];

/**
 * The detectors of some names, in the order of the list; all of them without names.
 *
 * @throws AdatomError PARAM_RANGE for a name that is not in the list
 */
export function detectorsNamed(names: readonly string[] | undefined): readonly Detector[] {
  if (names === undefined) return DETECTORS;
  for (const name of names) detectorNamed(name);
  return DETECTORS.filter(({ name }) => names.includes(name));
}

/**
 * A detector of the list with parameters of one's own, under a name of its own: `findfoci+trained`.
 *
 * @throws AdatomError PARAM_RANGE for a name that is not in the list
 */
export function detectorWithParams(
  name: string,
  label: string,
  params: Readonly<Record<string, unknown>>,
): Detector {
  const base = detectorNamed(name);
  return {
    ...base,
    name: `${name}+${label}`,
    title: `${base.title} (${label})`,
    params: { ...base.params, ...params },
  };
}

function detectorNamed(name: string): Detector {
  const found = DETECTORS.find((detector) => detector.name === name);
  if (found !== undefined) return found;
  const known = DETECTORS.map((detector) => detector.name);
  throw new AdatomError("PARAM_RANGE", {
    cannot: `bench detector "${name}"`,
    expected: `one of ${known.join(", ")}`,
    got: `"${name}"`,
    hint: unknownNameHint(name, known),
  });
}
