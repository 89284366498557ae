import { assertClose, assertEquals, assertTrue } from "@assert";
import { cellVectors, CRYSTAL_PORT } from "../../../core/data/crystal.ts";
import { schemaFault, schemaProblem } from "../../../core/stage/schema.ts";

Deno.test("cellVectors have the lengths and angles of the cell", () => {
  const cell = { a: 0.64, b: 0.65, c: 1.28, alpha: 91.6, beta: 105, gamma: 118.9 };
  const vectors = cellVectors(cell);
  const dot = (i: number, j: number) =>
    vectors[i].reduce((sum, v, k) => sum + v * vectors[j][k], 0);
  const cosine = (degrees: number) => Math.cos(degrees * Math.PI / 180);
  assertClose(Math.sqrt(dot(0, 0)), cell.a, 1e-12);
  assertClose(Math.sqrt(dot(1, 1)), cell.b, 1e-12);
  assertClose(Math.sqrt(dot(2, 2)), cell.c, 1e-12);
  assertClose(dot(1, 2) / (cell.b * cell.c), cosine(cell.alpha), 1e-12);
  assertClose(dot(0, 2) / (cell.a * cell.c), cosine(cell.beta), 1e-12);
  assertClose(dot(0, 1) / (cell.a * cell.b), cosine(cell.gamma), 1e-12);
});

Deno.test("cellVectors of angles that do not close are no numbers", () => {
  const vectors = cellVectors({ a: 1, b: 1, c: 1, alpha: 20, beta: 90, gamma: 120 });
  assertTrue(vectors[2].some(Number.isNaN));
});

Deno.test("CRYSTAL_PORT describes a crystal", () => {
  const cell = { a: 1, b: 1, c: 1, alpha: 90, beta: 90, gamma: 90 };
  const atom = { element: "C", u: 0, v: 0, w: 0, occupancy: 1 };
  assertEquals(schemaFault(CRYSTAL_PORT.schema), undefined);
  assertEquals(schemaProblem(CRYSTAL_PORT.schema, { name: "", cell, atoms: [atom] }), undefined);
  assertTrue(schemaProblem(CRYSTAL_PORT.schema, { name: "", cell, atoms: [] }) !== undefined);
});
