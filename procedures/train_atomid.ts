/**
 * Trains a network that finds columns, with the Python programs of `models/atomid/train`, and exports it.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AdatomError, cancelledError, gatherProblems } from "../core/errors.ts";
import { type Json, type ParamsGiven, type ParamValues, resolveParams } from "../core/mod.ts";
import { simulation } from "../plugins/mod.ts";
import { DEFAULT_SEED } from "./create_host.ts";

const PROGRAMS = fileURLToPath(new URL("../models/atomid/train/", import.meta.url));

/** What a folder of a training says about itself, so that the same one is resumed. */
const REQUEST_FILE = "training.json";

/** Python modules the programs import. */
const MODULES = "torch, onnx, numpy, scipy, tifffile, yaml";

/** What {@linkcode trainAtomid} is asked for. */
export interface AtomidTrainRequest {
  /** Folder of the training; a training that was stopped is resumed in it. */
  readonly out: string;
  /** The interpreter that has the modules of `models/atomid/train/requirements.txt`. */
  readonly python: string;
  /** Parameters of {@linkcode atomidTraining}; the rest has its defaults. */
  readonly params?: ParamsGiven<typeof atomidTraining>;
  readonly seed?: number;
  /** Labeled sets to train on instead of simulations. */
  readonly sets?: readonly string[];
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  /** Told of each row of the log. */
  readonly onRow?: (row: Readonly<Record<string, number>>) => void;
}

/** What the network is trained on, and how long. */
export const atomidTraining = {
  steps: {
    type: "integer",
    default: 20_000,
    minimum: 1,
    maximum: 10_000_000,
    description: "Number of steps; about a third of a second each on one core",
  },
  lattices: {
    type: "string",
    default: "any",
    enum: ["any", "2H", "1T''"],
    description: "Lattices of the simulated patches",
  },
  spacingMin: simulation.patches.params.spacingMin,
  spacingMax: simulation.patches.params.spacingMax,
  features: {
    type: "array",
    items: { type: "number", minimum: 1, maximum: 1024 },
    default: [24, 40, 64, 96],
    description: "Channels of each level: more find more and cost more",
  },
  loss: {
    type: "string",
    default: "shipped",
    enum: ["shipped", "thesis"],
    level: "advanced",
    description: "Loss by name: that of the shipped model, or Eq. 5 to 7 of the thesis",
  },
} as const;

/** Values of {@linkcode atomidTraining}. */
export type AtomidTraining = ParamValues<typeof atomidTraining>;

/** What training gave: the last row of validation, and the files in the folder. */
export interface AtomidTrainResult {
  readonly validation: Readonly<Record<string, Json>>;
  readonly files: readonly string[];
}

/**
 * Trains and exports: `model.onnx`, `rdf.yaml`, its test tensors, `log.jsonl` and `checkpoint.pt` in the
 * folder.
 *
 * @throws AdatomError PYTHON_MISSING without Python or its modules, OUTPUT_EXISTS for a folder that holds
 * something else, TRAINING_FAILED with the program's last words, CANCELLED
 */
export async function trainAtomid(request: AtomidTrainRequest): Promise<AtomidTrainResult> {
  const { out, python, seed = DEFAULT_SEED, sets = [], signal } = request;
  const { values, problems } = resolveParams(atomidTraining, request.params ?? {}, "train atomid");
  if (problems.length > 0) throw gatherProblems("train a network", problems);
  const options = values as AtomidTraining;
  await requirePython(python);
  openFolder(out, { ...options, seed, sets }, request.overwrite ?? false);
  let validation: Readonly<Record<string, Json>> = {};
  await runPython(
    python,
    [
      "train.py",
      ...["--out", out, "--steps", String(options.steps), "--seed", String(seed)],
      ...["--lattices", options.lattices, "--loss", options.loss],
      ...["--spacing", String(options.spacingMin), String(options.spacingMax)],
      ...["--features", ...options.features.map(String)],
      ...sets.flatMap((set) => ["--set", set]),
    ],
    signal,
    (line) => {
      const row = JSON.parse(line);
      if (row.f1 !== undefined) validation = row;
      request.onRow?.(row);
    },
  );
  await runPython(python, ["export.py", join(out, "checkpoint.pt"), out], signal, () => {});
  return { validation, files: readdirSync(out).sort() };
}

/** Takes the folder for a training: empty, of the same training, or to be overwritten. */
function openFolder(out: string, training: Json, overwrite: boolean): void {
  const wanted = JSON.stringify(training, null, 2) + "\n";
  const file = join(out, REQUEST_FILE);
  const same = existsSync(file) && readFileSync(file, "utf8") === wanted;
  const used = existsSync(out) && readdirSync(out).length > 0;
  if (used && !same) {
    if (!overwrite) {
      throw new AdatomError("OUTPUT_EXISTS", {
        cannot: `train into "${out}"`,
        expected: "an empty folder, or one of the same training",
        got: "other files",
        hint: "name another folder, or use --overwrite",
      });
    }
    for (const name of ["checkpoint.pt", "log.jsonl"]) rmSync(join(out, name), { force: true });
  }
  mkdirSync(out, { recursive: true });
  writeFileSync(file, wanted);
}

async function requirePython(python: string): Promise<void> {
  let got: string;
  try {
    const { success, stderr } = await new Deno.Command(python, {
      args: ["-c", `import ${MODULES}`],
      stdin: "null",
      stderr: "piped",
    }).output();
    if (success) return;
    got = lastLine(new TextDecoder().decode(stderr));
  } catch {
    got = `no program "${python}"`;
  }
  throw new AdatomError("PYTHON_MISSING", {
    cannot: "train a network",
    expected: `Python with ${MODULES}`,
    got,
    hint: "`python3 -m venv trainer`, `trainer/bin/pip install -r " +
      "models/atomid/train/requirements.txt`, then --python trainer/bin/python",
  });
}

async function runPython(
  python: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
  onLine: (line: string) => void,
): Promise<void> {
  if (signal?.aborted) throw cancelledError();
  const child = new Deno.Command(python, {
    args: [join(PROGRAMS, args[0]), ...args.slice(1)],
    env: { DENO: Deno.execPath(), PYTHONDONTWRITEBYTECODE: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stop = () => child.kill("SIGTERM"); // it keeps what it has before it ends
  signal?.addEventListener("abort", stop);
  try {
    const errors = new Response(child.stderr).text();
    let rest = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.startsWith("{")) onLine(line);
    }
    const [{ success }, said] = await Promise.all([child.status, errors]);
    if (signal?.aborted) throw cancelledError();
    if (success) return;
    throw new AdatomError("TRAINING_FAILED", {
      cannot: `train a network with ${args[0]}`,
      expected: "the program to end well",
      got: lastLine(said),
      hint: "run it by itself to see all it says",
    });
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "no message";
}
