import { assertEquals } from "@assert";
import { operate, parseOperation } from "../../../plugins/io/_cif_symmetry.ts";

Deno.test("parseOperation reads letters, factors and fractions in any order", () => {
  assertEquals(parseOperation("x,y,z"), [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]);
  assertEquals(parseOperation("-Y, X - Y, 2/3+Z"), [
    [0, -1, 0, 0],
    [1, -1, 0, 0],
    [0, 0, 1, 2 / 3],
  ]);
  assertEquals(parseOperation("2*x+0.25,+y-.5,-1/4-z"), [
    [2, 0, 0, 0.25],
    [0, 1, 0, -0.5],
    [0, 0, -1, -0.25],
  ]);
});

Deno.test("parseOperation refuses anything else", () => {
  for (
    const text of ["", "x,y", "x,y,z,t", "x,y,", "x,y,zz", "x y,z,x1", "x,y,1/0", "x,,z", "x,y,z;"]
  ) {
    assertEquals(parseOperation(text), undefined);
  }
});

Deno.test("operate brings places back into the cell", () => {
  assertEquals(operate([0.25, 0.75, 0], parseOperation("-x,y+1/2,-z")!), [0.75, 0.25, 0]);
});
