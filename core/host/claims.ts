/**
 * What a plugin claims: ids of stages and formats, extensions and signatures of files. Nothing may be
 * claimed that others have.
 *
 * @module
 */
import { AdatomError } from "../errors.ts";
import type { PluginDescription } from "../plugin/description.ts";
import { HEAD_BYTES, type Signature } from "../stage/format.ts";
import type { AnyStage } from "../stage/stage.ts";
import type { InstalledPlugin } from "./installed.ts";
import type { Format } from "./registry.ts";

/** What is there already. */
export interface Taken {
  /** Our own stages; the first words of their ids are no owners. */
  readonly builtin: readonly AnyStage[];
  /** Stages a script brings along. */
  readonly stages: readonly AnyStage[];
  /** Our own formats. */
  readonly formats: readonly Format[];
  /** The other installed plugins. */
  readonly others: readonly InstalledPlugin[];
}

/** The error for the first claim of a plugin to what is taken, or `undefined`. */
export function claimProblem(
  { id, stages, formats }: PluginDescription,
  taken: Taken,
): AdatomError | undefined {
  const problem = (expected: string, got: string, hint: string) =>
    new AdatomError("PLUGIN_NAME_TAKEN", { cannot: `use plugin ${id}`, expected, got, hint });
  const owner = id.split(".")[0];
  if (taken.builtin.some((stage) => stage.id.split(".")[0] === owner)) {
    const got = `"${owner}", which Adatom's own stages have`;
    return problem("an owner's name of its own", got, "ask its author to choose another");
  }
  const own = stages.find((part) => taken.stages.some((stage) => stage.id === part.id));
  if (own !== undefined) {
    const got = `"${own.id}", which a stage of this script has`;
    return problem("names of its own", got, "give the script's stage another id");
  }
  for (const other of taken.others) {
    if (other.id === id) continue;
    const theirs = [...other.manifest.stages, ...other.manifest.formats].map((part) => part.id);
    const both = [...stages, ...formats].find((part) => theirs.includes(part.id));
    if (both !== undefined) {
      const got = `"${both.id}", which plugin ${other.id} has`;
      return problem("names of its own", got, `remove ${other.id} first, or do without this one`);
    }
  }
  for (const format of formats) {
    const rival = format.signatures.map((signature) =>
      taken.formats.find((other) => other.recognizes(headOf(signature)))
    ).find((found) => found !== undefined);
    if (rival !== undefined) {
      const got = `${format.id}, which claims files of ${rival.title}`;
      return problem("formats that Adatom does not read itself", got, "ask its author to mend it");
    }
    const known = taken.formats
      .find((other) => other.extensions.some((extension) => format.extensions.includes(extension)));
    if (known !== undefined && format.signatures.length === 0) {
      const got = `${format.id}, known by the extension of ${known.title} only`;
      return problem("a signature to know its files by", got, "ask its author to mend it");
    }
  }
  return undefined;
}

/** A file's first bytes with nothing but a signature in them. */
function headOf({ at = 0, bytes }: Signature): Uint8Array {
  const head = new Uint8Array(HEAD_BYTES);
  for (let i = 0; i < bytes.length; i++) head[at + i] = bytes.charCodeAt(i);
  return head;
}
