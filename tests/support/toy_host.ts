/**
 * Hosts with toy stages for tests.
 *
 * @module
 */
import { assembleHost, type Host, type HostEvent } from "../../core/host/host.ts";
import { createRegistry } from "../../core/host/registry.ts";
import { createImage, type Image } from "../../core/data/image.ts";
import { createInlineRunner } from "../../core/runner/inline.ts";
import { createPoolRunner } from "../../core/runner/pool.ts";
import { openStore } from "../../core/store/store.ts";
import * as toys from "./toy_stages.ts";

/** The toy stages. */
export const toyStages = [
  toys.add,
  toys.brightest,
  toys.noise,
  toys.spreadSum,
  toys.broken,
  toys.slow,
  toys.crash,
];

/** A host with the toy stages; `workers` 0 runs inline, without `cache` nothing is kept. */
export function toyHost(
  { workers = 0, cache, events = [], code = "1", storeLimit = Infinity }: {
    readonly workers?: number;
    readonly cache?: string;
    readonly events?: HostEvent[];
    readonly code?: string;
    readonly storeLimit?: number;
  } = {},
): Host {
  return assembleHost({
    registry: createRegistry(toyStages, []),
    runner: workers === 0 ? createInlineRunner() : createPoolRunner(workers),
    store: cache === undefined ? undefined : openStore(cache),
    storeLimit,
    seed: 1,
    codeOf: () => code,
    code: () => code,
    onEvent: (event) => void events.push(event),
  });
}

/** A small image whose pixels count up from a start. */
export function ramp(start = 0, width = 3, height = 2): Image {
  const data = Float32Array.from({ length: width * height }, (_, i) => start + i);
  return createImage({ width, height, data });
}

/** Runs something with a temporary folder that is deleted afterwards. */
export async function withFolder<T>(action: (folder: string) => T | Promise<T>): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "adatom-test-" });
  try {
    return await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
