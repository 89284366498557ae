/**
 * Loads a stage from the module that exports it: by itself, or as part of a plugin.
 *
 * @module
 */
import { AdatomError } from "../errors.ts";
import type { AnyStage } from "../stage/stage.ts";

/**
 * The stage of an id among a module's exports, or among the stages of a plugin it exports.
 *
 * @throws AdatomError STAGE_DECLARATION when there is none
 */
export async function loadStage(module: string, id: string): Promise<AnyStage> {
  const exported: Record<string, unknown> = await import(module);
  const stage = Object.values(exported).flatMap((value) => {
    const stages = (value as { stages?: unknown } | null)?.stages;
    return Array.isArray(stages) ? stages : [value];
  }).find((value) => (value as { id?: unknown } | null)?.id === id);
  if (stage !== undefined) return stage as AnyStage;
  throw new AdatomError("STAGE_DECLARATION", {
    cannot: `load stage "${id}" in a worker`,
    expected: "its module to export it",
    got: `no export of that id in ${module.slice(module.lastIndexOf("/") + 1)}`,
    hint: "export the stage object, or leave out `module`",
  }, { stage: id });
}
