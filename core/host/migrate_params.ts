/**
 * Asks a stage for its parameters from those of an older version: in the sandbox where it belongs to an
 * installed plugin, else directly.
 *
 * @module
 */
import { encodeParts } from "../data/encode.ts";
import { AdatomError } from "../errors.ts";
import { loadStage } from "../runner/load_stage.ts";
import type { Sandbox } from "../runner/process/sandbox.ts";
import type { AnyStage } from "../stage/stage.ts";

/**
 * The parameters for this version of a stage.
 *
 * @throws AdatomError OUTPUT_TYPE when the stage gives no parameters, or as the sandbox does
 */
export async function migrateParams(
  sandbox: Sandbox,
  stage: AnyStage,
  params: Readonly<Record<string, unknown>>,
  from: string,
): Promise<Record<string, unknown>> {
  const { id, plugin, module } = stage;
  let migrated: unknown;
  if (plugin === undefined) migrated = stage.migrate!(params, from);
  else if (plugin.trusted) migrated = (await loadStage(module!, id)).migrate!(params, from);
  else {
    const task = { do: "migrate", stage: id, from } as const;
    migrated = await sandbox.perform(plugin, task, encodeParts(params));
  }
  const isMap = typeof migrated === "object" && migrated !== null && !Array.isArray(migrated);
  if (isMap) return migrated as Record<string, unknown>;
  throw new AdatomError("OUTPUT_TYPE", {
    cannot: `migrate the parameters of ${id} from version ${from}`,
    expected: "a map of parameters",
    got: migrated === null ? "null" : Array.isArray(migrated) ? "a list" : typeof migrated,
    hint: "report it to its author",
  }, { stage: id });
}
