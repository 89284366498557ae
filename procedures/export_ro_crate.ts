/**
 * Turns the folder of a finished run into a Workflow Run RO-Crate, which other programs can read.
 *
 * The crate follows RO-Crate 1.1, Workflow RO-Crate 1.0 and the Process, Workflow and Provenance Run
 * Crate profiles 0.5. It says only what the run record says: no person, address or time is made up,
 * and inputs outside the folder are named by file name and digest, not by a path of the machine.
 *
 * @see https://w3id.org/ro/wfrun/workflow/0.5
 *
 * @module
 */
import { AdatomError } from "../core/errors.ts";
import { RUN_RECORD } from "../core/host/output_folder.ts";
import type { RunRecord } from "../core/host/run_record.ts";
import { PIPELINE_FORMAT, PIPELINE_SCHEMA } from "../core/pipeline/document.ts";
import { digestBytes } from "../core/store/digest.ts";
import { type FinishedRun, readFinishedRun } from "./read_run.ts";
import {
  type CrateEntity,
  fileEntity,
  licenseEntity,
  oneOrMany,
  reference,
  timeOf,
} from "./ro_crate_entity.ts";
import { adatomId, stepEntities } from "./ro_crate_steps.ts";
import { workflowEntities } from "./ro_crate_workflow.ts";

/** The file of a crate that says what is in it; the name is given by the specification. */
export const CRATE_METADATA = "ro-crate-metadata.json";

/** The file the pipeline of a run is written to in its crate. */
export const CRATE_PIPELINE = "pipeline.json";

/** A crate made from a run folder. */
export interface RoCrate {
  /** The content of `ro-crate-metadata.json`. */
  readonly metadata: {
    readonly "@context": readonly string[];
    readonly "@graph": readonly CrateEntity[];
  };
  /** The files to add to the folder, by name. */
  readonly files: readonly (readonly [name: string, bytes: Uint8Array])[];
}

const CONTEXT = [
  "https://w3id.org/ro/crate/1.1/context",
  "https://w3id.org/ro/terms/workflow-run/context",
];

const WORKFLOW_CRATE = "https://w3id.org/workflowhub/workflow-ro-crate/1.0";

/** The profiles the crate follows, with name and version. */
const PROFILES: readonly (readonly [id: string, name: string, version: string])[] = [
  ["https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"],
  ["https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"],
  ["https://w3id.org/ro/wfrun/provenance/0.5", "Provenance Run Crate", "0.5"],
  [WORKFLOW_CRATE, "Workflow RO-Crate", "1.0"],
];

/**
 * Makes a crate from the folder of a finished run, as `adatom run` and `adatom label` write it; writes
 * nothing. The same run record gives the same bytes.
 *
 * @throws AdatomError FILE_MISSING or FILE_CORRUPT when the folder does not hold a finished run whose
 * files are as the record says; OUTPUT_EXISTS when an output has the name of a file of the crate
 */
export function exportRoCrate(folder: string): RoCrate {
  const run = readFinishedRun(folder);
  for (const name of [CRATE_METADATA, CRATE_PIPELINE]) {
    if (Object.hasOwn(run.record.outputs, name)) throw nameTaken(folder, name);
  }
  const pipeline = jsonBytes(run.record.pipeline);
  const metadata = { "@context": CONTEXT, "@graph": graphOf(run, pipeline) };
  return { metadata, files: [[CRATE_PIPELINE, pipeline], [CRATE_METADATA, jsonBytes(metadata)]] };
}

