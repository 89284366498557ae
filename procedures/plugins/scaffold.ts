/**
 * The files of a new plugin: a stage that works, its tests, its examples, and what a repository needs.
 *
 * @module
 */
import { AdatomError } from "../../core/errors.ts";
import { PLUGIN_ID } from "../../core/plugin/plugin.ts";
import { tiff } from "../../plugins/io/tiff.ts";
import { EXAMPLE_PARAMS, exampleImage, sharpenedExample } from "./_example_image.ts";
import * as code from "./_template_code.ts";
import * as texts from "./_template_texts.ts";

/** What a new plugin is made from. */
export interface ScaffoldRequest {
  /** `owner.name`; its stage has the same id. */
  readonly id: string;
  /** Address of `core/mod.ts`: a `file:` or `https:` address, or a path relative to the plugin. */
  readonly coreAddress: string;
  /** Year of the copyright line. */
  readonly year: number;
  /** Name in the copyright line; the owner of the id unless given. */
  readonly author?: string;
}

/**
 * All files of a new plugin by their paths in its folder.
 *
 * The same request gives the same bytes. The files pass `deno fmt --check`, `deno lint`, `deno check`
 * and `deno test` as they are.
 *
 * @throws AdatomError PLUGIN_DECLARATION for an id that is not `owner.name`
 */
export async function scaffoldPlugin(
  request: ScaffoldRequest,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const names = namesOf(request.id);
  const { coreAddress, year, author = names.owner } = request;
  const image = exampleImage();
  const expected = sharpenedExample(image, EXAMPLE_PARAMS.sigma, EXAMPLE_PARAMS.amount);
  const written: readonly (readonly [path: string, text: string])[] = [
    ["plugin.ts", code.pluginTs(names)],
    [`${names.file}.ts`, code.stageTs(names)],
    ["_sharpen.ts", code.kernelTs()],
    [`${names.file}_test.ts`, code.testTs(names)],
    ["_test_context.ts", code.testContextTs()],
    [`examples/${names.file}.json`, texts.exampleJson(names, EXAMPLE_PARAMS)],
    ["deno.json", texts.denoJson(coreAddress)],
    ["README.md", texts.readme(names)],
    ["LICENSE", texts.mitLicense(year, author)],
    [".gitignore", texts.gitignore()],
    [".github/workflows/ci.yml", texts.ciYml()],
  ];
  const encoder = new TextEncoder();
  return new Map<string, Uint8Array>([
    ...written.map(([path, text]) => [path, encoder.encode(text)] as const),
    ["examples/image.tif", await tiff.write([image])],
    ["examples/expected.tif", await tiff.write([expected])],
  ]);
}

/** The words of JavaScript and of the templates that no stage can be named after. */
const TAKEN_IDENTIFIERS: ReadonlySet<string> = new Set([
  ..."await break case catch class const continue debugger default delete do else enum export"
    .split(
      " ",
    ),
  ..."extends false finally for function if implements import in instanceof interface let".split(
    " ",
  ),
  ..."new null package private protected public return static super switch this throw true".split(
    " ",
  ),
  ..."try typeof var void while with yield arguments eval undefined".split(" "),
  ..."assert createImage definePlugin defineStage gaussianBlur sharpenRow testContext".split(" "),
]);

/** Every form of a plugin's name. */
function namesOf(id: string): code.PluginNames {
  if (!PLUGIN_ID.test(id)) {
    throw new AdatomError("PLUGIN_DECLARATION", {
      cannot: `make the plugin "${id}"`,
      expected: 'an id like "owner.name": lower case letters, digits and hyphens',
      got: `"${id}"`,
      hint: PLUGIN_ID.test(id.toLowerCase()) ? `did you mean "${id.toLowerCase()}"?` : undefined,
    });
  }
  const [owner, name] = id.split(".");
  const words = name.split("-").filter((word) => word !== "");
  const clashes = TAKEN_IDENTIFIERS.has(camelCase(words)) || ["plugin", "mod"].includes(name) ||
    ["test", "bench"].includes(words.at(-1)!);
  if (clashes) words.push("stage");
  return { id, owner, name, file: words.join("_"), identifier: camelCase(words) };
}

function camelCase([first, ...rest]: readonly string[]): string {
  return first + rest.map((word) => word[0].toUpperCase() + word.slice(1)).join("");
}
