import { assertEquals, assertIncludes, assertTrue } from "@assert";
import { createHost, describeStage, type StageDescription } from "../../mod.ts";
import { bilayersDescriptor } from "../../procedures/export_bilayers.ts";
import { parseYaml } from "../../procedures/yaml.ts";

type Fields = Record<string, unknown>;

/** Fields a class of the Bilayers schema must have and may have, as its slots say. */
interface SchemaClass {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

const CONTAINER: SchemaClass = {
  required: [
    "inputs",
    "outputs",
    "parameters",
    "exec_function",
    "docker_image",
    "algorithm_folder_name",
    "citations",
  ],
  optional: ["display_only"],
};
const PORT: SchemaClass = {
  required: [
    ...["name", "type", "label", "cli_tag", "default", "optional", "unique_string"],
    ...["section_id", "mode"],
  ],
  optional: [
    ...["description", "cli_order", "format", "folder_name", "file_count", "structure"],
    ...["subtype", "depth", "timepoints", "tiled", "pyramidal"],
  ],
};
const PARAMETER: SchemaClass = {
  required: ["name", "type", "label", "optional", "section_id", "mode", "default", "cli_tag"],
  optional: [
    ...["description", "cli_order", "interactive", "output_dir_set", "options", "append_value"],
    "multiselect",
  ],
};
const EXEC: SchemaClass = { required: ["name", "cli_command"], optional: ["hidden_args"] };
const IMAGE: SchemaClass = { required: ["org", "name", "tag", "platform"], optional: [] };
const CITATION: SchemaClass = { required: ["name"], optional: ["doi", "license", "description"] };
const OPTION: SchemaClass = { required: ["label"], optional: ["value"] };

/** Fields the schema's rules demand for a type. */
const RULES: Readonly<Record<string, readonly string[]>> = {
  image: ["subtype", "depth", "timepoints", "tiled", "pyramidal"],
  checkbox: ["append_value"],
  radio: ["options"],
  dropdown: ["options", "multiselect"],
};
const PORT_TYPES = ["image", "measurement", "array", "file", "executable"];
const PARAMETER_TYPES = [
  ...["integer", "float", "boolean", "checkbox", "dropdown", "radio", "textbox"],
];
const SUBTYPES = ["grayscale", "color", "binary", "label"];

/** What of some fields is not as the schema has it. */
function problems(where: string, fields: Fields, schema: SchemaClass): string[] {
  const known = [...schema.required, ...schema.optional];
  const demanded = [...schema.required, ...(RULES[String(fields.type)] ?? [])];
  return [
    ...demanded.filter((name) => fields[name] === undefined).map((name) => `${where}: no ${name}`),
    ...Object.keys(fields).filter((name) => !known.includes(name)).map((n) => `${where}: ${n}?`),
  ];
}

function oneOf(where: string, value: unknown, words: readonly string[]): string[] {
  return words.includes(String(value)) ? [] : [`${where}: ${value} is none of ${words}`];
}

function namesProblems(where: string, list: readonly Fields[]): string[] {
  const names = list.map(({ name }) => String(name));
  return [
    ...names.filter((name, i) => names.indexOf(name) !== i).map((n) => `${where}: ${n} twice`),
    ...names.filter((name) => !/^[a-z][a-z0-9_]*$/.test(name)).map((n) => `${where}: ${n} no name`),
  ];
}

function itemProblems(where: string, item: Fields, schema: SchemaClass, types: readonly string[]) {
  return [
    ...problems(where, item, schema),
    ...oneOf(`${where} type`, item.type, types),
    ...oneOf(`${where} mode`, item.mode, ["beginner", "advanced"]),
    ...(item.file_count === undefined
      ? []
      : oneOf(`${where} file_count`, item.file_count, ["single", "multiple"])),
    ...((item.subtype ?? []) as string[]).flatMap((s) => oneOf(`${where} subtype`, s, SUBTYPES)),
    ...((item.options ?? []) as Fields[]).flatMap((o) => problems(`${where} option`, o, OPTION)),
    ...(["optional", "depth", "timepoints", "tiled", "pyramidal", "append_value", "multiselect"]
      .filter((name) => item[name] !== undefined && typeof item[name] !== "boolean")
      .map((name) => `${where} ${name}: no boolean`)),
    ...(/"/.test(`${item.label}${item.description}`) ? [`${where}: a quote ends the text`] : []),
  ];
}

function schemaProblems(config: Fields): string[] {
  const { inputs, outputs, parameters } = config as Record<string, Fields[]>;
  return [
    ...problems("config", config, CONTAINER),
    ...problems("exec_function", config.exec_function as Fields, EXEC),
    ...problems("docker_image", config.docker_image as Fields, IMAGE),
    ...(config.citations as Fields[]).flatMap((c) => problems("citation", c, CITATION)),
    ...[...inputs, ...outputs].flatMap((p) => itemProblems(String(p.name), p, PORT, PORT_TYPES)),
    ...parameters.flatMap((p) => itemProblems(String(p.name), p, PARAMETER, PARAMETER_TYPES)),
    ...namesProblems("inputs and parameters", [...inputs, ...parameters]), // one map upstream
    ...namesProblems("outputs", outputs),
  ];
}

function configOf(stage: StageDescription): Fields {
  return parseYaml(bilayersDescriptor(stage)) as Fields;
}

/** The command Bilayers makes when every control keeps its default. */
function defaultCommand(config: Fields): string {
  const { inputs, parameters, exec_function } = config as Record<string, Fields[]>;
  const words = [...inputs, ...parameters].map((item) => {
    const value = item.folder_name ?? item.default;
    const order = item.cli_order === 0 ? Infinity : Number(item.cli_order);
    if (item.type === "checkbox") return { order, text: value ? String(item.cli_tag) : "" };
    const tag = String(item.cli_tag);
    return { order, text: value === "" ? "" : `${tag}${tag.includes("=") ? "" : " "}${value}` };
  });
  const sorted = words.filter(({ text }) => text !== "").sort((a, b) => a.order - b.order || 0);
  return [(exec_function as unknown as Fields).cli_command, ...sorted.map((w) => w.text)].join(" ");
}

Deno.test("bilayersDescriptor keeps the schema of Bilayers for every built-in stage", () => {
  using host = createHost({ runner: "inline", cache: false });
  const found = host.registry.stages.map(describeStage).flatMap((stage) =>
    schemaProblems(configOf(stage)).map((problem) => `${stage.id}: ${problem}`)
  );
  assertEquals(found, []);
});

Deno.test("bilayersDescriptor describes the ports of alignment.drift and refinement.gaussian", () => {
  using host = createHost({ runner: "inline", cache: false });
  const of = (id: string) => configOf(describeStage(host.registry.get(id)));
  const drift = of("alignment.drift");
  const [exposures] = drift.inputs as Fields[];
  assertEquals(
    [exposures.type, exposures.timepoints, exposures.file_count, exposures.cli_tag],
    ["image", true, "multiple", "--in exposures="],
  );
  const [output] = drift.outputs as Fields[];
  assertEquals([output.name, output.type, output.format], ["drift", "measurement", ["csv"]]);
  assertEquals((drift.exec_function as Fields).cli_command, "adatom run alignment.drift");
  assertTrue(
    defaultCommand(drift).startsWith(
      "adatom run alignment.drift --in exposures=/bilayers/exposures --out /bilayers/outputs " +
        "--reference 0 --max-step auto --contrast same",
    ),
    defaultCommand(drift),
  );
  const inputs = of("refinement.gaussian").inputs as Fields[];
  assertEquals(inputs.slice(0, 2).map(({ name, type, cli_order }) => [name, type, cli_order]), [
    ["image", "image", 1],
    ["peaks", "measurement", 2],
  ]);
});

Deno.test("bilayersDescriptor chooses controls, modes and ranges by the declaration", () => {
  using host = createHost({ runner: "inline", cache: false });
  const config = configOf(describeStage(host.registry.get("peaks.findfoci")));
  const parameters = new Map((config.parameters as Fields[]).map((p) => [p.name, p]));
  const get = (name: string, ...fields: string[]) =>
    fields.map((field) => parameters.get(name)![field]);
  assertEquals(get("polarity", "type", "mode", "default"), ["radio", "beginner", "bright"]);
  assertEquals(get("threshold", "type", "multiselect", "mode"), ["dropdown", false, "advanced"]);
  assertEquals(get("blur", "type", "default", "cli_tag"), ["textbox", "auto", "--blur"]);
  assertEquals(get("minimum_above_saddle", "type", "default", "append_value"), [
    "checkbox",
    false,
    false,
  ]);
  assertEquals(get("minimum_size", "type", "default", "cli_tag"), ["integer", 5, "--minimum-size"]);
  assertEquals(get("search_fraction", "type", "label"), ["float", "Search fraction"]);
  assertEquals(
    get("search_fraction", "description")[0],
    "Share of the peak's height below which pixels leave its region " +
      "(a number from 0 to 1; default 0.3)",
  );
  assertEquals(get("output_folder", "output_dir_set", "cli_tag"), [true, "--out"]);
});

Deno.test("bilayersDescriptor can switch off what is on, and seeds what is random", () => {
  const stage: StageDescription = {
    id: "lab.shake",
    version: "1.0.0",
    api: "^1.0",
    summary: 'Shakes "everything"',
    random: true,
    migrates: false,
    inputs: { tables: { kind: "columns", axes: "t", description: "Columns" } },
    outputs: { "new-tables": { kind: "columns", axes: "t", description: "Columns" } },
    params: { on: { type: "boolean", default: true, description: "Whether it shakes" } },
  };
  const config = configOf(stage);
  assertEquals(schemaProblems(config), []);
  assertIncludes(bilayersDescriptor(stage), 'name: "on"\n'); // a word that means true in YAML 1.1
  const [, on, seed] = config.parameters as Fields[];
  assertEquals([on.type, on.default], ["radio", "true"]);
  assertEquals([seed.cli_tag, seed.default], ["--seed", 1]);
  const [output] = config.outputs as Fields[];
  assertEquals([output.name, output.file_count], ["new_tables", "multiple"]);
  assertEquals((config.citations as Fields[])[0].description, "Shakes 'everything'");
});
