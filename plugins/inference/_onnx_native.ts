/**
 * ONNX Runtime as a native library, where the user has installed it. The one file that knows the package
 * `onnxruntime-node`.
 *
 * The package is large and no part of ours. In the import map, or in the lock file, Deno would fetch it for
 * everyone; imported by its `npm:` name, which the frozen lock lacks, it would end the program. So it is
 * installed in the folder `native/` (`deno task native`) and loaded from there when first asked for.
 *
 * @module
 */
import { openOrtSession, type OrtRuntime, type Session } from "./_session.ts";

/** Any file name in the folder whose `node_modules` holds the package. */
const PLACE = new URL("../../native/_.js", import.meta.url);

let installed: Promise<OrtRuntime> | undefined;

/**
 * The runtime as the user has installed it.
 *
 * @throws the system's error when it is not there, or may not be loaded
 */
export function installedRuntime(): Promise<OrtRuntime> {
  return installed ??= (async () => {
    const { createRequire } = await import("node:module");
    return createRequire(PLACE)("onnxruntime-node") as OrtRuntime;
  })();
}

/** Opens a session on the processor, with a thread for each core. */
export async function openNativeSession(bytes: Uint8Array): Promise<Session> {
  return await openOrtSession(await installedRuntime(), bytes, {
    executionProviders: ["cpu"],
    intraOpNumThreads: navigator.hardwareConcurrency,
    interOpNumThreads: 1,
    // sizes vary, and the runtime would keep a block of memory for each
    enableMemPattern: false,
    logSeverityLevel: 3,
  }, false);
}
