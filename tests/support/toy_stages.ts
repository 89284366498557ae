/**
 * Small stages for tests of the host: quick, and with every habit a stage can have.
 *
 * @module
 */
import { createImage } from "../../core/data/image.ts";
import { createTable } from "../../core/data/table.ts";
import { type PoolTask, poolTask } from "../../core/stage/context.ts";
import { defineStage, type Stage } from "../../core/stage/stage.ts";

const module = import.meta.url;

const imageIn = {
  image: { kind: "image", axes: "yx", description: "Any image" },
} as const;
const imageOut = {
  image: { kind: "image", axes: "yx", description: "The changed image" },
} as const;
const addParams = {
  amount: { type: "number", default: 1, minimum: -10, maximum: 10, description: "What to add" },
  note: { type: "string", default: "", affects: "log", description: "Only for the log" },
} as const;

/** Adds a number to every pixel. */
export const add: Stage<typeof imageIn, typeof imageOut, typeof addParams> = defineStage({
  id: "toy.add",
  version: "1.2.0",
  api: "^1.0",
  summary: "Adds a number to every pixel",
  inputs: imageIn,
  outputs: imageOut,
  params: addParams,
  module,
  run({ image }, { amount }, context) {
    context.progress(0.5);
    context.chose({ used: amount });
    if (amount < 0) context.warn("NEGATIVE", "the amount is negative");
    return { image: createImage({ ...image, data: image.data.map((v) => v + amount) }) };
  },
});

const stackIn = {
  exposures: { kind: "exposures", axes: "tyx", description: "Exposures" },
} as const;
const brightOut = {
  brightest: {
    kind: "table",
    columns: { x: "px", y: "px", value: "counts" },
    description: "The brightest pixel of each exposure",
  },
} as const;
const none = {} as const;

/** The brightest pixel of each exposure. */
export const brightest: Stage<typeof stackIn, typeof brightOut, typeof none> = defineStage({
  id: "toy.brightest",
  version: "1.0.0",
  api: "^1.0",
  summary: "Finds the brightest pixel of each exposure",
  inputs: stackIn,
  outputs: brightOut,
  params: none,
  module,
  run({ exposures }) {
    const rows = exposures.images.map(({ data, width }) => {
      const at = data.indexOf(data.reduce((a, b) => Math.max(a, b)));
      return { x: at % width, y: Math.floor(at / width), value: data[at] };
    });
    return {
      brightest: createTable({
        x: Float64Array.from(rows, (r) => r.x),
        y: Float64Array.from(rows, (r) => r.y),
        value: Float64Array.from(rows, (r) => r.value),
      }),
    };
  },
});

const noiseParams = {
  size: { type: "integer", default: 4, minimum: 1, description: "Width and height" },
} as const;

/** Random pixels. */
export const noise: Stage<typeof none, typeof imageOut, typeof noiseParams> = defineStage({
  id: "toy.noise",
  version: "1.0.0",
  api: "^1.0",
  summary: "Makes random pixels",
  inputs: none,
  outputs: imageOut,
  params: noiseParams,
  random: true,
  module,
  run(_inputs, { size }, context) {
    const data = Float32Array.from({ length: size * size }, () => context.random());
    return { image: createImage({ width: size, height: size, data }) };
  },
});

const sumOut = {
  sum: { kind: "json", description: "Sum of all pixels" },
} as const;

/** Sums one row; runs on any worker, and gives its result away in an array. */
export function sumRow(row: Float32Array): Float64Array {
  return Float64Array.of(row.reduce((a, b) => a + b, 0));
}

const sumRowTask: PoolTask<Float32Array, Float64Array> = poolTask(module, sumRow);

/** Sums the pixels, rows spread over the pool. */
export const spreadSum: Stage<typeof imageIn, typeof sumOut, typeof none> = defineStage({
  id: "toy.spread-sum",
  version: "1.0.0",
  api: "^1.0",
  summary: "Sums all pixels, row by row, on all workers",
  inputs: imageIn,
  outputs: sumOut,
  params: none,
  module,
  async run({ image }, _params, context) {
    const rows = Array.from(
      { length: image.height },
      (_, y) => image.data.slice(y * image.width, (y + 1) * image.width),
    );
    const half = rows.length >> 1; // in two rounds: a stage may map as often as it likes
    const sums = await context.map(sumRowTask, rows.slice(0, half));
    sums.push(...await context.map(sumRowTask, rows.slice(half)));
    return { sum: sums.reduce((total, [sum]) => total + sum, 0) };
  },
});

const failParams = {
  how: {
    type: "string",
    enum: ["throws", "forgets", "lies", "nan"],
    default: "throws",
    description: "What it does wrong",
  },
} as const;

/** Breaks its promises. */
export const broken: Stage<typeof imageIn, typeof imageOut, typeof failParams> = defineStage({
  id: "toy.broken",
  version: "1.0.0",
  api: "^1.0",
  summary: "Breaks its promises",
  inputs: imageIn,
  outputs: imageOut,
  params: failParams,
  module,
  run({ image }, { how }) {
    if (how === "throws") throw new TypeError("it fell over");
    if (how === "forgets") return {} as never;
    if (how === "lies") return { image: "a picture" } as never;
    return { image: createImage({ ...image, data: image.data.map(() => NaN) }) };
  },
});

const slowParams = {
  steps: { type: "integer", default: 200, minimum: 1, description: "Steps of 10 ms" },
} as const;

/** Computes for a while without giving way, as numerics do; looks at cancel every 10 ms. */
export const slow: Stage<typeof imageIn, typeof imageOut, typeof slowParams> = defineStage({
  id: "toy.slow",
  version: "1.0.0",
  api: "^1.0",
  summary: "Takes its time",
  inputs: imageIn,
  outputs: imageOut,
  params: slowParams,
  module,
  run({ image }, { steps }, context) {
    for (let i = 0; i < steps; i++) {
      const end = performance.now() + 10;
      while (performance.now() < end);
      context.progress((i + 1) / steps);
    }
    return { image: createImage({ ...image, data: image.data.slice() }) };
  },
});

/** Ends its worker by an error that nobody catches. */
export const crash: Stage<typeof imageIn, typeof imageOut, typeof none> = defineStage({
  id: "toy.crash",
  version: "1.0.0",
  api: "^1.0",
  summary: "Ends its worker",
  inputs: imageIn,
  outputs: imageOut,
  params: none,
  module,
  async run({ image }) {
    setTimeout(() => {
      throw new Error("nobody catches this");
    }, 0);
    await new Promise((resolve) => setTimeout(resolve, 5000));
    return { image };
  },
});
