/**
 * What went into a run and what came out, as entities of an RO-Crate: the pipeline's inputs,
 * parameters and outputs, and the files and values that took their places.
 *
 * @module
 */
import type { RunRecord } from "../core/host/run_record.ts";
import { paramTargets, type PipelineInput } from "../core/pipeline/document.ts";
import type { Digest } from "../core/store/digest.ts";
import {
  byCodePoint,
  type CrateEntity,
  type CrateReference,
  dataId,
  dataTypes,
  fileEntity,
  fileId,
  oneOrMany,
  outputFiles,
  outsideFileEntity,
  reference,
  scalar,
  unique,
  valueEntity,
} from "./ro_crate_entity.ts";

/** The entities about a run's inputs, parameters and outputs. */
export interface WorkflowEntities {
  /** The formal parameters that go in: inputs, then parameters. */
  readonly inputs: readonly CrateEntity[];
  /** The formal parameters that come out. */
  readonly outputs: readonly CrateEntity[];
  /** What the run was given: files, then values. */
  readonly objects: readonly CrateEntity[];
  /** What the run made: the files in the folder, and outputs without a file by their digests. */
  readonly results: readonly CrateReference[];
  /** The files in the folder. */
  readonly files: readonly CrateEntity[];
  /** The files the run read, which lie outside the folder. */
  readonly sources: readonly CrateEntity[];
  /** All of these. */
  readonly entities: readonly CrateEntity[];
}

/** The entities about a run's inputs, parameters and outputs, whose sizes are given. */
export function workflowEntities(
  record: RunRecord,
  sizes: Readonly<Record<string, number>>,
): WorkflowEntities {
  const sources = inputFiles(record);
  const given = paramValues(record);
  const seed = valueEntity("#seed", "seed", record.seed, {
    description: "Seed of all random numbers",
  });
  const names = Object.keys(record.pipeline.outputs);
  const slots = new Map(
    names.flatMap((output) => outputFiles(record, output).map((file) => [file, output])),
  );
  const files = Object.keys(record.outputs).sort(byCodePoint).map((file) => {
    const slot = slots.get(file);
    return {
      ...fileEntity(file, record.outputs[file], sizes[file]),
      exampleOfWork: slot === undefined ? undefined : reference(`#output/${slot}`),
    };
  });
  const outputs = names.map((name) => outputParameter(name, record));
  const values = unique(
    names.filter((name) => outputFiles(record, name).length === 0)
      .flatMap((name) => outputValues(name, record)),
  );
  const inputs = [
    ...Object.entries(record.pipeline.inputs ?? {}).map(([name, input]) =>
      inputParameter(name, input, sources.filter((file) => exemplifies(file, `#input/${name}`)))
    ),
    ...given.parameters,
  ];
  const objects = [...sources, ...given.values, seed];
  return {
    inputs,
    outputs,
    objects,
    results: [...files, ...values],
    files,
    sources,
    entities: [...inputs, ...outputs, ...objects, ...files],
  };
}

/** The files a run read, each once; files of the same bytes are one. */
function inputFiles({ inputs, pipeline }: RunRecord): CrateEntity[] {
  const declared = Object.keys(pipeline.inputs ?? {});
  const found = new Map<Digest, { bytes: number; names: Set<string>; places: Set<string> }>();
  for (const [place, files] of Object.entries(inputs)) {
    for (const { path, sha256, bytes } of files) {
      const known = found.get(sha256) ?? { bytes, names: new Set(), places: new Set() };
      found.set(sha256, known);
      known.names.add(path.split(/[\\/]/).at(-1)!);
      known.places.add(place);
    }
  }
  // a labeled set names its inputs by exposure set, each of which takes the place of the one input
  const slotOf = (place: string) =>
    declared.includes(place) ? [place] : declared.length === 1 ? declared : [];
  return [...found].map(([sha256, { bytes, names, places }]) => {
    const sets = [...places].filter((place) => !declared.includes(place));
    const whose = sets.length === 0 ? "" : `Exposures of ${sets.join(", ")}. `;
    return {
      ...outsideFileEntity([...names], sha256, bytes),
      description: `${whose}Not in this crate; known by its digest`,
      exampleOfWork: oneOrMany(
        [...new Set([...places].flatMap(slotOf))].map((slot) => reference(`#input/${slot}`)),
      ),
    };
  });
}

function inputParameter(
  name: string,
  { kind, axes, optional, description }: PipelineInput,
  files: readonly CrateEntity[],
): CrateEntity {
  return {
    "@id": `#input/${name}`,
    "@type": "FormalParameter",
    name,
    description: description ?? `Input of kind ${kind}`,
    additionalType: "File",
    valueRequired: optional ? "False" : "True",
    multipleValues: kind === "exposures" || axes === "t" ? "True" : undefined,
    workExample: oneOrMany(files.map(reference)),
  };
}

function outputParameter(name: string, record: RunRecord): CrateEntity {
  const from = record.pipeline.outputs[name];
  const files = outputFiles(record, name).map((file) => reference(fileId(file)));
  // an output written under other names, as a labeled set's are, is known by the digest of its value
  const examples = files.length > 0 ? files : outputValues(name, record);
  return {
    "@id": `#output/${name}`,
    "@type": "FormalParameter",
    name,
    description: `Output of the pipeline: ${from}`,
    additionalType: files.length > 0 ? "File" : "PropertyValue",
    multipleValues: examples.length > 1 ? "True" : undefined,
    workExample: oneOrMany(examples),
  };
}

/** The values an output of the pipeline had: one, or one for each labeled set. */
function outputValues(name: string, { pipeline, steps }: RunRecord): CrateReference[] {
  return unique(
    steps.flatMap(({ id, outputs }) =>
      Object.entries(outputs).filter(([port]) => `${id}.${port}` === pipeline.outputs[name])
        .map(([, digest]) => reference(dataId(digest)))
    ),
  );
}

/** The pipeline's parameters and the values they had; values of single steps' parameters beside. */
function paramValues({ pipeline, params, steps }: RunRecord) {
  const declared = Object.entries(pipeline.params ?? {});
  const parameters: CrateEntity[] = [];
  const values: CrateEntity[] = [];
  for (const [name, param] of declared) {
    const [target] = paramTargets(param);
    const step = steps.find(({ id }) => id === target.step);
    const value = step?.params[target.param] ?? params[name] ?? param.default;
    const isDefault = !Object.hasOwn(params, name);
    const known = param.default ?? (isDefault ? value : undefined);
    parameters.push({
      "@id": `#param/${name}`,
      "@type": "FormalParameter",
      name,
      description: param.description ?? `Parameter ${[param.of].flat().join(", ")}`,
      additionalType: dataTypes(value),
      valueRequired: "False",
      multipleValues: Array.isArray(value) ? "True" : undefined,
      defaultValue: known === undefined ? undefined : scalar(known),
      workExample: reference(`#value/${name}`),
    });
    values.push(valueEntity(`#value/${name}`, name, value, {
      exampleOfWork: reference(`#param/${name}`),
    }));
  }
  for (const [name, value] of Object.entries(params)) {
    if (Object.hasOwn(pipeline.params ?? {}, name)) continue;
    values.push(valueEntity(`#value/${name}`, name, value));
  }
  return { parameters, values };
}

function exemplifies(entity: CrateEntity, id: string): boolean {
  return [entity.exampleOfWork].flat().some((work) => (work as CrateReference)?.["@id"] === id);
}
