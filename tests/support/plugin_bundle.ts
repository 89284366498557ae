/**
 * Bundles of plugins written by hand, as one file of JavaScript, and hosts they are installed for.
 *
 * @module
 */
import { join } from "node:path";
import { describePlugin } from "../../core/plugin/description.ts";
import { MANIFEST_FORMAT, type PluginManifest } from "../../core/plugin/manifest.ts";
import type { Plugin } from "../../core/plugin/plugin.ts";
import { digestBytes } from "../../core/store/digest.ts";
import { install } from "../../procedures/plugins/install.ts";

/** A plugin as it is shipped. */
export interface TestBundle {
  readonly manifest: PluginManifest;
  readonly code: Uint8Array;
}

/** A plugin with one stage that multiplies an image, as source text of its bundle. */
export function scalePlugin(
  { id = "lab.scale", version = "1.0.0", more = "" }: {
    readonly id?: string;
    readonly version?: string;
    /** Further fields of the stage. */
    readonly more?: string;
  } = {},
): string {
  return `const image = { kind: "image", axes: "yx", description: "Any image" };
const stage = {
  id: "${id}", version: "${version}", api: "^1.0", summary: "Multiplies every pixel",
  inputs: { image }, outputs: { image },
  params: { factor: { type: "number", default: 2, minimum: 0, maximum: 100, description: "The factor" } },
  run({ image }, { factor }, context) {
    const data = new Float32Array(image.data.length);
    for (let y = 0; y < image.height; y++) {
      for (let i = y * image.width; i < (y + 1) * image.width; i++) data[i] = factor * image.data[i];
      context.progress((y + 1) / image.height);
    }
    return { image: { ...image, data } };
  },
  ${more}
};
export default {
  id: "${id}", version: "${version}", api: "^1.0", summary: "A plugin of the tests",
  license: "MIT", stages: [stage],
};
`;
}

/** The bundle of some code, which is run here and so must be ours. */
export async function bundleOf(text: string): Promise<TestBundle> {
  const code = new TextEncoder().encode(text);
  const module = await import(`data:text/javascript;base64,${code.toBase64()}`);
  const bundle = { file: "plugin.js", sha256: digestBytes(code), bytes: code.length };
  const description = describePlugin(module.default as Plugin);
  return { manifest: { format: MANIFEST_FORMAT, ...description, bundle }, code };
}

/** Installs a bundle without asking, into `<home>/plugins`. */
export async function installText(home: string, text: string, trusted = false): Promise<void> {
  const bundle = await bundleOf(text);
  install(
    { found: { ...bundle, source: "test" }, previous: undefined, state: "new" },
    trusted,
    join(home, "plugins"),
  );
}
