/**
 * Hostile plugins that answer with wrong values, lie in their errors, or are no plugins at all.
 *
 * @module
 */
import type { ErrorCode } from "../../core/errors.ts";
import type { PortDeclaration } from "../../core/stage/ports.ts";
import { CANNOT_RUN, type HostilePlugin, PLUGIN, REPORT, stageCode } from "./hostile.ts";

function gives(
  name: string,
  body: string,
  expect: ErrorCode | "contained",
  says?: string,
  output?: PortDeclaration,
): HostilePlugin {
  const more = { ...(says === undefined ? {} : { says }), ...(output ? { output } : {}) };
  return { name: `gives ${name}`, code: stageCode(body), expect, ...more };
}

const TABLE: PortDeclaration = {
  kind: "table",
  columns: { x: "px" },
  words: ["word"],
  description: "A table",
};
const COUNTS: PortDeclaration = {
  kind: "json",
  description: "Counts",
  schema: { type: "object", additionalProperties: { type: "number" } },
};

/** A table with these columns; the code of a return statement. */
const table = (columns: string, length = "2") =>
  `return { image: { length: ${length}, columns: ${columns}, units: {} } };`;

/** An image with something changed. */
const image = (change: string) => `return { image: { ...good().image, ${change} } };`;

const OUTPUTS: readonly HostilePlugin[] = [
  gives("nothing", "return undefined;", "PLUGIN_PROTOCOL"),
  gives("null", "return null;", "PLUGIN_PROTOCOL"),
  gives("a list", "return [1];", "PLUGIN_PROTOCOL"),
  gives("no outputs", "return {};", "OUTPUT_MISSING"),
  gives("an output of null", "return { image: null };", "OUTPUT_TYPE"),
  gives("an output of the wrong kind", table("{}", "0"), "OUTPUT_TYPE"),
  gives("NaN", image("data: image.data.map(() => NaN)"), "OUTPUT_NON_FINITE"),
  gives("a negative size", image("width: -2, height: -3"), "OUTPUT_TYPE"),
  gives("an odd size", image("width: 2.5"), "OUTPUT_TYPE"),
  gives("a huge size", image("width: 1e9, height: 1e9"), "OUTPUT_TYPE"),
  gives("a size of NaN", image("width: NaN"), "OUTPUT_TYPE"),
  gives("a size that is a word", image('width: "3"'), "OUTPUT_TYPE"),
  gives("pixels of another type", image("data: Float64Array.from(image.data)"), "OUTPUT_TYPE"),
  gives("pixels of a type no value has", image("data: new BigInt64Array(6)"), "STAGE_FAILED"),
  gives("a pixel size that is none", image('pixelSize: { x: 0, y: 1, unit: "nm" }'), "OUTPUT_TYPE"),
  gives("a BigInt", image("width: 2n"), "STAGE_FAILED", "BigInt"),
  gives("a value within itself", "const a = {}; a.image = a; return a;", "STAGE_FAILED"),
  gives("a function", "return { image() {} };", "OUTPUT_MISSING"),
  gives(
    "a getter that throws",
    `return { get image() { throw new Error("no image"); } };`,
    "STAGE_FAILED",
    "no image",
  ),
  gives(
    "a Proxy that throws",
    `return new Proxy({}, { ownKeys() { throw new Error("no keys"); } });`,
    "STAGE_FAILED",
    "no keys",
  ),
  gives("a thenable", "return { then(resolve) { resolve(good()); } };", "contained"),
  gives(
    "more outputs than declared",
    "return { ...good(), more: 1, constructor: 2 };",
    "contained",
  ),
  {
    ...gives("an answer above the limit", "return { image: new Float32Array(5e6) };", "SIZE_LIMIT"),
    message: `${CANNOT_RUN}an answer of at most 16 MiB, got 20 MiB; ${REPORT}`,
  },
  gives(
    "columns named by control characters",
    `return { image: { length: 0, columns: { ["\\x1b]0;title\\x07" + "x".repeat(1e5)]: new Float64Array(0) }, units: {} } };`,
    "OUTPUT_TYPE",
    "got table of",
  ),
  gives("a column of null", table("{ x: null, word: [] }"), "OUTPUT_TYPE", "got object", TABLE),
  gives(
    "columns of different length",
    table("{ x: new Float64Array(2), word: ['a'] }"),
    "OUTPUT_TYPE",
    "",
    TABLE,
  ),
  gives(
    "words that are none",
    table("{ x: new Float64Array(2), word: [{}, 1] }"),
    "OUTPUT_TYPE",
    "",
    TABLE,
  ),
  gives(
    "a table without its columns",
    table("{ y: new Float64Array(2) }"),
    "OUTPUT_TYPE",
    "the columns x, word",
    TABLE,
  ),
  gives("a table of a negative length", table("{}", "-1"), "OUTPUT_TYPE", "", TABLE),
  gives(
    "JSON with names that steer a terminal",
    `return { image: { "\\x1b[2J": "no number" } };`,
    "OUTPUT_TYPE",
    "a number",
    COUNTS,
  ),
  gives(
    "warnings that are none",
    `context.warn({ toString: 1 }, ["x"]);`,
    "PLUGIN_PROTOCOL",
    'at "/warnings/0/code"',
  ),
  gives(
    "2000 warnings",
    `for (let i = 0; i < 2000; i++) context.warn("A", "b");`,
    "PLUGIN_PROTOCOL",
    "0 to 1000 items",
  ),
  {
    ...gives("warnings and choices that steer a terminal", "", "contained"),
    code: stageCode(`context.warn("\\x1b[2J", "\\x1b]0;title\\x07".repeat(1e4));
  context.chose({ ["\\x1b[2J"]: "\\x1b[2J", __proto__: { polluted: 1 }, map: {}, none: null });
  context.chose(JSON.parse('{"__proto__": 5, "toString": 6}'));`),
    proof({ host }) {
      const { warnings, chosen } = host.reports[0];
      const text = JSON.stringify([warnings, chosen]);
      if (text.includes("\\u001b")) throw new Error(text);
      if (text.length > 3000) throw new Error(`${text.length} characters`);
    },
  },
  {
    name: "writes into its inputs",
    code: stageCode("image.data[0] = 7;"),
    expect: "INPUT_MUTATED",
    message:
      `${CANNOT_RUN}inputs that are left as they were, got inputs that the stage wrote into; ${REPORT}`,
  },
];

