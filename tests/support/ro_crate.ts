/**
 * What the specifications of Workflow Run RO-Crates demand, as a list of texts with a test each.
 *
 * @see https://w3id.org/ro/wfrun/workflow/0.5
 *
 * @module
 */
import type { RoCrate } from "../../procedures/export_ro_crate.ts";

/** An entity of a crate's graph. */
export type Entity = Record<string, unknown>;

/** Entities by id. */
export type Graph = ReadonlyMap<string, Entity>;

/** The entities of a crate by id. */
export function graphOf(crate: RoCrate): Graph {
  return new Map(crate.metadata["@graph"].map((entity) => [entity["@id"], entity]));
}

/** The ids a property links to. */
export function targets(value: unknown): string[] {
  const list = value === undefined ? [] : [value].flat();
  return list.map((target) => (target as { "@id": string })["@id"]);
}

/** Whether an entity is of a type. */
export function isA(entity: Entity | undefined, type: string): boolean {
  return [entity?.["@type"]].flat().includes(type);
}

/** All entities of a type. */
export function all(graph: Graph, type: string): Entity[] {
  return [...graph.values()].filter((entity) => isA(entity, type));
}

/** Whether every link of a property leads to an entity of one of the types. */
function leads(graph: Graph, entity: Entity, property: string, ...types: string[]): boolean {
  return targets(entity[property]).every((id) => types.some((type) => isA(graph.get(id), type)));
}

function has(graph: Graph, entity: Entity, property: string, ...types: string[]): boolean {
  return targets(entity[property]).length > 0 && leads(graph, entity, property, ...types);
}

/** The root entity. */
export const root = (graph: Graph) => graph.get("./")!;
/** The main workflow. */
export const main = (graph: Graph) => graph.get(targets(root(graph).mainEntity)[0])!;
const conforms = (graph: Graph, profile: string) =>
  targets(root(graph).conformsTo).includes(profile) && isA(graph.get(profile), "CreativeWork");

