/**
 * Pipelines written for an older major version of a stage: their parameters are migrated by the stage
 * itself, if it can.
 *
 * @module
 */
import type { AnyStage } from "../stage/stage.ts";
import { inRange, rangeOf } from "../stage/version.ts";
import { rangeOfStep, stageIdOf } from "./check.ts";
import type { PipelineDocument } from "./document.ts";

/** One step whose parameters were migrated. */
export interface Migration {
  readonly step: string;
  readonly stage: string;
  readonly from: string;
  readonly to: string;
}

/** A document whose steps all name versions that are there, as far as their stages can migrate. */
export interface MigratedDocument {
  readonly document: PipelineDocument;
  readonly migrations: readonly Migration[];
}

/** The parameters of a stage from those of an older version. */
export type MigrateParams = (
  stage: AnyStage,
  params: Readonly<Record<string, unknown>>,
  from: string,
) => Promise<Record<string, unknown>>;

/**
 * Migrates every step that names an older major version of a stage. A parameter of the pipeline that
 * the new version no longer has is left for the check to report.
 */
export async function migrateDocument(
  document: PipelineDocument,
  find: (id: string) => AnyStage | undefined,
  migrate: MigrateParams,
): Promise<MigratedDocument> {
  const migrations: Migration[] = [];
  const steps = [...document.steps];
  for (const [i, step] of steps.entries()) {
    const stage = find(stageIdOf(step));
    const from = olderVersion(rangeOfStep(step), stage);
    if (stage === undefined || from === undefined) continue;
    const params = await migrate(stage, step.params ?? {}, from);
    const to = stage.version;
    steps[i] = { ...step, stage: `${stage.id}@${rangeOf(to)}`, params };
    migrations.push({ step: step.id, stage: stage.id, from, to });
  }
  return migrations.length === 0
    ? { document, migrations }
    : { document: { ...document, steps }, migrations };
}

/** The first version of a range, if it is of an older major version the stage migrates from. */
function olderVersion(range: string | undefined, stage: AnyStage | undefined): string | undefined {
  if (range === undefined || stage?.migrate === undefined) return undefined;
  if (inRange(stage.version, range)) return undefined;
  const [major = 0, minor = 0, patch = 0] = range.replace("^", "").split(".").map(Number);
  const older = major < Number(stage.version.split(".")[0]);
  return older ? `${major}.${minor}.${patch}` : undefined;
}
