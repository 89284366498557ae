/**
 * Peers in Python, run beside ours where Python and what they need are there.
 *
 * @module
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AdatomError, cancelledError } from "../../core/errors.ts";
import type { Host } from "../../core/host/host.ts";
import { createImage, createTable, type Image } from "../../core/mod.ts";
import { npy } from "../../plugins/io/npy.ts";
import type { Finder, Finding } from "./finder.ts";
import type { Sample } from "./samples.ts";
import { createStageFinder, type MeasureRules } from "./stage_finder.ts";

/** The stage that runs any model, and so the published one by the runtime that ours uses. */
const ONNX_STAGE = "inference.onnx";

const script = (name: string) =>
  fileURLToPath(new URL(`../../benchmarks/peers/${name}.py`, import.meta.url));

/** Peers with the interpreter they run in. */
export function createPeers(
  freshHost: () => Host,
  python: string,
  rules: MeasureRules,
): Finder[] {
  return [createAtomap(python, rules), createPublished(freshHost, python, rules)];
}

function createAtomap(python: string, { runs }: MeasureRules): Finder {
  return createScriptFinder({
    name: "atomap",
    title: "Atomap",
    note: "told the true spacing, as it asks for one; time in Python",
    python,
    wordsFor: (files) => [
      script("atomap_find"),
      String(runs),
      ...files.flatMap(({ path, sample }) => [path, String(sample.truth.spacing ?? 0)]),
    ],
  });
}

/** The published architecture: its time only, since its weights are random. */
function createPublished(
  freshHost: () => Host,
  python: string,
  rules: MeasureRules,
): Finder {
  const title = "published AtomID";
  let folder: string | undefined, inner: Finder | undefined;
  return {
    name: "published",
    title,
    note: "architecture with random weights, so its time only; by the runtime that ours uses",
    async begin(samples, signal) {
      folder = mkdtempSync(join(tmpdir(), "adatom-bench-"));
      const model = join(folder, "published.onnx");
      await runPython(python, [script("published_atomid"), "export", model], title, signal);
      const detector = { name: "published", title, stage: ONNX_STAGE, model } as const;
      const noMap = () => Promise.reject(new Error("it looks at the image"));
      inner = createStageFinder(freshHost, { ...detector, looksAt: "image" }, noMap, rules, "time");
      await inner.begin(samples, signal);
    },
    find: (sample, signal) => inner!.find(sample, signal),
    end() {
      inner?.end();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface ScriptPeer extends Pick<Finder, "name" | "title" | "note"> {
  readonly python: string;
  wordsFor(files: readonly { readonly path: string; readonly sample: Sample }[]): string[];
}

/** What a script prints of an image. */
interface ScriptRow {
  readonly ms?: number;
  readonly memoryMiB?: number | null;
  readonly x?: readonly number[];
  readonly y?: readonly number[];
  readonly error?: string;
}

/** A peer that takes all images in one process and prints a line of JSON for each. */
function createScriptFinder({ python, wordsFor, name, title, note }: ScriptPeer): Finder {
  const rows = new Map<Sample, ScriptRow>();
  return {
    name,
    title,
    note,
    async begin(samples, signal) {
      const folder = mkdtempSync(join(tmpdir(), "adatom-bench-"));
      try {
        const files = [];
        for (const [i, sample] of samples.entries()) {
          const path = join(folder, `${i}.npy`);
          writeFileSync(path, await npy.write!([brightImage(sample)]));
          files.push({ path, sample });
        }
        const text = await runPython(python, wordsFor(files), title, signal);
        const lines = text.split("\n").filter((line) => line.startsWith("{"));
        for (const [i, line] of lines.entries()) rows.set(samples[i], JSON.parse(line));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    find(sample): Promise<Finding> {
      const { ms = null, memoryMiB = null, x, y, error } = rows.get(sample) ?? {};
      if (error !== undefined || ms === null) {
        throw new AdatomError("STAGE_FAILED", {
          cannot: `run ${title} on "${sample.name}"`,
          expected: "a result",
          got: error ?? "none",
        });
      }
      if (x === undefined || y === undefined) return Promise.resolve({ ms, memoryMiB });
      const found = createTable({ x: Float64Array.from(x), y: Float64Array.from(y) });
      return Promise.resolve({ found, ms, memoryMiB });
    },
    end: () => rows.clear(),
  };
}

/** The image as peers take it: bright columns. */
function brightImage({ image, polarity }: Sample): Image {
  const { width, height, data } = image;
  return createImage({ width, height, data: polarity === "bright" ? data : data.map((v) => -v) });
}

/** Runs a script and gives what it printed. */
async function runPython(
  python: string,
  words: readonly string[],
  title: string,
  signal: AbortSignal,
): Promise<string> {
  const failed = (got: string) =>
    new AdatomError("STAGE_FAILED", {
      cannot: `run ${title}`,
      expected: `"${python}" to be a Python that has what it needs`,
      got,
      hint: "name one with --python or ADATOM_PYTHON, or leave out --peers",
    });
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command(python, { args: [...words], signal, stdin: "null" }).output();
  } catch (error) {
    throw failed(error instanceof Error ? error.message : String(error));
  }
  if (signal.aborted) throw cancelledError();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (output.success) return text(output.stdout);
  throw failed(text(output.stderr).split("\n").at(-1)!.slice(0, 200) || `exit code ${output.code}`);
}
