/**
 * What neural stages say of their run, as a schema.
 *
 * @module
 */

const LENGTH = { type: ["number", "null"], minimum: 0 } as const;
const COUNT = { type: "integer", minimum: 0 } as const;

/** The summary of `inference.atomid`. */
export const ATOMID_SUMMARY = {
  type: "object",
  required: [
    "model",
    "provider",
    "scale",
    "tiles",
    "spacing",
    "spacingNm",
    "predictedSpacing",
    "columns",
    "edge",
    "excluded",
  ],
  properties: {
    model: { type: "string", description: "Name of the model" },
    provider: { enum: ["webgpu", "native", "wasm"], description: "What computed it" },
    scale: { type: "number", description: "Factor between the image and what the network saw" },
    tiles: { ...COUNT, description: "Tiles the image went through in" },
    spacing: {
      ...LENGTH,
      description: "Distance of neighboring columns, px; null: nothing seen",
    },
    spacingNm: { ...LENGTH, description: "The same in nm, where the image has a pixel size" },
    predictedSpacing: { ...LENGTH, description: "What the network predicted, px" },
    columns: { ...COUNT, description: "Columns found" },
    edge: { ...COUNT, description: "Of them within half a spacing of the border" },
    excluded: {
      type: "array",
      description: "Bars and text found in the image, px",
      items: {
        type: "object",
        required: ["kind", "x", "y", "width", "height"],
        properties: {
          kind: { enum: ["bar", "text"] },
          x: COUNT,
          y: COUNT,
          width: COUNT,
          height: COUNT,
        },
      },
    },
  },
} as const;

/** The summary of `inference.onnx`. */
export const ONNX_SUMMARY = {
  type: "object",
  required: ["model", "provider", "tiles", "outputs", "low", "high"],
  properties: {
    model: { type: "string", description: "Name of the model" },
    provider: { enum: ["webgpu", "native", "wasm"], description: "What computed it" },
    tiles: { ...COUNT, description: "Tiles the image went through in" },
    outputs: {
      type: "array",
      description: "Outputs of the model; sizes in px",
      items: {
        type: "object",
        required: ["name", "width", "height", "channels"],
        properties: { name: { type: "string" }, width: COUNT, height: COUNT, channels: COUNT },
      },
    },
    low: { type: "number", description: "Lowest value of the map" },
    high: { type: "number", description: "Highest value of the map" },
  },
} as const;
