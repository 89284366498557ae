/**
 * A host as a process of its own, for tests that kill it: `CODE_FILE` runs the stage of that plugin once
 * and prints `working` at its first progress report, then what became of it.
 *
 * @module
 */
import { ramp } from "../support/toy_host.ts";
import { pluginStage, sandboxHost } from "./plugin_host.ts";

const [file] = Deno.args;
const stage = pluginStage(file.slice(0, file.lastIndexOf("/")), Deno.readTextFileSync(file));
const { host, sandbox } = sandboxHost([stage], { seconds: 600, memoryMiB: 512, answerMiB: 16 }, {
  onProgress: () => console.log("working"),
});
try {
  const { image } = await host.run(stage, { image: ramp() });
  console.log((image as { name: string }).name);
} catch (error) {
  console.log(String(error));
}
host.close();
await sandbox.ended();
