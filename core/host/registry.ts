/**
 * The registry: the stages and file formats a host knows.
 *
 * @module
 */
import { AdatomError, nearestName, unknownNameHint } from "../errors.ts";
import type { ImageFormat, JsonFormat, TableFormat } from "../stage/format.ts";
import type { AnyStage } from "../stage/stage.ts";

/** A file format of any kind. */
export type Format = ImageFormat | TableFormat | JsonFormat;

/** What a host knows, by id. */
export interface Registry {
  readonly stages: readonly AnyStage[];
  readonly formats: readonly Format[];
  find(id: string): AnyStage | undefined;
  /** Why there is no stage of an id, as the error for whoever named it. */
  missing(id: string, cannot?: string): AdatomError;
  /**
   * The stage of an id.
   *
   * @throws AdatomError UNKNOWN_STAGE with the nearest known id, or PLUGIN_BROKEN
   */
  get(id: string): AnyStage;
  readonly ids: readonly string[];
}

/** A plugin that is installed but cannot be used, and why. */
export interface BrokenPlugin {
  readonly id: string;
  readonly problem: AdatomError;
}

/**
 * Makes a registry.
 *
 * @throws AdatomError STAGE_DECLARATION when two stages have one id
 */
export function createRegistry(
  stages: readonly AnyStage[],
  formats: readonly Format[],
  broken: readonly BrokenPlugin[] = [],
): Registry {
  const byId = new Map<string, AnyStage>();
  for (const stage of stages) {
    if (byId.has(stage.id)) {
      throw new AdatomError("STAGE_DECLARATION", {
        cannot: `register stage "${stage.id}"`,
        expected: "one stage of that id",
        got: "two",
      }, { stage: stage.id });
    }
    byId.set(stage.id, stage);
  }
  const ids = [...byId.keys()];
  const owners = new Set(ids.map(ownerOf));
  const missing = (id: string, cannot = `use stage "${id}"`) => {
    const culprit = broken.find((plugin) => ownerOf(plugin.id) === ownerOf(id));
    if (culprit !== undefined) {
      return new AdatomError("PLUGIN_BROKEN", {
        cannot,
        expected: `plugin ${culprit.id} to be in order`,
        got: `a broken one (${culprit.problem.message})`,
        hint: `mend it with: adatom plugin remove ${culprit.id}, and add it again`,
      });
    }
    return new AdatomError("UNKNOWN_STAGE", {
      cannot,
      expected: "a registered stage",
      got: `"${id}"`,
      hint: nearestName(id, ids) === undefined && !owners.has(ownerOf(id))
        ? "a plugin may bring it: see adatom plugin list"
        : unknownNameHint(id, ids),
    });
  };
  return {
    stages,
    formats,
    ids,
    find: (id) => byId.get(id),
    missing,
    get(id) {
      const stage = byId.get(id);
      if (stage === undefined) throw missing(id);
      return stage;
    },
  };
}

function ownerOf(id: string): string {
  return id.split(".")[0];
}
