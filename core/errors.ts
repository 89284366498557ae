/**
 * Every error class and code of Adatom.
 *
 * A message always reads `Cannot <do> <thing>: expected <what>, got <what>; <what to do>`, so an
 * {@linkcode AdatomError} is made from those parts and never from a free sentence.
 *
 * @module
 */

/** Whose move it is when an error of this class appears; decides the exit code. */
export type ErrorClass =
  | "request" // the command, script or parameter: the user
  | "pipeline" // the pipeline file: its author
  | "input" // the file or the data: the user
  | "contract" // a stage broke its own declaration: its author
  | "stage" // a stage threw: its author
  | "resource" // a limit of the machine, or one set for a plugin
  | "resolve" // a plugin that is not there, or does not fit: whoever installs it
  | "integrity" // bytes that are not what they claim to be
  | "permission" // a plugin reached for what it may not have: its author
  | "cancelled"
  | "host"; // a bug of ours

/** Every code, with the class it belongs to. `tests/core/errors_test.ts` provokes each of them. */
export const ERROR_CODES = {
  // request
  UNKNOWN_STAGE: "request",
  UNKNOWN_PORT: "request",
  UNKNOWN_PARAM: "request",
  UNKNOWN_COMMAND: "request",
  UNKNOWN_OPTION: "request",
  MISSING_ARGUMENT: "request",
  PARAM_TYPE: "request",
  PARAM_RANGE: "request",
  PARAM_CONFLICT: "request",
  INPUT_MISSING: "request",
  REQUEST_INVALID: "request",
  PROVIDER_UNAVAILABLE: "request",
  OUTPUT_EXISTS: "request",
  OUTPUT_NOT_WRITABLE: "request",
  // pipeline
  PIPELINE_SYNTAX: "pipeline",
  PIPELINE_FIELD: "pipeline",
  PIPELINE_REFERENCE: "pipeline",
  PIPELINE_CYCLE: "pipeline",
  PIPELINE_TYPE: "pipeline",
  // input
  FILE_MISSING: "input",
  FILE_UNREADABLE: "input",
  FORMAT_UNKNOWN: "input",
  FORMAT_UNSUPPORTED: "input",
  FILE_CORRUPT: "input",
  FILE_EMPTY: "input",
  TABLE_NO_POSITIONS: "input",
  TABLE_COLUMN: "input",
  TABLE_VALUE: "input",
  IMAGE_NON_FINITE: "input",
  IMAGE_TOO_SMALL: "input",
  IMAGE_CONSTANT: "input",
  IMAGE_SIZE_DIFFERS: "input",
  PIXEL_SIZE_DIFFERS: "input",
  EXPOSURES_TOO_FEW: "input",
  EXPOSURES_UNCORRELATED: "input",
  PYTHON_MISSING: "input",
  PEAKS_EMPTY: "input",
  MATCH_RADIUS_NEEDED: "input",
  MODEL_INVALID: "input",
  MODEL_SHAPE: "input",
  MODEL_STEP: "input",
  MODEL_RUN: "input",
  PORT_TYPE: "input",
  // contract
  OUTPUT_MISSING: "contract",
  OUTPUT_TYPE: "contract",
  OUTPUT_NON_FINITE: "contract",
  STAGE_DECLARATION: "contract",
  PLUGIN_DECLARATION: "contract",
  INPUT_MUTATED: "contract",
  PLUGIN_PROTOCOL: "contract",
  PLUGIN_TEST: "contract",
  // stage
  STAGE_FAILED: "stage",
  TRAINING_FAILED: "stage",
  PLUGIN_ENDED: "stage",
  // resource
  DISK_FULL: "resource",
  WORKER_LOST: "resource",
  TIME_LIMIT: "resource",
  MEMORY_LIMIT: "resource",
  SIZE_LIMIT: "resource",
  // resolve
  PLUGIN_UNKNOWN: "resolve",
  PLUGIN_SOURCE: "resolve",
  PLUGIN_MANIFEST: "resolve",
  PLUGIN_BUILD: "resolve",
  PLUGIN_API: "resolve",
  PLUGIN_NAME_TAKEN: "resolve",
  PLUGIN_DOWNGRADE: "resolve",
  PLUGIN_UNCONFIRMED: "resolve",
  PLUGIN_BROKEN: "resolve",
  FORMAT_AMBIGUOUS: "resolve",
  // integrity
  PLUGIN_DIGEST: "integrity",
  REPLAY_DIFFERS: "integrity",
  MODEL_DIFFERS: "integrity",
  // permission
  PLUGIN_PERMISSION: "permission",
  PLUGIN_ASKS_MORE: "permission",
  CANCELLED: "cancelled",
} as const satisfies Record<string, ErrorClass>;

/** The code of an {@linkcode AdatomError}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Process exit code of each class of error. */
export const EXIT_CODES: Readonly<Record<ErrorClass, number>> = {
  request: 2,
  pipeline: 2,
  input: 2,
  contract: 3,
  stage: 3,
  resource: 4,
  resolve: 2,
  integrity: 5,
  permission: 5,
  host: 70,
  cancelled: 130,
};

/** The parts of an error's sentence. */
export interface ErrorParts {
  /** What could not be done, after "Cannot": `read "a.tif"`. */
  readonly cannot: string;
  /** What was expected. */
  readonly expected: string;
  /** What was there instead. */
  readonly got: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
}

/** Where an error happened. */
export interface ErrorPlace {
  readonly stage?: string | undefined;
  readonly step?: string | undefined;
  readonly port?: string | undefined;
  readonly param?: string | undefined;
  readonly cause?: unknown;
}

