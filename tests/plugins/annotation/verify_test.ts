import {
  assertAtLeast,
  assertAtMost,
  assertClose,
  assertEquals,
  assertIncludes,
  assertTrue,
} from "@assert";
import { verify } from "../../../plugins/annotation/verify.ts";
import { columnsAt } from "../../support/columns.ts";
import { testContext } from "../../support/context.ts";
import { latticeImage, type LatticeImageOptions } from "../../support/lattice_image.ts";

const DEFAULTS = { polarity: "bright", significance: 4, farthest: 0.25, leastContrast: 2 } as const;

function scene(options: Partial<LatticeImageOptions> = {}) {
  const size = { width: 120, height: 100 };
  const made = latticeImage({ ...size, a: [12, 1], b: [-5, 11], sigma: 2, ...options });
  const inner = [...made.x.keys()].filter((i) =>
    made.x[i] > 8 && made.y[i] > 8 && made.x[i] < 111 && made.y[i] < 91
  );
  return { image: made.image, x: inner.map((i) => made.x[i]), y: inner.map((i) => made.y[i]) };
}

async function check(
  image: ReturnType<typeof scene>["image"],
  columns: ReturnType<typeof columnsAt>,
  params: Partial<Record<keyof typeof DEFAULTS, unknown>> = {},
) {
  const context = testContext();
  const out = await verify.run({ image, columns }, { ...DEFAULTS, ...params } as never, context);
  const numbers = (name: string) => out.columns.columns[name] as Float64Array;
  return { ...out.columns, numbers, context };
}

Deno.test("annotation.verify finds right labels right, moves none, and measures their residuals", async () => {
  const { image, x, y } = scene({ seed: 3 });
  const found = await check(image, columnsAt(x, y));
  assertEquals([...found.columns.x], x);
  assertTrue(found.columns.status.every((s) => s === "ok"));
  assertEquals(found.context.warnings, []);
  const [dx, error] = [found.numbers("residualX"), found.numbers("residualError")];
  const pull = dx.reduce((sum, d, i) => sum + (d / error[i]) ** 2, 0) / dx.length;
  assertClose(pull, 1, 0.5); // some eighty labels: the mean of their squares is good to 0.16
});

Deno.test("annotation.verify measures a small residual where there is no noise", async () => {
  const { image, x, y } = scene();
  const found = await check(image, columnsAt(x.map((v) => v + 0.3), y));
  const dx = found.numbers("residualX"), dy = found.numbers("residualY");
  for (let i = 0; i < dx.length; i++) {
    assertClose(dx[i], -0.3, 0.06); // the linear fit is good to a fifth of such a residual
    assertAtMost(Math.abs(dy[i]), 0.05);
  }
  assertIncludes(
    found.context.warnings[0].message,
    /^columns lie -0\.\d+, -?0\.\d+ px from their labels/,
  );
});

Deno.test("annotation.verify marks a label that lies off, and one where nothing is", async () => {
  const { image, x, y } = scene({ seed: 4 });
  const wrongX = x.slice(), wrongY = y.slice();
  wrongX[5] += 4;
  wrongX.push((x[20] + x[21]) / 2 + 2.5);
  wrongY.push((y[20] + y[21]) / 2 + 5.5);
  const { columns } = await check(image, columnsAt(wrongX, wrongY));
  assertTrue(columns.status[5] !== "ok");
  assertTrue(columns.status.at(-1) !== "ok");
  const others = columns.status.filter((_, i) => i !== 5 && i !== columns.status.length - 1);
  assertTrue(others.every((s) => s === "ok"));
});

Deno.test("annotation.verify calls columns weak where noise hides them", async () => {
  const { image, x, y } = scene({ basis: [{ x: 0, y: 0, height: 0.6 }], background: 5, seed: 5 });
  const { columns } = await check(image, columnsAt(x, y));
  const weak = columns.status.filter((s) => s === "weak").length;
  assertTrue(weak > x.length / 3, `${weak} of ${x.length}`);
});

Deno.test("annotation.verify sees that an exposure is out of focus, and works on dark columns", async () => {
  const sharp = scene();
  const blurred = scene({ sigma: 2.8, seed: 6 });
  const found = await check(blurred.image, columnsAt(sharp.x, sharp.y));
  assertAtLeast(found.context.chosen.widening as number, 1.2); // 1.4 in truth; neighbors hide some
  assertTrue(found.columns.status.every((s) => s === "ok"));
  const dark = { ...blurred.image, data: blurred.image.data.map((v) => 300 - v) };
  const again = await check(dark, columnsAt(sharp.x, sharp.y), { polarity: "dark" });
  assertEquals(again.columns.status, found.columns.status);
});

Deno.test("annotation.verify keeps what is already known to be doubtful", async () => {
  const { image, x, y } = scene();
  const before = columnsAt(x, y);
  const status = before.columns.status.map((s, i) => i === 2 ? "overlap" : i === 3 ? "edge" : s);
  const table = { ...before, columns: { ...before.columns, status } } as typeof before;
  const { columns } = await check(image, table);
  assertEquals([columns.status[2], columns.status[3]], ["overlap", "edge"]);
});
