/**
 * The distance of neighboring columns, quickly: for choices that need no more than its order.
 *
 * @module
 */
import {
  addSpectraInPlace,
  createSpectrumSet,
  gaussianBlur,
  medianNearestDistance,
  sharedBand,
} from "@core/kernels";
import type { ImagePart } from "./_noise_level.ts";
import { persistentMaxima } from "./_persistence.ts";

/** Edges fade out over this share of the image. */
const WINDOW = 0.25;
/** Blur by this share of the repeat before maxima are looked for. */
const BLUR = 0.1;
/** Columns' maxima are at least this share as prominent as the most prominent ones. */
const CLEAR = 0.25;

/**
 * The distance of neighboring columns, px: that of the clear maxima of a part of an image after a blur
 * of a tenth of its shortest repeat vector, but at most that vector. `undefined` where nothing repeats.
 */
export function columnSpacing({ data, width, height }: ImagePart): number | undefined {
  const set = createSpectrumSet(width, height, WINDOW);
  addSpectraInPlace(set, data, undefined);
  const { repeats } = sharedBand(set);
  if (repeats.length === 0) return undefined;
  const repeat = Math.hypot(repeats[0].x, repeats[0].y);
  const blurred = new Float32Array(data.length);
  gaussianBlur(data, width, height, BLUR * repeat, blurred);
  const { position, persistence } = persistentMaxima(blurred, width, height);
  const most = persistence.slice().sort()[Math.floor(0.98 * persistence.length)];
  const clear = position.filter((_, k) => persistence[k] >= CLEAR * most);
  const distance = medianNearestDistance(
    Float64Array.from(clear, (i) => i % width),
    Float64Array.from(clear, (i) => Math.floor(i / width)),
  );
  return distance < repeat ? distance : repeat;
}
