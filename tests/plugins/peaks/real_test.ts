/**
 * Real images, with nothing set; skipped without the folder named by ADATOM_DATA.
 *
 * @module
 */
import { assertAtLeast, assertAtMost } from "@assert";
import type { Image } from "../../../core/data/image.ts";
import { createKdTree, nearestNeighbor } from "../../../core/kernels/k_d_tree.ts";
import { strictMatching } from "../../../core/kernels/matching.ts";
import { resolveParams } from "../../../core/stage/params.ts";
import { npy } from "../../../plugins/io/npy.ts";
import { tiff } from "../../../plugins/io/tiff.ts";
import { dog } from "../../../plugins/peaks/dog.ts";
import { findfoci } from "../../../plugins/peaks/findfoci.ts";
import { log } from "../../../plugins/peaks/log.ts";
import { findBlobsBy } from "./find_blobs.ts";
import { testContext } from "../../support/context.ts";

const folder = Deno.env.get("ADATOM_DATA");
const ignore = folder === undefined;

const read = (format: typeof tiff | typeof npy, path: string) =>
  format.read(Deno.readFileSync(`${folder}/${path}`), { name: "x", path, warn() {} });

const rows = (path: string) =>
  Deno.readTextFileSync(`${folder}/${path}`).trim().split("\n").slice(1).map((line) =>
    line.split(",")
  );

async function find(image: Image, polarity: "bright" | "dark" = "bright") {
  const { values } = resolveParams(findfoci.params, { polarity }, findfoci.id);
  const { peaks } = await findfoci.run({ image }, values as never, testContext());
  return { x: peaks.columns.x, y: peaks.columns.y };
}

interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** F1 of the points inside a box, pairs across its border not counted as mistakes. */
function f1(found: Points, truth: Points, radius: number, [low, high]: readonly number[]): number {
  const inside = ({ x, y }: Points, i: number) =>
    Math.min(x[i], y[i]) >= low && Math.max(x[i], y[i]) <= high;
  const partner = new Int32Array(found.x.length);
  strictMatching(found.x, found.y, truth.x, truth.y, radius, partner);
  let pairs = 0, mistakes = 0, wanted = 0;
  partner.forEach((t, i) => {
    if (t < 0) mistakes += inside(found, i) ? 1 : 0;
    else pairs += inside(truth, t) ? 1 : 0;
  });
  truth.x.forEach((_, i) => wanted += inside(truth, i) ? 1 : 0);
  return 2 * pairs / (pairs + mistakes + wanted);
}

/** W and Se-Se columns are 4.8 px apart; labels begin 6 px from the border. */
const WSE2 = { radius: 1.7, box: [6, 121], least: 0.97, biasX: -0.13, biasY: 0.24 };

Deno.test({
  name: "peaks.findfoci finds W and Se-Se in every real exposure of WSe2",
  ignore,
  fn: async () => {
    const images = await read(tiff, "wse2-seebic/haadf.tif");
    const atoms = rows("wse2-seebic/atoms.csv");
    for (const [frame, image] of images.entries()) {
      const own = atoms.filter((row) => Number(row[0]) === frame);
      const truth = {
        x: Float64Array.from(own, (row) => Number(row[1]) - WSE2.biasX),
        y: Float64Array.from(own, (row) => Number(row[2]) - WSE2.biasY),
      };
      const score = f1(await find(image), truth, WSE2.radius, WSE2.box);
      assertAtLeast(score, WSE2.least, `frame ${frame}`);
    }
  },
});

Deno.test({
  name: "peaks.findfoci finds the columns of a real particle with scan jitter",
  ignore,
  fn: async () => {
    const [image] = await read(npy, "ptir-nanoparticle/observed.npy");
    const columns = rows("ptir-nanoparticle/columns.csv");
    const truth = {
      x: Float64Array.from(columns, (row) => Number(row[0])),
      y: Float64Array.from(columns, (row) => Number(row[1])),
    };
    // 0.35 of their distance of 18.5 px
    assertAtLeast(f1(await find(image), truth, 6.5, [0, 511]), 0.93);
  },
});

Deno.test({
  name: "peaks.log and peaks.dog find the columns of real WSe2 and of a real particle",
  ignore,
  fn: async () => {
    const atoms = rows("wse2-seebic/atoms.csv");
    const columns = rows("ptir-nanoparticle/columns.csv");
    const particle = {
      x: Float64Array.from(columns, (row) => Number(row[0])),
      y: Float64Array.from(columns, (row) => Number(row[1])),
    };
    for (const stage of [log, dog]) {
      for (const [frame, image] of (await read(tiff, "wse2-seebic/haadf.tif")).entries()) {
        const own = atoms.filter((row) => Number(row[0]) === frame);
        const truth = {
          x: Float64Array.from(own, (row) => Number(row[1]) - WSE2.biasX),
          y: Float64Array.from(own, (row) => Number(row[2]) - WSE2.biasY),
        };
        const { peaks } = await findBlobsBy(stage, image);
        const score = f1(peaks.columns, truth, WSE2.radius, WSE2.box);
        assertAtLeast(score, WSE2.least, `${stage.id}, frame ${frame}`);
      }
      const [image] = await read(npy, "ptir-nanoparticle/observed.npy");
      const { peaks } = await findBlobsBy(stage, image);
      assertAtLeast(f1(peaks.columns, particle, 6.5, [0, 511]), 0.93, stage.id);
    }
  },
});

/** Dark columns of SrTiO3 seen along <110>, px: strong ones, found by eye to be this far apart. */
const STRONG = { spacing: 29.2, count: 205, tolerance: 25 };

Deno.test({
  name: "peaks.findfoci finds the dark columns of real ABF exposures, the same in each",
  ignore,
  fn: async () => {
    const images = await read(tiff, "abf-srtio3/stack.tif");
    for (const image of images) {
      const { x, y } = await find(image, "dark");
      assertAtLeast(x.length, 3 * (STRONG.count - STRONG.tolerance));
      assertAtMost(x.length, 3 * (STRONG.count + STRONG.tolerance));
      // no two points on one column
      const tree = createKdTree(x, y);
      for (let i = 0; i < x.length; i++) {
        const j = nearestNeighbor(tree, x[i], y[i], i);
        assertAtLeast(Math.hypot(x[i] - x[j], y[i] - y[j]), STRONG.spacing / 6);
      }
    }
  },
});