/** What the specifications demand with MUST of the entities a crate of ours has. */
const REQUIREMENTS: readonly (readonly [text: string, holds: (graph: Graph) => boolean])[] = [
  [
    "RO-Crate 1.1: the metadata file is a CreativeWork about the root and names the specification",
    (graph) => {
      const entity = graph.get("ro-crate-metadata.json")!;
      return isA(entity, "CreativeWork") && targets(entity.about)[0] === "./" &&
        targets(entity.conformsTo).includes("https://w3id.org/ro/crate/1.1");
    },
  ],
  ["RO-Crate 1.1: the root is a Dataset", (graph) => isA(root(graph), "Dataset")],
  [
    "RO-Crate 1.1: the root has name, description, datePublished and license",
    (graph) =>
      ["name", "description", "datePublished", "license"].every((p) =>
        root(graph)[p] !== undefined
      ),
  ],
  [
    "RO-Crate 1.1: datePublished is an ISO 8601 date",
    (graph) => !Number.isNaN(Date.parse(String(root(graph).datePublished))),
  ],
  [
    "RO-Crate 1.1: every File is linked from the root by hasPart",
    (graph) => {
      const parts = new Set(targets(root(graph).hasPart));
      return all(graph, "File").every((file) => parts.has(String(file["@id"])));
    },
  ],
  [
    "RO-Crate 1.1: hasPart of the root leads to Files or Datasets only",
    (graph) => leads(graph, root(graph), "hasPart", "File", "Dataset"),
  ],
  [
    "Workflow RO-Crate 1.0: mainEntity is a File, SoftwareSourceCode and ComputationalWorkflow",
    (graph) =>
      ["File", "SoftwareSourceCode", "ComputationalWorkflow"].every((t) => isA(main(graph), t)),
  ],
  [
    "Workflow RO-Crate 1.0: the main workflow names its language by programmingLanguage",
    (graph) => has(graph, main(graph), "programmingLanguage", "ComputerLanguage"),
  ],
  [
    "Process Run Crate 0.5: the root conforms to the profile",
    (graph) => conforms(graph, "https://w3id.org/ro/wfrun/process/0.5"),
  ],
  [
    "Process Run Crate 0.5: every CreateAction has an instrument that is a program or a workflow",
    (graph) =>
      all(graph, "CreateAction").every((action) =>
        has(graph, action, "instrument", "SoftwareApplication", "ComputationalWorkflow")
      ),
  ],
  [
    "Workflow Run Crate 0.5: the root conforms to the profile",
    (graph) => conforms(graph, "https://w3id.org/ro/wfrun/workflow/0.5"),
  ],
  [
    "Workflow Run Crate 0.5: a CreateAction has the main workflow as its instrument",
    (graph) =>
      all(graph, "CreateAction").filter((action) =>
        targets(action.instrument)[0] === main(graph)["@id"]
      ).length === 1,
  ],
  [
    "Workflow Run Crate 0.5: input and output lead to FormalParameters",
    (graph) =>
      has(graph, main(graph), "input", "FormalParameter") &&
      has(graph, main(graph), "output", "FormalParameter"),
  ],
  [
    "Workflow Run Crate 0.5: every FormalParameter has an additionalType",
    (graph) => all(graph, "FormalParameter").every((p) => p.additionalType !== undefined),
  ],
  [
    "Workflow Run Crate 0.5: what is no slot of the workflow is no exampleOfWork of one",
    (graph) =>
      [...graph.values()].every((entity) =>
        leads(graph, entity, "exampleOfWork", "FormalParameter")
      ) && graph.get("#seed")!.exampleOfWork === undefined,
  ],
  [
    "Workflow Run Crate 0.5: workExample and exampleOfWork mirror each other",
    (graph) =>
      all(graph, "FormalParameter").every((parameter) =>
        targets(parameter.workExample).length > 0 &&
        targets(parameter.workExample).every((id) =>
          targets(graph.get(id)?.exampleOfWork).includes(String(parameter["@id"]))
        )
      ),
  ],
  [
    "Provenance Run Crate 0.5: the root conforms to the profile",
    (graph) => conforms(graph, "https://w3id.org/ro/wfrun/provenance/0.5"),
  ],
  [
    "Provenance Run Crate 0.5: a workflow with steps is a HowTo and has its tools by hasPart",
    (graph) =>
      isA(main(graph), "HowTo") && has(graph, main(graph), "hasPart", "SoftwareApplication") &&
      has(graph, main(graph), "step", "HowToStep"),
  ],
  [
    "Provenance Run Crate 0.5: every tool is the instrument of an action",
    (graph) =>
      targets(main(graph).hasPart).every((tool) =>
        all(graph, "CreateAction").some((action) => targets(action.instrument).includes(tool))
      ),
  ],
  [
    "Provenance Run Crate 0.5: every HowToStep has its tool as workExample",
    (graph) =>
      all(graph, "HowToStep").every((step) =>
        has(graph, step, "workExample", "SoftwareApplication")
      ),
  ],
  [
    "Provenance Run Crate 0.5: every ControlAction has a step as instrument and a run as object",
    (graph) =>
      all(graph, "ControlAction").every((action) =>
        has(graph, action, "instrument", "HowToStep") &&
        has(graph, action, "object", "CreateAction")
      ),
  ],
  [
    "Provenance Run Crate 0.5: the OrganizeAction has engine, step executions and the run",
    (graph) =>
      all(graph, "OrganizeAction").every((action) =>
        has(graph, action, "instrument", "SoftwareApplication") &&
        has(graph, action, "object", "ControlAction") &&
        has(graph, action, "result", "CreateAction")
      ),
  ],
  [
    "JSON-LD: ids are unique and every link within the crate leads somewhere",
    (graph) =>
      [...graph.values()].every((entity) =>
        Object.values(entity).flat().every((value) => {
          const id = (value as { "@id"?: string } | undefined)?.["@id"];
          return id === undefined || /^https?:/.test(id) || graph.has(id);
        })
      ),
  ],
];

/** The requirements a crate does not keep. */
export function brokenRequirements(crate: RoCrate): string[] {
  const graph = graphOf(crate);
  const unique = graph.size === crate.metadata["@graph"].length;
  const broken = REQUIREMENTS.filter(([, holds]) => !holds(graph)).map(([text]) => text);
  return unique ? broken : [...broken, "an id occurs twice"];
}
