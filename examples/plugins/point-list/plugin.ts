/**
 * The plugin examples.point-list: what it contributes.
 *
 * @module
 */
import { definePlugin } from "@core";
import { pointList } from "./point_list.ts";

export default definePlugin({
  id: "examples.point-list",
  version: "0.1.0",
  api: "^1.1",
  summary: "Reads and writes lists of points as plain text",
  license: "MIT",
  formats: [pointList],
});
