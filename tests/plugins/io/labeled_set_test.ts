import {
  assertAtMost,
  assertClose,
  assertEquals,
  assertFails,
  assertIncludes,
  assertTrue,
} from "@assert";
import {
  COLUMN_STATUSES,
  type Columns,
  type ColumnStatus,
  createImage,
  createTable,
  type FormatContext,
  withColumns,
} from "@core";
import {
  encodeLabeledSet,
  fileStem,
  type SetOptions,
  type SetParts,
} from "../../../plugins/io/labeled_set.ts";
import { csv } from "../../../plugins/io/csv.ts";
import { decodePicture } from "../../../plugins/io/_image_js.ts";
import { imagejRoi } from "../../../plugins/io/imagej_roi.ts";
import {
  grayPicture,
  MARKERS,
  overlayPicture,
  overlayScale,
  stretchLimits,
} from "../../../plugins/io/_overlay.ts";
import { assignSplit } from "../../../plugins/io/_set_split.ts";
import { tiff } from "../../../plugins/io/tiff.ts";
import { labeledParts } from "../../support/labeled_parts.ts";

const OPTIONS: SetOptions = { version: "0.1.0", polarity: "bright", targetSigma: 0.25 };
/** Markers are stamped in steps of 1/8 px: 1/16 px off at most, and a little for rounding of colors. */
const STAMP = 0.07;

const first = () =>
  labeledParts({ name: "2H a", exposures: 3, width: 64, height: 48, spacing: 11, duplicates: [2] });
const second = () =>
  labeledParts({ name: "1T", exposures: 2, width: 40, height: 56, spacing: 9, pixelSize: null });

async function filesOf(
  sets: Iterable<SetParts> | AsyncIterable<SetParts>,
  options = OPTIONS,
): Promise<Map<string, Uint8Array>> {
  return new Map(await Array.fromAsync(encodeLabeledSet(sets, options)));
}

function context(name: string): FormatContext {
  return { name, path: name, warn: () => {} };
}

function text(files: Map<string, Uint8Array>, path: string): string {
  return new TextDecoder().decode(files.get(path));
}

Deno.test("encodeLabeledSet writes six files for each exposure kept, and three for the set", async () => {
  const files = await filesOf([first(), second()]);
  const stems = ["2H-a_0", "2H-a_1", "1T_0", "1T_1"];
  const expected = stems.flatMap((stem) => [
    `images/${stem}.tif`,
    `labels/${stem}.csv`,
    `labels/${stem}.zip`,
    `labels/atomid/${stem}.csv`,
    `targets/${stem}.tif`,
    `overlays/${stem}.png`,
  ]);
  assertEquals([...files.keys()], [...expected, "catalog.csv", "dataset.json", "report.html"]);
  const rows = stems.map((stem, i) => `${i},images/${stem}.tif,labels/atomid/${stem}.csv`);
  assertEquals(text(files, "catalog.csv"), ["index,image,csv", ...rows, ""].join("\n"));
});

Deno.test("encodeLabeledSet gives the same bytes for the same values, and leaves them alone", async () => {
  const sets = [first(), second()];
  const before = structuredClone(sets);
  const once = await filesOf(sets);
  assertEquals(sets, before);
  const again = await filesOf([first(), second()]);
  assertEquals([...again.keys()], [...once.keys()]);
  for (const [path, bytes] of once) assertEquals(again.get(path), bytes, path);
});

Deno.test("encodeLabeledSet takes sets one at a time and gives the same files", async () => {
  const sets = async function* () {
    yield first();
    yield await Promise.resolve(second());
  };
  const inTurn = await filesOf(sets(), { ...OPTIONS, setCount: 2 });
  const atOnce = await filesOf([first(), second()]);
  for (const [path, bytes] of atOnce) assertEquals(inTurn.get(path), bytes, path);
});

