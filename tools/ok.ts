/**
 * `deno task ok`: everything that must be green, in the order of what is quickest.
 *
 * @module
 */

const deno = Deno.execPath();

const CHECKS: readonly (readonly [name: string, ...args: string[]])[] = [
  ["format", "fmt", "--check"],
  ["lint and layers", "lint"],
  ["types", "check", "--doc", "."],
  ["tree", "run", "-A", "tools/tree.ts"],
  ["docs of the public entries", "run", "-A", "tools/docs.ts"],
  ["tests, doc examples and README", "task", "test"],
];

const wanted = Deno.args.length === 0
  ? CHECKS
  : CHECKS.filter(([name]) => Deno.args.some((word) => name.includes(word)));
const failed: string[] = [];
for (const [name, ...args] of wanted) {
  const started = performance.now();
  const { success } = await new Deno.Command(deno, { args, stdout: "inherit", stderr: "inherit" })
    .spawn().status;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${success ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (!success) failed.push(name);
}
if (failed.length > 0) console.error(`not ok: ${failed.join(", ")}`);
Deno.exit(failed.length === 0 ? 0 : 1);
