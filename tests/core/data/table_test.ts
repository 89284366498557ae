import { assertEquals, assertTrue } from "@assert";
import {
  createTable,
  numberColumn,
  selectRows,
  withColumns,
  wordColumn,
} from "../../../core/mod.ts";

const table = createTable({ x: Float64Array.of(1, 2, 3), name: ["a", "b", "c"] }, { x: "px" });

Deno.test("selectRows keeps every column and the order asked for", () => {
  const chosen = selectRows(table, [2, 0]);
  assertEquals([...chosen.columns.x], [3, 1]);
  assertEquals(chosen.columns.name, ["c", "a"]);
  assertEquals([chosen.length, chosen.units.x], [2, "px"]);
});

Deno.test("withColumns adds columns and refuses another length", () => {
  const more = withColumns(table, { y: Float64Array.of(4, 5, 6) }, { y: "px" });
  assertEquals(Object.keys(more.columns), ["x", "name", "y"]);
  assertEquals(more.units, { x: "px", y: "px" });
  for (
    const wrong of [
      () => withColumns(table, { y: ["a"] }),
      () => createTable({ a: ["x"], b: Float64Array.of(1, 2) }),
    ]
  ) {
    let refused = false;
    try {
      wrong();
    } catch (error) {
      refused = error instanceof RangeError;
    }
    assertTrue(refused);
  }
});

Deno.test("numberColumn and wordColumn give columns of their type only", () => {
  assertEquals(numberColumn(table, "name"), undefined);
  assertEquals(wordColumn(table, "x"), undefined);
  assertEquals(wordColumn(table, "name"), ["a", "b", "c"]);
  assertEquals(numberColumn(table, "none"), undefined);
});
