/**
 * What a hostile plugin of the escape suite is: the code of a plugin that tries one thing, and what
 * must become of it.
 *
 * @module
 */
import type { ErrorCode } from "../../core/errors.ts";
import type { PortDeclaration } from "../../core/stage/ports.ts";
import type { Seen } from "./escape_host.ts";

/** A plugin that tries one thing. */
export interface HostilePlugin {
  /** What it tries; the name of its test. */
  readonly name: string;
  /**
   * Plain JavaScript of a bundle, whose stage is `evil.stage`. These words are replaced: `$FOLDER`, a
   * folder of bait; `$PORT`, a server of the test; `$HOST`, the process id of the host; `$CHANNEL`, a
   * name the host listens to.
   */
  readonly code: string;
  /**
   * What becomes of it: an error of this code (one of these, where the system decides), or
   * `contained`, which is a good result with the attempt without effect.
   */
  readonly expect: ErrorCode | readonly ErrorCode[] | "contained";
  /** The whole text of the error; `#` stands for a number that no one can know. */
  readonly message?: string;
  /** A part of the error's text, or the whole note a contained plugin gives back. */
  readonly says?: string;
  /** `tight`: it hangs, so its time limit is short; `hostile.ts` says how short. */
  readonly limits?: "tight";
  /** How often its stage is run; all but the last must go well. */
  readonly calls?: number;
  /** The port of its output; an image unless told. */
  readonly output?: PortDeclaration;
  /** Anything else that must hold. */
  readonly proof?: (seen: Seen) => void | Promise<void>;
}

/** Limits of hostile plugins. Time counts only for those that hang. */
export const HOSTILE_LIMITS = {
  wide: { seconds: 20, memoryMiB: 256, answerMiB: 16 },
  tight: { seconds: 1.5, memoryMiB: 256, answerMiB: 16 },
} as const;

/**
 * The code of a plugin whose stage does this. What follows adds 1 to every pixel and gives the image
 * with the `note` as its name, so that a plugin can tell what it saw.
 */
export function stageCode(body: string, top = ""): string {
  return `${top}
const run = async ({ image }, params, context) => {
  let note = "";
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const good = () => ({ image: { ...image, name: note, data: image.data.map((v) => v + 1) } });
${body}
  return good();
};
${PLUGIN}`;
}

/** The declaration of a plugin around a function `run`. */
export const PLUGIN = `export default {
  id: "evil.plugin", version: "1.0.0", api: "^1.0", summary: "Tries what it must not", license: "MIT",
  stages: [{
    id: "evil.stage", version: "1.0.0", api: "^1.0", summary: "Tries what it must not",
    inputs: { image: { kind: "image", axes: "yx", description: "Any image" } },
    outputs: { image: { kind: "image", axes: "yx", description: "The image" } },
    params: {}, run,
  }],
};
`;

/** What every message of the sandbox starts with. */
export const CANNOT_RUN = "Cannot run evil.stage (plugin evil.plugin 1.0.0): expected ";

/** What every message of the sandbox ends with. */
export const REPORT = "report it to the author of evil.plugin";
