import { assertEquals } from "@assert";
import { selectSublattice } from "../../../plugins/annotation/select_sublattice.ts";
import { createRandom, normalRandom } from "../../../core/kernels/random.ts";
import { columnsAt } from "../../support/columns.ts";
import { testContext } from "../../support/context.ts";

/** A honeycomb of two species; `ratio` is the height of the second over the first. */
function honeycomb(ratio: number, noise = 0.06, tilt = 0) {
  const random = createRandom(8);
  const x: number[] = [], y: number[] = [], height: number[] = [], bright: boolean[] = [];
  for (let j = 0; j < 12; j++) {
    for (let i = 0; i < 12; i++) {
      for (const second of [false, true]) {
        x.push(10 * i + 5 * (j % 2) + 20 + (second ? 0.2 : 0));
        y.push(9 * j + 20 + (second ? 5.8 : 0));
        const base = (second ? ratio : 1) * (1 + tilt * x.at(-1)!);
        height.push(100 * base * (1 + noise * normalRandom(random)));
        bright.push(!second);
      }
    }
  }
  return { columns: columnsAt(x, y, { height }), bright };
}

async function select(
  columns: ReturnType<typeof columnsAt>,
  params: { sublattice: "auto" | "all" | "brightest"; ratio: number } = {
    sublattice: "auto",
    ratio: 0.4,
  },
) {
  return await selectSublattice.run({ columns }, params, testContext());
}

Deno.test("annotation.select-sublattice drops a species below the ratio, and only that", async () => {
  const { columns, bright } = honeycomb(0.25);
  const { columns: kept, dropped, summary } = await select(columns);
  assertEquals([kept.length, dropped.length], [144, 144]);
  assertEquals([...kept.columns.x], [...columns.columns.x].filter((_, i) => bright[i]));
  const { species } = summary as { species: { columns: number; kept: boolean }[] };
  assertEquals(species.map((s) => [s.columns, s.kept]), [[144, true], [144, false]]);
});

Deno.test("annotation.select-sublattice keeps a species at 0.68 of the brightest (WSe2)", async () => {
  const { columns } = honeycomb(0.68);
  const { columns: kept } = await select(columns);
  assertEquals(kept.length, 288);
  assertEquals(new Set(kept.columns.sublattice as Float64Array).size, 2);
});

Deno.test("annotation.select-sublattice obeys all, brightest and another ratio", async () => {
  const { columns } = honeycomb(0.25);
  assertEquals((await select(columns, { sublattice: "all", ratio: 0.4 })).dropped.length, 0);
  assertEquals((await select(columns, { sublattice: "auto", ratio: 0.1 })).dropped.length, 0);
  const bright = honeycomb(0.68, 0.03).columns; // so that no two species overlap by chance
  assertEquals((await select(bright, { sublattice: "brightest", ratio: 0.4 })).dropped.length, 144);
});

Deno.test("annotation.select-sublattice does not split one species by noise or slow brightness", async () => {
  for (const tilt of [0, 0.02]) {
    const { columns } = honeycomb(1, 0.12, tilt);
    const { columns: kept } = await select(columns, { sublattice: "brightest", ratio: 0.4 });
    assertEquals(kept.length, 288, `tilt ${tilt}`);
  }
  const { columns } = honeycomb(0.25, 0.06, 0.02); // the far faint ones outshine the near bright ones
  assertEquals((await select(columns)).dropped.length, 144);
});

Deno.test("annotation.select-sublattice keeps a few odd columns with their species", async () => {
  const { columns } = honeycomb(1);
  columns.columns.height[3] = 300;
  columns.columns.height[100] = 20;
  assertEquals((await select(columns)).dropped.length, 0);
});
