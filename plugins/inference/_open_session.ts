/**
 * Sessions that stay warm: the networks a worker has used last, each ready to compute.
 *
 * @module
 */
import { AdatomError, type Model } from "@core";
import { installedRuntime, openNativeSession } from "./_onnx_native.ts";
import { openWasmSession, openWebGpuSession } from "./_onnx_web.ts";
import type { Provider, Session, Tensor } from "./_session.ts";
import { findAdapter, nativeProblem } from "./provider.ts";

/** A network as items of work name it. */
export interface NetworkKey {
  readonly model: Model;
  /** SHA-256 of its bytes. */
  readonly digest: string;
  readonly provider: Provider;
}

/** Sessions kept; AtomID, a labeler and a model under test go side by side. */
const KEPT = 3;

/** By digest and provider, the one used last at the end. */
const warm = new Map<string, Promise<Session>>();

/**
 * The session of a network, opened when it is first asked for.
 *
 * @throws AdatomError MODEL_INVALID, PROVIDER_UNAVAILABLE, MEMORY_LIMIT
 */
export async function sessionOf(key: NetworkKey): Promise<Session> {
  const name = `${key.provider} ${key.digest}`;
  const opened = warm.get(name) ?? open(key);
  warm.delete(name);
  warm.set(name, opened);
  opened.catch(() => warm.delete(name));
  if (warm.size > KEPT) {
    const [oldest, session] = warm.entries().next().value!;
    warm.delete(oldest);
    await session.then((s) => s.release(), () => {});
  }
  return await opened;
}

/**
 * Runs a session once.
 *
 * @throws AdatomError MODEL_RUN, MEMORY_LIMIT
 */
export async function runSession(key: NetworkKey, input: Tensor): Promise<Tensor[]> {
  const session = await sessionOf(key);
  try {
    return await session.run(input);
  } catch (error) {
    const size = input.sizes.join(" x ");
    if (isMemory(error)) throw memoryError(key, `run out of it on an input of ${size}`, error);
    throw new AdatomError("MODEL_RUN", {
      cannot: `run model "${key.model.name}"`,
      expected: `it to take an input of ${size}`,
      got: reasonOf(error),
      hint: "see its description for the sizes it takes",
    }, { port: "model", cause: error });
  }
}

async function open(key: NetworkKey): Promise<Session> {
  const { model, provider } = key;
  if (provider === "webgpu" && await findAdapter() === null) {
    throw unavailable(provider, "none", "leave provider at auto, which runs on the processor");
  }
  if (provider === "native") {
    await installedRuntime().catch((error) => {
      const hint = "install it with: deno task native; and allow --allow-ffi";
      throw unavailable(provider, nativeProblem(error), hint, error);
    });
  }
  try {
    switch (provider) {
      case "webgpu":
        return await openWebGpuSession(model.bytes);
      case "native":
        return await openNativeSession(model.bytes);
      default:
        return await openWasmSession(model.bytes);
    }
  } catch (error) {
    if (isMemory(error)) throw memoryError(key, "run out of it while it was opened", error);
    const reason = reasonOf(error);
    if (provider === "webgpu" && !isOfModel(reason)) {
      throw unavailable(provider, reason, "leave provider at auto", error);
    }
    throw new AdatomError("MODEL_INVALID", {
      cannot: `open model "${model.name}"`,
      expected: "an ONNX file of operators this runtime knows",
      got: reason,
      hint: "export it again, with standard operators",
    }, { port: "model", cause: error });
  }
}

function unavailable(provider: Provider, got: string, hint: string, cause?: unknown): AdatomError {
  const expected = provider === "webgpu" ? "a graphics adapter" : "onnxruntime-node";
  return new AdatomError("PROVIDER_UNAVAILABLE", {
    cannot: `use provider "${provider}"`,
    expected,
    got,
    hint,
  }, { param: "provider", cause });
}

function memoryError({ model, provider }: NetworkKey, got: string, cause: unknown): AdatomError {
  return new AdatomError("MEMORY_LIMIT", {
    cannot: `run model "${model.name}" with provider ${provider}`,
    expected: "enough memory",
    got,
    hint: "use smaller tiles (tileSize), or fewer workers",
  }, { port: "model", cause });
}

function isMemory(error: unknown): boolean {
  return /bad_alloc|out of memory|out of bounds|failed to allocate|integer overflow/i.test(
    String((error as Error)?.message ?? error),
  );
}

/** Whether a reason is about the model and not about the runtime. */
function isOfModel(reason: string): boolean {
  return /protobuf|model|registered|opset|node|graph/i.test(reason);
}

/** What the runtime says, without the places in its own sources. */
function reasonOf(error: unknown): string {
  const text = String((error as Error)?.message ?? error).split("\u001b")[0].split("\n")[0];
  return text.replace(/^.*ERROR_MESSAGE: /, "").replace(/\S*\/\S+\.(h|cc|cpp):\d+ /g, "").trim();
}
