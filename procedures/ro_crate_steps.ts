/**
 * The steps of a run as entities of an RO-Crate: the stages that were used, the steps that use them,
 * and each time a step was run, linked by the digests of the values that passed between them.
 *
 * @module
 */
import type { RunRecord } from "../core/host/run_record.ts";
import type { StepReport } from "../core/host/step.ts";
import type { Digest } from "../core/store/digest.ts";
import {
  type CrateEntity,
  dataId,
  oneOrMany,
  outputFiles,
  reference,
  timeOf,
  unique,
  valueEntity,
} from "./ro_crate_entity.ts";

/** The entities about steps. */
export interface StepEntities {
  /** The stages that were used. */
  readonly tools: readonly CrateEntity[];
  /** The steps of the pipeline. */
  readonly steps: readonly CrateEntity[];
  /** Each run of a step, and the work of the host around them. */
  readonly actions: readonly CrateEntity[];
  /** All entities about steps. */
  readonly entities: readonly CrateEntity[];
}

/** The id of the program's own entity. */
export function adatomId({ host }: Pick<RunRecord, "host">): string {
  return `#adatom-${host.adatom}`;
}

/** The entities about the steps of a run; `runId` is the id of the whole run's action. */
export function stepEntities(record: RunRecord, runId: string): StepEntities {
  const ids = [...new Set(record.steps.map(({ id }) => id))];
  const runs = record.steps.map((report, i) => stepRun(report, actionId(record, i)));
  const tools = unique(record.steps.map((report) => toolEntity(report, record)));
  const plugins = unique(record.steps.flatMap(pluginEntity));
  const steps = ids.map((id, position) =>
    stepEntity(record.steps.find((report) => report.id === id)!, record, position)
  );
  const controls = ids.map((id): CrateEntity => ({
    "@id": `#control/${id}`,
    "@type": "ControlAction",
    name: `Orchestration of step ${id}`,
    instrument: reference(`#step/${id}`),
    object: oneOrMany(
      record.steps.flatMap((report, i) => report.id === id ? [reference(actionId(record, i))] : []),
    ),
  }));
  const engine: CrateEntity = {
    "@id": "#orchestration",
    "@type": "OrganizeAction",
    name: `Run of Adatom ${record.host.adatom}`,
    instrument: reference(adatomId(record)),
    object: oneOrMany(controls.map(reference)),
    result: reference(runId),
    ...timeOf(record),
  };
  const values = unique([
    ...record.steps.flatMap(paramEntities),
    ...record.steps.flatMap((report, i) => chosenEntities(report, actionId(record, i))),
    ...dataEntities(record),
  ]);
  return {
    tools,
    steps,
    actions: [...runs, engine],
    entities: [...tools, ...plugins, ...steps, ...runs, ...controls, engine, ...values],
  };
}

/** The id of one run of a step; a labeling of several sets runs each step once a set. */
function actionId({ steps }: RunRecord, index: number): string {
  const before = steps.slice(0, index).filter(({ id }) => id === steps[index].id).length;
  return `#step/${steps[index].id}/run/${before}`;
}

/** One run of a step. How long it took is known and when is not, so that no time is given. */
function stepRun(report: StepReport, id: string): CrateEntity {
  const { id: step, stage, cache, scatter, ms, runner } = report;
  const inputs = Object.values(report.inputs).map(dataId);
  const outputs = Object.values(report.outputs).map(dataId);
  const how = cache.runs === 0
    ? "taken from the cache"
    : `run in ${(ms / 1000).toFixed(3)} s (${runner})`;
  const times = scatter === undefined ? "" : `, once for each of ${scatter} exposures`;
  return {
    "@id": id,
    "@type": "CreateAction",
    name: `Run of step ${step}`,
    description: `${stage}: ${how}${times}`,
    instrument: reference(toolId(report)),
    object: oneOrMany([...new Set(inputs), ...paramEntities(report)].map(reference)),
    result: oneOrMany([...new Set(outputs), ...chosenEntities(report, id)].map(reference)),
    actionStatus: "http://schema.org/CompletedActionStatus",
  };
}

function stepEntity(report: StepReport, record: RunRecord, position: number): CrateEntity {
  const declared = record.pipeline.steps.find(({ id }) => id === report.id);
  const wires = Object.entries(declared?.in ?? {}).map(([port, from]) => `${port} from ${from}`);
  return {
    "@id": `#step/${report.id}`,
    "@type": "HowToStep",
    name: report.id,
    description: wires.length > 0 ? `${report.stage}: ${wires.join(", ")}` : report.stage,
    position: String(position),
    workExample: reference(toolId(report)),
  };
}

function toolId({ stage, version }: StepReport): string {
  return `#stage/${stage}@${version}`;
}

function toolEntity(report: StepReport, record: RunRecord): CrateEntity {
  const [plugin] = pluginEntity(report);
  return {
    "@id": toolId(report),
    "@type": "SoftwareApplication",
    name: report.stage,
    softwareVersion: report.version,
    isPartOf: reference(plugin ?? adatomId(record)),
    softwareRequirements: plugin === undefined ? undefined : reference(adatomId(record)),
  };
}

/** The plugin a step's stage came from, when it is none of Adatom's own. */
function pluginEntity({ plugin }: StepReport): CrateEntity[] {
  if (plugin === undefined) return []; // the stage is Adatom's own
  return [{
    "@id": `#plugin/${plugin.id}@${plugin.version}`,
    "@type": "SoftwareApplication",
    name: plugin.id,
    description: "A plugin of Adatom; the digest is that of its bundle",
    softwareVersion: plugin.version,
    sha256: plugin.sha256,
  }];
}

/** The parameters a step was run with; the same in each of its runs. */
function paramEntities({ id, params }: StepReport): CrateEntity[] {
  return Object.entries(params).map(([name, value]) =>
    valueEntity(`#step/${id}/param/${name}`, `${id}.${name}`, value)
  );
}

/** What a stage chose for itself where a parameter left it to. */
function chosenEntities({ id, chosen }: StepReport, action: string): CrateEntity[] {
  return Object.entries(chosen).map(([name, value]) =>
    valueEntity(`${action}/chosen/${name}`, `${id}.${name}`, value, {
      description: "Chosen by the stage",
    })
  );
}

/**
 * The values that passed between steps, each once by its digest; one that has no file of its own
 * takes the place of the pipeline's output.
 */
function dataEntities({ steps, pipeline, outputs }: RunRecord): CrateEntity[] {
  const names = new Map<Digest, Set<string>>();
  const add = (name: string, digest: Digest) =>
    names.set(digest, (names.get(digest) ?? new Set()).add(name));
  for (const report of steps) {
    const wires = pipeline.steps.find(({ id }) => id === report.id)?.in ?? {};
    for (const [port, digest] of Object.entries(report.inputs)) add(wires[port] ?? port, digest);
    for (const [port, digest] of Object.entries(report.outputs)) {
      add(`${report.id}.${port}`, digest);
    }
  }
  return [...names].map(([digest, set]) => {
    const [name, ...others] = set;
    const slots = Object.entries(pipeline.outputs).filter(([output, from]) =>
      set.has(from) && outputFiles({ outputs }, output).length === 0
    );
    return valueEntity(dataId(digest), name, `sha256:${digest}`, {
      alternateName: oneOrMany(others),
      description: "A value that passed between steps, by its digest",
      exampleOfWork: oneOrMany(slots.map(([output]) => reference(`#output/${output}`))),
    });
  });
}
