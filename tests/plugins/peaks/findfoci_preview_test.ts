import { assertEquals } from "@assert";
import fc from "fast-check";
import { createImage, type Image } from "../../../core/mod.ts";
import { findfociDefaults } from "../../../plugins/peaks/_findfoci_params.ts";
import { findfoci } from "../../../plugins/peaks/findfoci.ts";
import {
  createFindFociPreview,
  PREVIEW_STEPS,
  type PreviewParams,
} from "../../../plugins/peaks/findfoci_preview.ts";
import { testContext } from "../../support/context.ts";

const START: PreviewParams = {
  ...findfociDefaults,
  blur: 1,
  height: 3,
  backgroundMethod: "minimum",
};

/** Edits of each step. */
const EDITS: Readonly<Record<(typeof PREVIEW_STEPS)[number], readonly Partial<PreviewParams>[]>> = {
  images: [{ blur: 0 }, { blur: 1.5 }, { polarity: "dark" }, { region: [2, 3, 12, 9] }, {
    levels: "integer",
  }],
  regions: [
    { backgroundMethod: "mean" },
    { backgroundMethod: "absolute", background: 90 },
    { backgroundMethod: "auto-threshold", threshold: "li" },
    { statistics: "inside" },
    { search: "fraction", searchFraction: 0.4 },
    { search: "half" },
  ],
  merged: [
    { height: 0 },
    { height: 20 },
    { heightMethod: "relative", height: 0.1 },
    { minimumSize: 1 },
    { minimumSize: 9, minimumAboveSaddle: true },
    { minimumSize: 4, minimumAboveSaddle: true, connectedAboveSaddle: true },
  ],
  listed: [
    { sort: "place" },
    { maximumPeaks: 3 },
    { removeEdge: true },
    { maximumSize: 20 },
    { border: "all" },
    { center: "center-of-mass" },
  ],
};

function noiseImage(seed: number): Image {
  let s = seed;
  const raw = Float32Array.from({ length: 20 * 17 }, () => (s = s * 16807 % 2147483647) % 256);
  return createImage({ width: 20, height: 17, data: raw });
}

/** The stage's own result. */
async function oneShot(image: Image, params: PreviewParams) {
  const { peaks, labels } = await findfoci.run({ image }, params, testContext());
  return { peaks, labels: Int32Array.from(labels.data) };
}

Deno.test("createFindFociPreview equals the stage after any row of edits", async () => {
  const edits = fc.array(fc.constantFrom(...Object.values(EDITS).flat()), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), edits, async (seed, row) => {
      const image = noiseImage(seed);
      const preview = createFindFociPreview(image);
      let params = START;
      for (const edit of [{}, ...row]) {
        params = { ...params, ...edit };
        const { peaks, labels } = preview.run(params);
        const wanted = await oneShot(image, params);
        assertEquals(peaks, wanted.peaks);
        assertEquals(labels, wanted.labels);
        const { columns: { x, y } } = preview.run({ ...params, center: "maximum" }).peaks;
        if (params.maximumPeaks > 0) continue;
        const places = Array.from(x, (_, k) => y[k] * image.width + x[k]).sort((a, b) => a - b);
        assertEquals([...preview.positions(params)].sort((a, b) => a - b), places);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("createFindFociPreview begins at the step that an edit touches", () => {
  const preview = createFindFociPreview(noiseImage(7));
  assertEquals(preview.run(START).from, "images");
  assertEquals(preview.run(START).from, "none");
  for (const step of PREVIEW_STEPS) {
    for (const edit of EDITS[step]) {
      preview.run(START);
      assertEquals(preview.run({ ...START, ...edit }).from, step, JSON.stringify(edit));
    }
  }
});