Deno.test("image, labels, points and AtomID table of an exposure agree", async () => {
  const set = first();
  const files = await filesOf([set]);
  const stem = "2H-a_1";
  const [image] = await tiff.read(files.get(`images/${stem}.tif`)!, context(stem));
  assertEquals(image.sourceType, "uint16");
  assertEquals(image.data, set.cropped.images[1].data);
  assertClose(image.pixelSize!.x, 0.0125, 1e-6);
  const labels = await csv.read(files.get(`labels/${stem}.csv`)!, context(stem));
  const { x, y } = set.labels[1].columns;
  assertEquals(labels.columns.x, x);
  assertEquals(labels.columns.y, y);
  assertEquals(labels.columns.status, set.labels[1].columns.status);
  assertEquals(labels.columns.xNm, x.map((v) => v * 0.0125));
  assertEquals(labels.columns.yNm, y.map((v) => v * 0.0125));
  const points = await imagejRoi.read(files.get(`labels/${stem}.zip`)!, context(stem));
  assertEquals(points.length, labels.length);
  // ROI files hold float32.
  for (let i = 0; i < x.length; i++) assertClose((points.columns.x as Float64Array)[i], x[i], 1e-4);
  const lines = text(files, `labels/atomid/${stem}.csv`).trimEnd().split("\n");
  assertEquals(lines[0], "Peak#,X,Y,Phase");
  assertEquals(lines[1], `1,${Math.round(x[0])},${Math.round(y[0])},0`);
  assertEquals(lines.length, labels.length + 1);
  const [target] = await tiff.read(files.get(`targets/${stem}.tif`)!, context(stem));
  assertEquals([target.width, target.height], [image.width, image.height]);
  assertEquals(target.sourceType, "float32");
});

Deno.test("labels of uncalibrated images have no nanometers", async () => {
  const files = await filesOf([second()]);
  const labels = await csv.read(files.get("labels/1T_0.csv")!, context("1T_0"));
  assertEquals("xNm" in labels.columns, false);
});

Deno.test("the target's sigma is the share asked for of the mean nearest-neighbor distance", async () => {
  const spacing = 11;
  const files = await filesOf([first()], { ...OPTIONS, targetSigma: 0.3 });
  const [exposure] = JSON.parse(text(files, "dataset.json")).sets[0].exposures;
  assertClose(exposure.target.meanSpacing, spacing, 1e-9);
  assertClose(exposure.target.sigma, 0.3 * spacing, 1e-9);
});

Deno.test("overlay markers lie at (x + 0.5) * scale in the color of their status", () => {
  const image = createImage({ width: 30, height: 20 });
  const scale = 8, radius = 3;
  for (const status of COLUMN_STATUSES) {
    const x = 10.3, y = 8.8625;
    const picture = overlayPicture(image, columnsAt([x], [y], [status]), scale, radius);
    assertEquals([picture.width, picture.height, picture.channels], [240, 160, 3]);
    const { color } = MARKERS[status];
    const center = { x: (x + 0.5) * scale, y: (y + 0.5) * scale };
    assertEquals(colorAt(picture, center.x, center.y), [...color], status);
    const found = centroidOf(picture);
    // The centroid of a triangle's sides lies below the center of its circle.
    const low = status === "moved" ? radius * scale * 0.05 : 0;
    assertClose(found.x, center.x - 0.5, STAMP, `${status} x`);
    assertClose(found.y, center.y - 0.5 - low, STAMP + low, `${status} y`);
  }
});

Deno.test("overlayPicture keeps the image between the lines of a marker, and draws doubt on top", () => {
  const image = createImage({ width: 30, height: 20 });
  const columns = columnsAt([10.0625, 10.0625], [8.0625, 8.0625], ["weak", "ok"]);
  const picture = overlayPicture(image, columns, 8, 3);
  assertEquals(colorAt(picture, 84 + 24, 68), [...MARKERS.ok.color]);
  assertEquals(colorAt(picture, 84 + 12, 68), [0, 0, 0]);
  assertEquals(colorAt(picture, 84, 68), [...MARKERS.weak.color]);
});

