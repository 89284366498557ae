/**
 * The command line of Adatom.
 *
 * Everything heavy is imported by the command that needs it, so that help comes at once.
 *
 * @module
 */
import { runProgram } from "./cli/program.ts";

if (import.meta.main) Deno.exit(await runProgram(Deno.args));
