/**
 * ONNX Runtime as a native library, where the user has installed it. The one file that knows the package
 * `onnxruntime-node`.
 *
 * The package is large and no part of ours: it is not in the import map (Deno would fetch it for
 * everyone) but in the folder `native/`, from where it is loaded when first asked for. The name `npm:`
 * is tried where it is not there, which works for programs without a frozen lock.
 *
 * @module
 */
import { openOrtSession, type OrtRuntime, type Session } from "./_session.ts";

/** The very version that was tested; also named in `native/package.json`. */
const PACKAGE = "npm:onnxruntime-node@1.30.0";

/** Any file name in the folder whose `node_modules` holds the package. */
const PLACE = new URL("../../native/_.js", import.meta.url);

let installed: Promise<OrtRuntime> | undefined;
let fetched: Promise<OrtRuntime> | undefined;

/**
 * The runtime as the user has installed it; never fetches anything.
 *
 * @throws the system's error when it is not there, or may not be loaded
 */
export function installedRuntime(): Promise<OrtRuntime> {
  return installed ??= (async () => {
    const { createRequire } = await import("node:module");
    return createRequire(PLACE)("onnxruntime-node") as OrtRuntime;
  })();
}

/** The runtime, fetched where it is not installed and Deno's lock allows that. */
function anyRuntime(): Promise<OrtRuntime> {
  return fetched ??= installedRuntime().catch(async (missing) => {
    const name = PACKAGE; // a literal would be fetched with our own code
    try {
      return await import(name) as OrtRuntime;
    } catch {
      throw missing;
    }
  });
}

/** Opens a session on the processor, one thread: each worker has its own. */
export async function openNativeSession(bytes: Uint8Array): Promise<Session> {
  return await openOrtSession(await anyRuntime(), bytes, {
    executionProviders: ["cpu"],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableCpuMemArena: false, // it would keep the memory of the largest tile, at no gain in speed
    logSeverityLevel: 3,
  });
}