Deno.test("overlayPicture survives markers at and beyond the border", () => {
  const image = createImage({ width: 5, height: 3 });
  const picture = overlayPicture(
    image,
    columnsAt([-0.5, 4.5, 40], [0, 2.5, 1], ["ok", "edge", "ok"]),
    2,
    9,
  );
  assertEquals(picture.data.length, 3 * 10 * 6);
});

Deno.test("an overlay of the set is the image enlarged by a whole factor", async () => {
  const set = first();
  const files = await filesOf([set]);
  const png = await decodePicture(files.get("overlays/2H-a_0.png")!);
  const { width, height } = set.cropped.images[0];
  const scale = overlayScale(width, height, 11);
  assertEquals([png.width, png.height], [width * scale, height * scale]);
  assertEquals(overlayScale(1024, 1024, 24), 1);
  assertEquals(overlayScale(1024, 1024, 9), 2);
  assertEquals(overlayScale(512, 512, 20), 2);
  assertEquals(overlayScale(4096, 4096, 9), 1);
  assertEquals(overlayScale(1, 1, NaN), 8);
});

Deno.test("grayPicture averages whole blocks, narrower ones at the far sides", () => {
  const image = createImage({ width: 3, height: 2, data: Float32Array.of(0, 2, 8, 4, 6, 4) });
  const whole = { x: 0, y: 0, width: 3, height: 2 };
  const picture = grayPicture(image, whole, 2, { low: 0, high: 255 }, 256);
  assertEquals([...picture.data], [3, 6]);
  const part = grayPicture(image, { ...whole, x: 1, width: 2 }, 1, { low: 2, high: 8 }, 3);
  assertEquals([...part.data], [0, 255, 128, 128]);
});

Deno.test("stretchLimits leaves out the darkest and brightest half percent", () => {
  const data = Float32Array.from({ length: 1001 }, (_, i) => i);
  assertEquals(stretchLimits(data), { low: 5, high: 995 });
  assertEquals(stretchLimits(Float32Array.of(NaN)), { low: 0, high: 1 });
});

Deno.test("dataset.json tells sources, windows, drift, ranking, parameters and counts", async () => {
  const set = {
    ...first(),
    sources: first().sources.map((s) => ({ ...s, path: `/home/me/${s.path}` })),
  };
  const files = await filesOf([set, second()], { ...OPTIONS, license: "CC-BY-4.0", title: "T" });
  const json = text(files, "dataset.json");
  const data = JSON.parse(json);
  assertEquals(Object.keys(data), [
    "format",
    "formatVersion",
    "title",
    "license",
    "citation",
    "software",
    "conventions",
    "polarity",
    "targetSigma",
    "statuses",
    "counts",
    "split",
    "sets",
  ]);
  assertEquals([data.license, data.citation, data.software.version], ["CC-BY-4.0", null, "0.1.0"]);
  const [a, b] = data.sets;
  assertEquals(a.exposures[1].source, { file: "2H a.tif", page: 1, sha256: set.sources[1].sha256 });
  assertEquals(a.exposures[1].window.width, set.cropped.images[1].width);
  assertEquals(a.exposures[2].drift.x, set.drift.columns.x[2]);
  assertEquals(a.exposures[1].ranking.reason, "strongest lattice peaks");
  assertEquals([a.exposures[2].kept, a.exposures[2].files], [false, null]);
  assertEquals(a.exposures[2].duplicate.of, 1);
  assertEquals(a.parameters[0].origin, "auto");
  assertEquals([a.pixelSize.x, a.pixelSize.unit, b.pixelSize], [0.0125, "nm", null]);
  const kept = [...set.labels.slice(0, 2), ...second().labels];
  const labels = kept.reduce((sum, table) => sum + table.length, 0);
  assertEquals(data.counts.columns, labels);
  const statuses = Object.values(data.counts.statuses as Record<string, number>);
  assertEquals(statuses.reduce((sum, n) => sum + n, 0), labels);
  assertTrue(!json.includes("/home") && !/\d{4}-\d\d-\d\d/.test(json));
  for (const path of json.match(/"(images|labels|targets|overlays)\/[^"]*"/g)!) {
    assertTrue(files.has(JSON.parse(path)), path);
  }
});