const POLLUTION: readonly HostilePlugin[] = [
  {
    name: "pollutes the prototypes of its realm",
    code: stageCode(`Object.prototype.polluted = 1;
  Object.prototype.message = "polluted";
  Array.prototype.map = () => ["polluted"];
  Array.prototype.polluted = 1;
  Function.prototype.call = () => "polluted";
  Promise.prototype.polluted = 1;
  globalThis.Float32Array.prototype.polluted = 1;`),
    expect: ["PLUGIN_PROTOCOL", "STAGE_FAILED", "OUTPUT_TYPE"],
  },
  gives(
    "names that pollute prototypes",
    `const names = '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}';
  return { image: { ...JSON.parse(names), ...good().image } };`,
    "contained",
    undefined,
  ),
  gives(
    "JSON with a key __proto__",
    `return { image: JSON.parse('{"__proto__": {"polluted": 1}, "x": 3}') };`,
    "OUTPUT_TYPE",
    'a number at "/__proto__", got a map',
    COUNTS,
  ),
  gives(
    "a value with its own toJSON",
    "return { image: { ...good().image, toJSON() { return { polluted: 1 }; } } };",
    "PLUGIN_PROTOCOL",
  ),
  gives(
    "a toJSON for all values",
    "Object.prototype.toJSON = () => ({ polluted: 1 });",
    "PLUGIN_PROTOCOL",
  ),
  {
    name: "replaces what carries its answers",
    code: stageCode(`self.postMessage = () => {};
  JSON.stringify = () => "{}";
  TextEncoder.prototype.encode = () => new Uint8Array(8);`),
    expect: ["PLUGIN_PROTOCOL", "STAGE_FAILED"],
  },
];

