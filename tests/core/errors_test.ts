import { assertEquals, assertIncludes } from "@assert";
import {
  AdatomError,
  ERROR_CODES,
  type ErrorCode,
  errorFromRecord,
  EXIT_CODES,
  gatherProblems,
  nearestName,
  unknownNameHint,
} from "../../core/errors.ts";
import { walkFiles } from "../../tools/walk.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

const parts = { cannot: "read it", expected: "a", got: "b", hint: "do this" };

Deno.test("every error code is raised somewhere, and some test provokes it", () => {
  const files = walkFiles(ROOT).filter((file) => file.endsWith(".ts"));
  const read = (wanted: (file: string) => boolean) =>
    files.filter(wanted).map((file) => Deno.readTextFileSync(ROOT + file)).join("\n");
  const source = read((f) => /^(core|plugins|procedures|cli)\//.test(f) && f !== "core/errors.ts");
  const tests = read((f) => f.startsWith("tests/") && !f.endsWith("core/errors_test.ts"));
  const own = Deno.readTextFileSync(`${ROOT}core/errors.ts`).split("} as const satisfies")[1];
  const codes = Object.keys(ERROR_CODES);
  const isIn = (text: string) => (code: string) => text.includes(`"${code}"`);
  const unused = codes.filter((code) => !isIn(source)(code) && !isIn(own)(code));
  assertEquals(unused, [], "codes that are never raised");
  assertEquals(codes.filter((code) => !isIn(tests)(code)), [], "codes that no test provokes");
});

Deno.test("an error reads as one sentence and knows its exit code", () => {
  const error = new AdatomError("FILE_MISSING", parts);
  assertEquals(error.message, "Cannot read it: expected a, got b; do this");
  assertEquals([error.class, error.exitCode], ["input", 2]);
  assertEquals(new AdatomError("CANCELLED", parts).exitCode, 130);
  assertEquals(new Set(Object.values(EXIT_CODES)), new Set([2, 3, 4, 5, 70, 130]));
});

Deno.test("an error crosses from a worker whole, with its cause", () => {
  const cause = new TypeError("deep down");
  const inner = new AdatomError("PARAM_TYPE", parts, { param: "x" });
  const error = new AdatomError("STAGE_FAILED", parts, { stage: "a.b", port: "p", cause }, [inner]);
  const back = errorFromRecord(structuredClone(error.toRecord()));
  assertEquals([back.message, back.stage, back.port], [error.message, "a.b", "p"]);
  assertEquals(back.problems[0].param, "x");
  assertIncludes((back.cause as Error).message, "deep down");
  assertEquals(back.at({ stage: "other", step: "s" }).stage, "a.b");
  assertEquals(back.at({ step: "s" }).step, "s");
});

Deno.test("several problems make one error that lists them; one stays itself", () => {
  const problem = (code: ErrorCode) => new AdatomError(code, parts);
  assertEquals(gatherProblems("run", [problem("PARAM_TYPE")]).code, "PARAM_TYPE");
  const both = gatherProblems("run", [problem("PARAM_TYPE"), problem("PARAM_RANGE")]);
  assertEquals(
    both.message,
    `Cannot run: expected a request without problems, got 2 problems
- Cannot read it: expected a, got b; do this
- Cannot read it: expected a, got b; do this`,
  );
});

Deno.test("nearestName finds misspelt names and nothing for strange ones", () => {
  const names = ["peaks.findfoci", "alignment.drift", "minimumSize"];
  assertEquals(nearestName("minimunSize", names), "minimumSize");
  assertEquals(nearestName("findfoki", names), "peaks.findfoci");
  assertEquals(nearestName("alignment.dirft", names), "alignment.drift");
  assertEquals(nearestName("strain", names), undefined);
  assertEquals(unknownNameHint("strain", names), `known are ${names.join(", ")}`);
  assertEquals(unknownNameHint("a", []), "there are none");
});
