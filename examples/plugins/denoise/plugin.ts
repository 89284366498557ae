/**
 * The plugin examples.denoise: what it contributes.
 *
 * @module
 */
import { definePlugin } from "@core";
import { nonLocalMeans } from "./non_local_means.ts";
import { wiener } from "./wiener.ts";

export default definePlugin({
  id: "examples.denoise",
  version: "0.1.0",
  api: "^1.1",
  summary: "Takes noise out of images of lattices: Wiener filter and non-local means",
  license: "MIT",
  stages: [wiener, nonLocalMeans],
});
