/**
 * Makes the code of the sandbox's child in one file a thread: `core/runner/process/*.gen.js`.
 *
 * A child has a cache folder of its own, so it would turn ten modules from TypeScript each time it is
 * started; that takes a fourth of the start. The files are committed, and `tools/tree.ts` checks that
 * they are what the sources make.
 *
 * `deno task sandbox` writes them anew.
 *
 * @module
 */
const ROOT = new URL("../", import.meta.url).pathname;
const FOLDER = "core/runner/process/";
const HEAD = "// Made of the TypeScript beside it by `deno task sandbox`; not to be edited.\n";

/** The threads of a child. */
const ENTRIES = ["child", "child_worker"] as const;

/** The files by their paths from the root. */
export async function sandboxCode(): Promise<ReadonlyMap<string, string>> {
  const folder = await Deno.makeTempDir({ prefix: "adatom-sandbox-" });
  try {
    const made = await Promise.all(ENTRIES.map(async (name) => {
      const out = `${folder}/${name}.js`;
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "bundle",
          "--quiet",
          "--minify",
          "--keep-names",
          "--platform=deno",
          `--output=${out}`,
          `${FOLDER}${name}.ts`,
        ],
        cwd: ROOT,
        stdout: "null",
        stderr: "piped",
      }).output();
      if (!success) throw new Error(new TextDecoder().decode(stderr));
      return [`${FOLDER}${name}.gen.js`, HEAD + await Deno.readTextFile(out)] as const;
    }));
    return new Map(made);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  for (const [path, text] of await sandboxCode()) await Deno.writeTextFile(ROOT + path, text);
}
