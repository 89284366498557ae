/**
 * The docs of the public entries: every exported symbol is described, and no public type names one that
 * a reader cannot look up. Members whose name says it all need no comment.
 *
 * @module
 */

const ENTRIES = [
  "mod.ts",
  "core/mod.ts",
  "core/kernels/mod.ts",
  "procedures/conformance/suite.ts",
];

async function denoDoc(...words: string[]): Promise<{ out: string; err: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["doc", ...words, ...ENTRIES],
    env: { NO_COLOR: "1" },
  });
  const { stdout, stderr } = await command.output();
  return { out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
}

interface Declaration {
  readonly kind?: string;
  readonly jsDoc?: { readonly doc?: string };
  readonly location?: { readonly filename: string; readonly line: number };
}

interface Symbol extends Declaration {
  readonly name: string;
  readonly declarations?: readonly Declaration[];
}

/** Exported symbols without a comment. */
async function undescribed(): Promise<string[]> {
  const { out } = await denoDoc("--json");
  const parsed = JSON.parse(out);
  const modules: { symbols?: Symbol[] }[] = Object.values(parsed.nodes);
  return modules.flatMap(({ symbols = [] }) =>
    symbols.filter(({ declarations = [] }) =>
      declarations.length > 0 &&
      declarations.every(({ kind, jsDoc }) => kind !== "reference" && !jsDoc?.doc)
    ).map(({ name, declarations }) => {
      const { filename, line } = declarations![0].location ?? { filename: "?", line: 0 };
      return `${filename.split("/").slice(-2).join("/")}:${line + 1}: "${name}" has no comment`;
    })
  );
}

/** Public types that name private ones. */
async function privateTypes(): Promise<string[]> {
  const { err } = await denoDoc("--lint");
  return err.split("\n").filter((line) => line.includes("private-type-ref"));
}

if (import.meta.main) {
  // a stage is typed by its own declaration literals: inputs, outputs and params of its file
  const declarations = /private type '(inputs|outputs|params)'/;
  const hidden = (await privateTypes()).filter((line) => !declarations.test(line));
  const problems = [...await undescribed(), ...hidden];
  for (const problem of problems) console.error(problem);
  Deno.exit(problems.length === 0 ? 0 : 1);
}
