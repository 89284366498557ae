/**
 * The plugin examples.column-intensity: what it contributes.
 *
 * @module
 */
import { definePlugin } from "@core";
import { columnIntensity } from "./column_intensity.ts";

export default definePlugin({
  id: "examples.column-intensity",
  version: "0.1.0",
  api: "^1.1",
  summary: "Sums the intensity in the Voronoi cell of each column",
  license: "MIT",
  stages: [columnIntensity],
});
