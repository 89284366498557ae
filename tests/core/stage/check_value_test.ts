import { assertEquals } from "@assert";
import { createImage, createTable, type PortDeclaration } from "../../../core/mod.ts";
import { valueProblems } from "../../../core/stage/check_value.ts";

const image = createImage({ width: 2, height: 1 });
const place = { stage: "a.b", port: "p", side: "input" } as const;
const description = "";

function texts(port: PortDeclaration, value: unknown): string[] {
  return valueProblems(port, value, place).map((problem) => `${problem.code} ${problem.message}`);
}

Deno.test("valueProblems accepts what fits", () => {
  assertEquals(texts({ kind: "image", axes: "yx", description }, image), []);
  assertEquals(texts({ kind: "exposures", axes: "tyx", description }, { images: [image] }), []);
  const table = createTable({ x: Float64Array.of(1), y: Float64Array.of(2), word: ["a"] });
  const columns = { x: "px", y: "px" };
  assertEquals(texts({ kind: "table", columns, words: ["word"], description }, table), []);
  assertEquals(texts({ kind: "table", columns, axes: "t", description }, [table, table]), []);
  assertEquals(texts({ kind: "json", description }, null), []);
});

Deno.test("valueProblems finds exposures that differ in size or pixel size", () => {
  const port = { kind: "exposures", axes: "tyx", description } as const;
  const other = { ...createImage({ width: 1, height: 2 }), name: "b" };
  assertEquals(texts(port, { images: [image, other] }), [
    'IMAGE_SIZE_DIFFERS Cannot give input "p" to a.b: expected exposures of one size, 2 x 1 px, got 1 x 2 px in exposure 1 ("b"); leave it out or crop it',
  ]);
  const nm = { ...image, pixelSize: { x: 0.01, y: 0.01, unit: "nm" } };
  const pm = { ...image, pixelSize: { x: 10, y: 10, unit: "pm" } };
  const um = { ...image, pixelSize: { x: 0.01, y: 0.01, unit: "um" } };
  assertEquals(texts(port, { images: [nm, pm] }), []);
  assertEquals(texts(port, { images: [nm, um] }), [
    'PIXEL_SIZE_DIFFERS Cannot give input "p" to a.b: expected exposures of one pixel size, 0.01 x 0.01 nm, got 0.01 x 0.01 um in exposure 1; leave it out or correct its calibration',
  ]);
});

Deno.test("valueProblems refuses NaN and infinite pixels unless the stage excludes them", () => {
  const bad = createImage({ width: 2, height: 1, data: Float32Array.of(NaN, Infinity) });
  assertEquals(texts({ kind: "image", axes: "yx", description }, bad), [
    'IMAGE_NON_FINITE Cannot give input "p" to a.b: expected finite pixels, got 2 NaN or infinite pixels; replace them or crop them away',
  ]);
  assertEquals(texts({ kind: "image", axes: "yx", description, nonFinite: "exclude" }, bad), []);
  assertEquals(
    texts({ kind: "exposures", axes: "tyx", description }, { images: [image, bad] }),
    [
      'IMAGE_NON_FINITE Cannot give input "p" to a.b: expected finite pixels, got 2 NaN or infinite pixels in exposure 1; replace them or crop them away',
    ],
  );
});

Deno.test("valueProblems names the columns a table lacks", () => {
  const table = createTable({ x: Float64Array.of(1), status: ["ok"] });
  assertEquals(texts({ kind: "peaks", description }, table), [
    'TABLE_COLUMN Cannot give input "p" to a.b: expected the columns x, y, height, got columns x, status; add y, height',
  ]);
});

Deno.test("valueProblems says what a wrong value is", () => {
  assertEquals(texts({ kind: "image", axes: "yx", description }, { images: [image] }), [
    'PORT_TYPE Cannot give input "p" to a.b: expected image (float32 yx), got exposures (float32 tyx, 1 of them)',
  ]);
  assertEquals(texts({ kind: "columns", axes: "t", description }, image), [
    'PORT_TYPE Cannot give input "p" to a.b: expected a list of columns, one per exposure, got image (float32 yx, 2 x 1)',
  ]);
});

Deno.test("valueProblems gives each problem its code", () => {
  const codes = (port: PortDeclaration, value: unknown) =>
    valueProblems(port, value, place).map((problem) => problem.code);
  const nm = { ...image, pixelSize: { x: 1, y: 1, unit: "nm" } };
  assertEquals(codes({ kind: "image", axes: "yx", description }, 3), ["PORT_TYPE"]);
  assertEquals(codes({ kind: "drift", description }, createTable({})), ["TABLE_COLUMN"]);
  const exposures = { kind: "exposures", axes: "tyx", description } as const;
  assertEquals(codes(exposures, { images: [image, nm] }), ["PIXEL_SIZE_DIFFERS"]);
});