function graphOf(run: FinishedRun, pipeline: Uint8Array): CrateEntity[] {
  const { record } = run;
  const runId = `#run-${run.recordFile.sha256.slice(0, 16)}`;
  const steps = stepEntities(record, runId);
  const workflow = workflowEntities(record, run.sizes);
  const program = adatomEntity(record);
  const license = licenseEntity(record.options?.license);
  const main: CrateEntity = {
    ...fileEntity(CRATE_PIPELINE, digestBytes(pipeline), pipeline.length),
    "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
    name: record.pipeline.name,
    description: record.pipeline.description,
    version: `sha256:${digestBytes(pipeline)}`, // a pipeline has no other version
    programmingLanguage: reference(PIPELINE_SCHEMA),
    input: oneOrMany(workflow.inputs.map(reference)),
    output: oneOrMany(workflow.outputs.map(reference)),
    hasPart: oneOrMany(steps.tools.map(reference)),
    step: oneOrMany(steps.steps.map(reference)),
  };
  const action: CrateEntity = {
    "@id": runId,
    "@type": "CreateAction",
    name: `Run of ${record.pipeline.name}`,
    description: describeRun(record),
    instrument: reference(main),
    object: oneOrMany(workflow.objects.map(reference)),
    result: oneOrMany(workflow.results.map(reference)),
    ...timeOf(record),
    actionStatus: "http://schema.org/CompletedActionStatus",
  };
  const trace: CrateEntity = {
    ...fileEntity(RUN_RECORD, run.recordFile.sha256, run.recordFile.bytes),
    description: "What was run, as Adatom recorded it",
    about: reference(runId),
  };
  const parts = [main, trace, ...workflow.files, ...workflow.sources];
  return [
    descriptor(),
    rootEntity(record, parts, [action, ...steps.actions], license),
    ...PROFILES.map(([id, name, version]) => ({
      "@id": id,
      "@type": "CreativeWork",
      name,
      version,
    })),
    license,
    main,
    pipelineLanguage(),
    program,
    action,
    trace,
    ...workflow.entities,
    ...steps.entities,
  ];
}

function descriptor(): CrateEntity {
  return {
    "@id": CRATE_METADATA,
    "@type": "CreativeWork",
    about: reference("./"),
    conformsTo: ["https://w3id.org/ro/crate/1.1", WORKFLOW_CRATE].map(reference),
  };
}

function rootEntity(
  { pipeline, options = {}, ended }: RunRecord,
  parts: readonly CrateEntity[],
  actions: readonly CrateEntity[],
  license: CrateEntity,
): CrateEntity {
  const { title, citation } = options;
  return {
    "@id": "./",
    "@type": "Dataset",
    conformsTo: PROFILES.map(([id]) => reference(id)),
    name: typeof title === "string" && title !== "" ? title : `Run of ${pipeline.name}`,
    description: `Outputs of the Adatom pipeline ${pipeline.name}${
      pipeline.description ? `: ${pipeline.description}` : ""
    }`,
    datePublished: ended,
    license: reference(license),
    citation: typeof citation === "string" && citation !== "" ? citation : undefined,
    mainEntity: reference(parts[0]),
    hasPart: oneOrMany(parts.map(reference)),
    mentions: oneOrMany(actions.map(reference)),
  };
}

function adatomEntity({ host, code }: RunRecord): CrateEntity {
  const version = String(host.adatom);
  return {
    "@id": adatomId({ host }),
    "@type": "SoftwareApplication",
    name: "Adatom",
    description: "A plugin host for atomic-resolution electron microscopy",
    softwareVersion: version,
    identifier: `sha256:${code}`,
  };
}

function pipelineLanguage(): CrateEntity {
  return {
    "@id": PIPELINE_SCHEMA,
    "@type": "ComputerLanguage",
    name: "Adatom pipeline",
    alternateName: PIPELINE_FORMAT,
    identifier: reference(PIPELINE_SCHEMA),
    url: reference(PIPELINE_SCHEMA),
    version: PIPELINE_FORMAT.slice(PIPELINE_FORMAT.indexOf("/") + 1),
  };
}

function describeRun({ host, seed, warnings, steps }: RunRecord): string {
  const count = warnings.length +
    steps.reduce((sum, step) => sum + (step.warnings?.length ?? 0), 0);
  const where = `Adatom ${host.adatom} on Deno ${host.deno}, ${host.os} ${host.arch}`;
  return `${where}; seed ${seed}; ${steps.length} step runs; ${count} warnings (see ${RUN_RECORD})`;
}

function nameTaken(folder: string, name: string): AdatomError {
  return new AdatomError("OUTPUT_EXISTS", {
    cannot: `export the run in "${folder}"`,
    expected: `no output named "${name}", which is a file of the crate`,
    got: "one",
    hint: "give that output of the pipeline another name and run it again",
  });
}

function jsonBytes(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value, null, 2) + "\n");
}
