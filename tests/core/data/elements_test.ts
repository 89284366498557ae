import { assertEquals } from "@assert";
import { atomicNumber, ELEMENTS } from "../../../core/data/elements.ts";

Deno.test("ELEMENTS are in the order of the periodic table, without a gap", () => {
  // The noble gases and a few between them.
  const known = {
    ...{ H: 1, He: 2, C: 6, O: 8, Ne: 10, S: 16, Ar: 18, Ti: 22, Fe: 26, Kr: 36, Sr: 38, Mo: 42 },
    ...{ Xe: 54, La: 57, Lu: 71, W: 74, Re: 75, Pt: 78, Au: 79, Pb: 82, Rn: 86, U: 92, Cf: 98 },
  };
  for (const [symbol, number] of Object.entries(known)) {
    assertEquals([symbol, atomicNumber(symbol)], [symbol, number]);
  }
  assertEquals(new Set(ELEMENTS).size, 98);
});

Deno.test("atomicNumber is 0 for what is no symbol", () => {
  assertEquals(["", "X", "fe", "FE", "Fe2"].map(atomicNumber), [0, 0, 0, 0, 0]);
});