/** The plain form of an error: what crosses from a worker and what a run record keeps. */
export interface ErrorRecord extends Omit<ErrorPlace, "cause"> {
  readonly code: ErrorCode;
  readonly parts: ErrorParts;
  readonly problems?: readonly ErrorRecord[] | undefined;
  readonly detail?: string | undefined;
}

/** The one error class of Adatom. */
export class AdatomError extends Error {
  override readonly name = "AdatomError";
  /** Stable code, one of {@linkcode ERROR_CODES}. */
  readonly code: ErrorCode;
  /** The parts the message was made from. */
  readonly parts: ErrorParts;
  /** Id of the stage, where one was at work. */
  readonly stage: string | undefined;
  /** Id of the pipeline step. */
  readonly step: string | undefined;
  /** Name of the port concerned. */
  readonly port: string | undefined;
  /** Name of the parameter concerned. */
  readonly param: string | undefined;
  /** All problems, where one error stands for several. */
  readonly problems: readonly AdatomError[];

  /** Makes an error from the parts of its sentence. */
  constructor(
    code: ErrorCode,
    parts: ErrorParts,
    place: ErrorPlace = {},
    problems: readonly AdatomError[] = [],
  ) {
    super(
      sentence(parts, problems),
      place.cause === undefined ? undefined : { cause: place.cause },
    );
    this.code = code;
    this.parts = parts;
    this.stage = place.stage;
    this.step = place.step;
    this.port = place.port;
    this.param = place.param;
    this.problems = problems;
  }

  /** The class of trouble this error belongs to. */
  get class(): ErrorClass {
    return ERROR_CODES[this.code];
  }

  /** The exit code of a process that ends with this error. */
  get exitCode(): number {
    return EXIT_CODES[this.class];
  }

  /** The plain form of this error. */
  toRecord(): ErrorRecord {
    const record: Record<string, unknown> = { code: this.code, parts: this.parts };
    for (const key of ["stage", "step", "port", "param"] as const) {
      if (this[key] !== undefined) record[key] = this[key];
    }
    if (this.problems.length > 0) record.problems = this.problems.map((p) => p.toRecord());
    if (this.cause instanceof Error) record.detail = this.cause.stack ?? this.cause.message;
    return record as unknown as ErrorRecord;
  }

  /** The same error with a more exact place. */
  at(place: ErrorPlace): AdatomError {
    return new AdatomError(this.code, this.parts, {
      stage: this.stage ?? place.stage,
      step: this.step ?? place.step,
      port: this.port ?? place.port,
      param: this.param ?? place.param,
      cause: this.cause ?? place.cause,
    }, this.problems);
  }
}

/** Rebuilds an error from its plain form. */
export function errorFromRecord(record: ErrorRecord): AdatomError {
  const cause = record.detail === undefined ? undefined : new Error(record.detail);
  return new AdatomError(
    record.code,
    record.parts,
    { ...record, cause },
    (record.problems ?? []).map(errorFromRecord),
  );
}

/** Whether a thrown value is an {@linkcode AdatomError}, of one code if given. */
export function isAdatomError(error: unknown, code?: ErrorCode): error is AdatomError {
  return error instanceof AdatomError && (code === undefined || error.code === code);
}

/**
 * A thrown value as an {@linkcode AdatomError} of ours, or `undefined` when it is none.
 *
 * The bundle of a plugin holds its own copy of the class, which `instanceof` does not know; such an
 * error is rebuilt from its parts.
 */
export function adoptError(error: unknown): AdatomError | undefined {
  if (error instanceof AdatomError) return error;
  const other = error as Partial<AdatomError> | null;
  if (typeof other !== "object" || other === null || other.name !== "AdatomError") return undefined;
  if (typeof other.toRecord !== "function") return undefined;
  try {
    const record = other.toRecord();
    return Object.hasOwn(ERROR_CODES, record.code) ? errorFromRecord(record) : undefined;
  } catch {
    return undefined; // it only looks like one
  }
}

/** One error for one problem, or one that lists them all. */
export function gatherProblems(cannot: string, problems: readonly AdatomError[]): AdatomError {
  if (problems.length === 1) return problems[0];
  return new AdatomError(
    "REQUEST_INVALID",
    {
      cannot,
      expected: "a request without problems",
      got: `${problems.length} problems`,
    },
    {},
    problems,
  );
}

/** The error that ends a cancelled run. */
export function cancelledError(): AdatomError {
  return new AdatomError("CANCELLED", {
    cannot: "finish the run",
    expected: "no cancellation",
    got: "a request to stop",
    hint: "run the same command again to resume",
  });
}

/**
 * The known name nearest to a misspelt one, for "did you mean" hints; `undefined` when none is near.
 */
export function nearestName(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const lower = candidate.toLowerCase();
    const tail = lower.slice(lower.lastIndexOf(".") + 1);
    const distance = Math.min(editDistance(wanted, lower), editDistance(wanted, tail) + 0.5);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** A hint for an unknown name: the nearest known one, or the whole list when it is short. */
export function unknownNameHint(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  if (known.length === 0) return "there are none";
  const shown = known.slice(0, 12).join(", ");
  return `known are ${shown}${known.length > 12 ? ", ..." : ""}`;
}

function sentence(parts: ErrorParts, problems: readonly AdatomError[]): string {
  const { cannot, expected, got, hint } = parts;
  const head = `Cannot ${cannot}: expected ${expected}, got ${got}${hint ? `; ${hint}` : ""}`;
  return [head, ...problems.map((p) => `- ${p.message}`)].join("\n");
}

/** Number of edits (a swap of neighbors counts as one) that turn one word into another. */
function editDistance(a: string, b: string): number {
  let before = new Array<number>(b.length + 1).fill(0);
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], before[j - 2] + 1);
      }
    }
    before = last;
    last = row;
  }
  return last[b.length];
}