Deno.test("assignSplit keeps regions together, whatever the order of the sets", () => {
  const set = (name: string, region = name) => ({ name, region });
  assertEquals(assignSplit([set("only")], undefined), ["test"]);
  assertEquals(assignSplit([set("a"), set("b"), set("c")], undefined).toSorted(), [
    "test",
    "train",
    "validation",
  ]);
  const many = Array.from({ length: 40 }, (_, i) => set(`set ${i}`, `region ${i % 20}`));
  const sides = assignSplit(many, undefined);
  for (let i = 0; i < 20; i++) assertEquals(sides[i], sides[i + 20]);
  const count = (side: string) => sides.filter((s) => s === side).length;
  assertEquals([count("train"), count("validation"), count("test")], [28, 6, 6]);
  assertEquals(assignSplit(many.toReversed(), undefined), sides.toReversed());
  assertEquals(assignSplit([set("a"), set("b")], { train: 0, validation: 0, test: 1 }), [
    "test",
    "test",
  ]);
  assertEquals(assignSplit([set("a"), set("b")], { a: "train", b: "test" }), ["train", "test"]);
});

Deno.test("encodeLabeledSet reports progress up to 1 and stops between files", async () => {
  const fractions: number[] = [];
  const stop = new AbortController();
  for await (const _ of encodeLabeledSet([first()], OPTIONS, (f) => fractions.push(f))) continue;
  assertEquals(fractions.at(-1), 1);
  assertEquals(fractions, fractions.toSorted((a, b) => a - b));
  let files = 0;
  await assertFails(async () => {
    for await (const _ of encodeLabeledSet([first()], OPTIONS, undefined, stop.signal)) {
      if (++files === 3) stop.abort();
    }
  }, "CANCELLED");
  assertAtMost(files, 3);
});

Deno.test("a set without labels, and one of 1 x 1 px, can be written", async () => {
  const tiny = labeledParts({
    name: "tiny",
    exposures: 2,
    width: 1,
    height: 1,
    spacing: 9,
    step: [0, 0],
  });
  const none = { ...second(), labels: second().labels.map((t) => emptied(t)) };
  const drop = { ...none, dropped: emptied(none.dropped) };
  for (const set of [withoutDrift(tiny), drop]) {
    const files = await filesOf([set]);
    assertEquals(JSON.parse(text(files, "dataset.json")).counts.columns >= 0, true);
    assertIncludes(text(files, "report.html"), set.name);
  }
});

Deno.test("fileStem makes names that every file system takes", () => {
  assertEquals(fileStem("2H_a.1"), "2H_a.1");
  assertEquals(fileStem("../a/b: c?"), "a-b-c");
  assertEquals(fileStem("MoS₂ µ"), "MoS₂-µ");
  assertEquals(fileStem("///"), "set");
});

