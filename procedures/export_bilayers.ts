/**
 * Describes a stage for Bilayers, which makes graphical interfaces for command lines in containers.
 *
 * The text is a `config.yaml` in the terms of the Bilayers schema. Everything in it comes from the
 * stage's declaration. The schema has no field for the range of a number, so that ranges are said in
 * the descriptions; a parameter that takes a number or "auto" is a box for text.
 *
 * @see https://github.com/bilayer-containers/bilayers-schema
 *
 * @module
 */
import { kebabCase, paramHelp } from "../core/host/describe.ts";
import type { StageDescription } from "../core/stage/declaration.ts";
import type { ParamDeclaration } from "../core/stage/params.ts";
import type { PortDeclaration } from "../core/stage/ports.ts";
import { builtinFormats } from "../plugins/mod.ts";
import { DEFAULT_SEED } from "./create_host.ts";
import { stringifyYaml } from "./yaml.ts";

/** Where Bilayers puts files inside a container. */
const CONTAINER_FOLDER = "/bilayers";

/** An enumeration of at most this many words is shown whole, a longer one as a list that opens. */
const RADIO_WORDS = 3;

type Fields = Readonly<Record<string, unknown>>;

/**
 * The `config.yaml` that describes a stage for Bilayers.
 *
 * No container image of Adatom is published, so that the fields of `docker_image` but the platform are
 * empty, for whoever builds one to fill in.
 */
export function bilayersDescriptor(stage: StageDescription): string {
  const inputs = Object.entries(stage.inputs);
  return stringifyYaml({
    citations: [{ name: "Adatom", doi: "", license: "MIT", description: plain(stage.summary) }],
    docker_image: { org: "", name: "", tag: "", platform: "linux/amd64" },
    algorithm_folder_name: `adatom_${identifier(stage.id)}`,
    exec_function: {
      name: "generate_cli_command",
      cli_command: `adatom run ${stage.id}`,
      hidden_args: [],
    },
    inputs: inputs.map(([name, port], i) => inputFields(name, port, i + 1)),
    outputs: Object.entries(stage.outputs).map(([name, port]) => outputFields(name, port)),
    parameters: [
      outputFolder(inputs.length + 1),
      ...Object.entries(stage.params).map(([name, param]) => paramFields(name, param)),
      ...(stage.random ? [seedFields()] : []),
    ],
    display_only: [],
  });
}

function inputFields(name: string, port: PortDeclaration, order: number): Fields {
  const several = "axes" in port && port.axes === "t";
  return {
    name: identifier(name),
    ...portType(port),
    label: title(name),
    description: plain(port.description),
    cli_tag: `--in ${name}=`, // a tag with "=" is followed by its value without a space
    cli_order: order,
    default: several || port.kind === "exposures" ? "directory" : "single",
    optional: port.optional === true,
    format: inputFormats(port),
    folder_name: `${CONTAINER_FOLDER}/${name}`,
    file_count: several || port.kind === "exposures" ? "multiple" : "single",
    unique_string: ["*"],
    section_id: "inputs",
    mode: port.optional ? "advanced" : "beginner",
  };
}

function outputFields(name: string, port: PortDeclaration): Fields {
  const several = "axes" in port && port.axes === "t";
  return {
    name: identifier(name),
    ...portType(port),
    label: title(name),
    description: plain(port.description),
    cli_tag: "None",
    cli_order: 0,
    default: several ? "directory" : "single",
    optional: false,
    format: [outputFormat(port)],
    folder_name: `${CONTAINER_FOLDER}/outputs`,
    file_count: several ? "multiple" : "single",
    unique_string: [name],
    section_id: "outputs",
    mode: "beginner",
  };
}

/** The type of a port, with the fields that images need. */
function portType({ kind }: PortDeclaration): Fields {
  switch (kind) {
    case "image":
    case "exposures":
      return {
        type: "image",
        subtype: ["grayscale"],
        depth: false,
        timepoints: kind === "exposures",
        tiled: true,
        pyramidal: false,
      };
    case "json":
    case "model":
      return { type: "file" };
    default:
      return { type: "measurement" };
  }
}

function inputFormats(port: PortDeclaration): readonly string[] {
  const { kind } = port;
  if (kind === "json") {
    const typed = builtinFormats.filter((f) => f.kind === "json" && f.type === port.type);
    return ["json", ...typed.flatMap((format) => format.extensions)];
  }
  if (kind === "model") return ["onnx"];
  const wanted = kind === "image" || kind === "exposures" ? "image" : "table";
  return builtinFormats.filter((format) => format.kind === wanted)
    .flatMap((format) => format.extensions);
}

function outputFormat({ kind }: PortDeclaration): string {
  if (kind === "json") return "json";
  if (kind === "model") return "onnx";
  return kind === "image" || kind === "exposures" ? "tif" : "csv";
}

function paramFields(name: string, param: ParamDeclaration): Fields {
  return {
    name: identifier(name),
    ...paramControl(param),
    label: plain(param.title ?? title(name)),
    description: plain(paramHelp(param)),
    cli_tag: `--${kebabCase(name)}`,
    cli_order: 0,
    optional: true,
    section_id: "parameters",
    mode: param.level === "advanced" ? "advanced" : "beginner",
  };
}

/** The control of a parameter, its default, and the fields the control needs. */
function paramControl(param: ParamDeclaration): Fields {
  switch (param.type) {
    case "boolean":
      // a box that is not checked adds nothing to the command, so it cannot switch anything off
      return param.default
        ? { type: "radio", options: options(["true", "false"]), default: "true" }
        : { type: "checkbox", append_value: false, default: false };
    case "string":
      if (param.enum === undefined) return { type: "textbox", default: param.default };
      return param.enum.length <= RADIO_WORDS
        ? { type: "radio", options: options(param.enum), default: param.default }
        : {
          type: "dropdown",
          options: options(param.enum),
          multiselect: false,
          default: param.default,
        };
    case "array":
      return { type: "textbox", default: param.default.join(",") };
    default:
      if (param.auto) return { type: "textbox", default: String(param.default) };
      return { type: param.type === "integer" ? "integer" : "float", default: param.default };
  }
}

function options(words: readonly string[]): Fields[] {
  return words.map((word) => ({ label: word, value: word }));
}

function outputFolder(order: number): Fields {
  return {
    name: "output_folder",
    type: "textbox",
    output_dir_set: true,
    default: `${CONTAINER_FOLDER}/outputs`,
    label: "Output folder",
    description: "Folder for the outputs and the run record; a new or empty one",
    cli_tag: "--out",
    cli_order: order,
    optional: false,
    section_id: "outputs",
    mode: "beginner",
  };
}

function seedFields(): Fields {
  return {
    name: "seed",
    type: "integer",
    default: DEFAULT_SEED,
    label: "Seed",
    description: "Seed of all random numbers",
    cli_tag: "--seed",
    cli_order: 0,
    optional: true,
    section_id: "parameters",
    mode: "advanced",
  };
}

/** A name as Bilayers makes variables of it: `minimumAboveSaddle` as `minimum_above_saddle`. */
function identifier(name: string): string {
  return kebabCase(name).replaceAll(/[^a-z0-9]+/g, "_");
}

/** A name as a label: `minimumAboveSaddle` as `Minimum above saddle`. */
function title(name: string): string {
  const words = kebabCase(name).replaceAll("-", " ");
  return words[0].toUpperCase() + words.slice(1);
}

/** A text without the quotes that would end it in the program Bilayers makes of it. */
function plain(text: string): string {
  return text.replaceAll('"', "'");
}
