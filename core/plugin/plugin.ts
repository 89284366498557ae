/**
 * Plugins: what someone else ships. A plugin contributes stages and file formats.
 *
 * @module
 */
import { AdatomError } from "../errors.ts";
import type { ImageFormat, TableFormat } from "../stage/format.ts";
import { type AnyStage, API_VERSION, type Permissions } from "../stage/stage.ts";
import { inRange, parseVersion } from "../stage/version.ts";

/** A plugin: the default export of its entry, `plugin.ts`. */
export interface Plugin {
  /** `owner.name`, as in `lab.denoise`. */
  readonly id: string;
  /** Version of the plugin as a whole. */
  readonly version: string;
  /** Range of {@linkcode API_VERSION} it was written for; checked before any of its code runs. */
  readonly api: string;
  /** One line for lists. */
  readonly summary: string;
  /** SPDX id, as in `MIT`. */
  readonly license: string;
  /** Its stages; each id starts with the owner: `lab.wiener`. */
  readonly stages?: readonly AnyStage[];
  /** Its file formats; each id starts with the owner. */
  readonly formats?: readonly (ImageFormat | TableFormat)[];
  /** What it must reach beside its inputs. Leave it out: a stage is a pure function. */
  readonly permissions?: Permissions;
  /** Where its home is, for people. */
  readonly homepage?: string;
}

/** The kinds of permissions a plugin may ask for. */
export const PERMISSION_KINDS = ["read", "write", "net", "env"] as const;

/** Ids of plugins: `owner.name`. */
export const PLUGIN_ID = /^[a-z][a-z0-9-]*\.[a-z][a-z0-9-]*$/;

/**
 * Declares a plugin and checks the declaration.
 *
 * @throws AdatomError PLUGIN_DECLARATION when the declaration contradicts itself
 *
 * @example
 * ```ts
 * import { definePlugin, defineStage } from "@core";
 * import { assertEquals } from "@assert";
 *
 * const invert = defineStage({
 *   id: "lab.invert",
 *   version: "1.0.0",
 *   api: "^1.1",
 *   summary: "Turns bright to dark",
 *   inputs: { image: { kind: "image", axes: "yx", description: "Any image" } },
 *   outputs: { image: { kind: "image", axes: "yx", description: "Its negative" } },
 *   params: {},
 *   run: ({ image }) => ({ image: { ...image, data: image.data.map((v) => -v) } }),
 * });
 * const plugin = definePlugin({
 *   id: "lab.basics",
 *   version: "1.0.0",
 *   api: "^1.1",
 *   summary: "Small things of the lab",
 *   license: "MIT",
 *   stages: [invert],
 * });
 * assertEquals(plugin.stages?.length, 1);
 * ```
 */
export function definePlugin(plugin: Plugin): Plugin {
  const { id, version, api, summary, license, stages = [], formats = [] } = plugin;
  const wrong = (expected: string, got: string) =>
    new AdatomError("PLUGIN_DECLARATION", { cannot: `declare plugin "${id}"`, expected, got });
  if (!PLUGIN_ID.test(id)) throw wrong('an id like "owner.name"', `"${id}"`);
  if (parseVersion(version) === undefined) throw wrong('a version like "1.0.0"', `"${version}"`);
  if (!inRange(API_VERSION, api)) {
    throw wrong(`an api range that holds ${API_VERSION}, as "^1.1"`, `"${api}"`);
  }
  if (!(summary.length > 10)) throw wrong("a summary of a few words", `"${summary}"`);
  if (!license) throw wrong('a license, such as "MIT"', "none");
  if (stages.length + formats.length === 0) throw wrong("a stage or a format", "neither");
  const owner = id.slice(0, id.indexOf("."));
  const ids = [...stages, ...formats].map((part) => part.id);
  for (const part of ids) {
    if (!part.startsWith(`${owner}.`)) throw wrong(`ids that start with "${owner}."`, `"${part}"`);
    if (ids.indexOf(part) !== ids.lastIndexOf(part)) throw wrong("each id once", `"${part}" twice`);
  }
  for (const [kind, list] of Object.entries(plugin.permissions ?? {})) {
    const known = (PERMISSION_KINDS as readonly string[]).includes(kind);
    if (!known) throw wrong(`permissions among ${PERMISSION_KINDS.join(", ")}`, `"${kind}"`);
    const named = Array.isArray(list) && list.length > 0 &&
      list.every((item) => typeof item === "string" && /^[^,\s]+$/.test(item));
    if (!named) throw wrong(`a list of names for permission "${kind}"`, JSON.stringify(list));
  }
  return plugin;
}