Deno.test("encodeLabeledSet refuses parts that do not fit together", async () => {
  const refused = (set: SetParts, code: "REQUEST_INVALID" | "TABLE_VALUE", message: string) =>
    assertFails(() => filesOf([set]), code, message);
  const set = first();
  const { x, status } = set.labels[1].columns;
  await refused(
    { ...set, sources: set.sources.slice(1) },
    "REQUEST_INVALID",
    'Cannot write set "2H a": expected 3 sources, one for each exposure, got 2',
  );
  await refused(
    { ...set, chosen: 3 },
    "REQUEST_INVALID",
    'Cannot write set "2H a": expected a chosen exposure from 0 to 2, got 3',
  );
  const width = set.windows.columns.width.map((w) => w + 1);
  const size = set.cropped.images[0];
  await refused(
    { ...set, windows: withColumns(set.windows, { width }) },
    "REQUEST_INVALID",
    `Cannot write set "2H a": expected exposure 0 of ${
      size.width + 1
    } x ${size.height} px as its ` +
      `window says, got ${size.width} x ${size.height} px`,
  );
  const labels = (table: Columns) => ({ ...set, labels: [set.labels[0], table, set.labels[2]] });
  await refused(
    labels(withColumns(set.labels[1], { status: status.with(4, "fine") })),
    "TABLE_VALUE",
    'Cannot write set "2H a": expected one of ok, edge, weak, moved, diverged, overlap as status ' +
      'of label 4 in exposure 1, got "fine"',
  );
  const { y } = set.labels[1].columns;
  await refused(
    labels(withColumns(set.labels[1], { x: x.with(2, NaN) })),
    "TABLE_VALUE",
    'Cannot write set "2H a": expected a finite position of label 2 in exposure 1, got ' +
      `(NaN, ${y[2]})`,
  );
});

Deno.test("encodeLabeledSet refuses two sets of one file name and wrong options", async () => {
  await assertFails(
    () => filesOf([first(), { ...second(), name: "2h/A" }]),
    "REQUEST_INVALID",
    'Cannot write set "2h/A": expected sets whose names differ in their file names, got "2H a" and ' +
      '"2h/A", both "2h-A"; rename one of them',
  );
  await assertFails(
    () => filesOf([first()], { ...OPTIONS, targetSigma: 0 }),
    "PARAM_RANGE",
    "Cannot write the labeled set: expected targetSigma above 0 mean nearest-neighbor distances, " +
      "got 0; the thesis takes 0.25",
  );
  await assertFails(
    () => filesOf([first()], { ...OPTIONS, split: { other: "test" } }),
    "REQUEST_INVALID",
    'Cannot split set "2H a": expected one of train, validation, test for every set, got nothing',
  );
  await assertFails(
    () => filesOf([first()], { ...OPTIONS, split: { train: 0, validation: 0, test: 0 } }),
    "REQUEST_INVALID",
    "Cannot split the set: expected shares of train, validation and test that are not negative and " +
      "not all 0, got 0, 0, 0",
  );
});

function columnsAt(x: number[], y: number[], status: ColumnStatus[]): Columns {
  const zeros = () => new Float64Array(x.length);
  return createTable({
    x: Float64Array.from(x),
    y: Float64Array.from(y),
    sigmaX: zeros(),
    sigmaY: zeros(),
    angle: zeros(),
    height: zeros(),
    background: zeros(),
    volume: zeros(),
    errorX: zeros(),
    errorY: zeros(),
    status,
  });
}

function emptied(table: Columns): Columns {
  const { units } = table;
  return { ...columnsAt([], [], []), units };
}

/** The whole-pixel windows of a 1 x 1 image leave nothing of it: put every window on the pixel. */
function withoutDrift(set: SetParts): SetParts {
  const one = () => Float64Array.of(1, 1), zero = () => Float64Array.of(0, 0);
  return {
    ...set,
    cropped: set.original,
    labels: set.labels.map(emptied),
    windows: withColumns(set.windows, { x: zero(), y: zero(), width: one(), height: one() }),
  };
}

function colorAt(picture: { width: number; data: Uint8Array }, x: number, y: number): number[] {
  const k = 3 * (Math.floor(y) * picture.width + Math.floor(x));
  return [...picture.data.subarray(k, k + 3)];
}

/** The centroid of what is drawn on black, each pixel by its cover. */
function centroidOf(
  picture: { width: number; height: number; data: Uint8Array },
): { x: number; y: number } {
  let sum = 0, x = 0, y = 0;
  for (let k = 0; k < picture.width * picture.height; k++) {
    const cover = picture.data[3 * k] + picture.data[3 * k + 1] + picture.data[3 * k + 2];
    sum += cover;
    x += cover * (k % picture.width);
    y += cover * Math.floor(k / picture.width);
  }
  return { x: x / sum, y: y / sum };
}