/** An error as a plugin's own copy of the class makes it. */
const adatomError = (code: string, cannot = "do as asked") =>
  `throw { name: "AdatomError", toRecord: () => ({ code: "${code}", port: "\\x1b[2J", detail: "\\x1b[2J",
    parts: { cannot: "${cannot}", expected: "\\x1b[31ma", got: "\\u202eb", hint: "\\x9b2J" } }) };`;

const ERRORS: readonly HostilePlugin[] = [
  ...(["CANCELLED", "DISK_FULL", "PLUGIN_DIGEST", "REPLAY_DIFFERS", "TIME_LIMIT", "PLUGIN_UNKNOWN"]
    .map((code): HostilePlugin => ({
      name: `raises ${code}, which is not its own`,
      code: stageCode(adatomError(code)),
      expect: "STAGE_FAILED",
      says: 'got the error "Cannot do as asked: expected  [31ma, got  b;  2J"',
    }))),
  {
    name: "raises an error of its input",
    code: stageCode(adatomError("IMAGE_TOO_SMALL", "do \\x1b[2J it")),
    expect: "IMAGE_TOO_SMALL",
    says: "Cannot do  [2J it: expected  [31ma, got  b;  2J",
  },
  ...["HOST", "__proto__", "constructor"].map((code): HostilePlugin => ({
    name: `raises the unknown code ${code}`,
    code: stageCode(adatomError(code)),
    expect: "STAGE_FAILED",
  })),
  ...[
    ["null", "null"],
    ["undefined", "undefined"],
    ["a symbol", 'Symbol("x")'],
    ["a function", "() => {}"],
    [
      "a Proxy",
      `new Proxy({}, { get() { throw new Error("trap"); }, getPrototypeOf() { throw 1; } })`,
    ],
    ["an object that has no text", "Object.create(null)"],
    ["an object whose text throws", `{ toString() { throw new Error("no text"); } }`],
    ["an error whose message throws", `{ name: "AdatomError", get toRecord() { throw 1; } }`],
    ["text that steers a terminal", `new Error("\\x1b]0;title\\x07\\x9b2J\\u202e\\r\\n")`],
    ["text of 10 MB", `new Error("\\x1b".repeat(1e7))`],
    [
      "an error with a cause within itself",
      "(() => { const e = new Error(); e.cause = e; return e; })()",
    ],
  ].map(([what, value]): HostilePlugin => ({
    name: `throws ${what}`,
    code: stageCode(`throw ${value};`),
    expect: "STAGE_FAILED",
  })),
  {
    name: "throws a refusal it made up",
    code: stageCode(`throw new Deno.errors.NotCapable("Requires run access to \\x1b[2J");`),
    expect: "PLUGIN_PERMISSION",
  },
];

const MODULES: readonly HostilePlugin[] = [
  ["has no default export", "export const run = 1;"],
  ["exports a function", "export default function () {}"],
  ["exports null", "export default null;"],
  ["exports a number", "export default 5;"],
  ["exports a Proxy", `export default new Proxy({}, { get() { throw new Error("trap"); } });`],
  ["exports stages that are none", `export default { stages: [null] };`],
  ["exports a stage that does nothing", `export default { stages: [{ id: "evil.stage" }] };`],
  ["exports another stage", `export default { stages: [{ id: "evil.other", run() {} }] };`],
  ["throws when imported", `throw new Error("\\x1b[2J"); ${PLUGIN}`],
  ["is no JavaScript", "export default {{"],
  ["is empty", ""],
  ["is binary", "\\u0000\\u0001\\ufffd"],
  [
    "asks for rights it was not given",
    `export default { permissions: { read: true }, stages: [] };`,
  ],
].map(([name, code]): HostilePlugin => ({ name, code, expect: "STAGE_FAILED" }));

/** Plugins that give or say what they must not. */
export const LYING: readonly HostilePlugin[] = [...OUTPUTS, ...POLLUTION, ...ERRORS, ...MODULES];
