/**
 * The registry: the stages and file formats a host knows.
 *
 * @module
 */
import { AdatomError, unknownNameHint } from "../errors.ts";
import type { ImageFormat, TableFormat } from "../stage/format.ts";
import type { AnyStage } from "../stage/stage.ts";

/** A file format of any kind. */
export type Format = ImageFormat | TableFormat;

/** What a host knows, by id. */
export interface Registry {
  readonly stages: readonly AnyStage[];
  readonly formats: readonly Format[];
  find(id: string): AnyStage | undefined;
  /**
   * The stage of an id.
   *
   * @throws AdatomError UNKNOWN_STAGE with the nearest known id
   */
  get(id: string): AnyStage;
  readonly ids: readonly string[];
}

/**
 * Makes a registry.
 *
 * @throws AdatomError STAGE_DECLARATION when two stages have one id
 */
export function createRegistry(
  stages: readonly AnyStage[],
  formats: readonly Format[],
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
  return {
    stages,
    formats,
    ids,
    find: (id) => byId.get(id),
    get(id) {
      const stage = byId.get(id);
      if (stage !== undefined) return stage;
      throw new AdatomError("UNKNOWN_STAGE", {
        cannot: `use stage "${id}"`,
        expected: "a registered stage",
        got: `"${id}"`,
        hint: unknownNameHint(id, ids),
      });
    },
  };
}
