/**
 * What the stages of FindFoci share: a request checked and carried out on one slice or a stack of them.
 *
 * @module
 */
import { AdatomError, type Context, type Image } from "@core";
import { chooseAuto } from "./_auto.ts";
import type { FindFociParams } from "./_findfoci_params.ts";
import { findFoci, type Foci, type FociImages } from "./_foci.ts";
import { clearestSlice, searchImages } from "./_images.ts";
import { maskImage } from "./_mask_image.ts";
import { requireSameSize } from "./_searched.ts";

/** What was found, and in what. */
export interface Found {
  readonly foci: Foci;
  readonly images: FociImages;
  /** Level in the image = turn - level as searched; null when the image was searched as it is. */
  readonly turn: number | null;
  /** Whether levels were rounded to whole numbers. */
  readonly integer: boolean;
}

/**
 * Finds the peaks of slices of one size, at least one. What is left at "auto" is chosen from the slice
 * that varies most. Progress is reported, short of the end.
 *
 * @param id the stage, for errors
 * @param masks none, one for all slices, or one a slice; pixels of 0 take no part
 * @throws AdatomError PARAM_RANGE, PARAM_CONFLICT, IMAGE_SIZE_DIFFERS
 */
export function searchSlices(
  id: string,
  slices: readonly Image[],
  masks: readonly Image[],
  given: FindFociParams,
  context: Context,
): Found {
  const region = checkedRegion(id, slices[0], given.region);
  for (const mask of masks) requireSameSize(id, slices[0], mask);
  requireShare(id, given);
  const isAuto = given.blur === "auto" || given.height === "auto";
  const chosen = isAuto
    ? chooseAuto(clearestSlice(slices), given, (f) => context.progress(0.4 * f))
    : undefined;
  const blur = given.blur === "auto" ? chosen!.blur : given.blur;
  const height = given.height === "auto" ? chosen!.height : given.height;
  if (chosen !== undefined) context.chose({ blur, height, noise: chosen.noise });
  context.progress(0.4);
  const isWhole = slices.every(({ sourceType }) =>
    sourceType === "uint8" || sourceType === "uint16"
  );
  const integer = given.levels === "integer" || given.levels === "auto" && isWhole && !isAuto;
  const { polarity } = given;
  const { images, turn } = searchImages(slices, { polarity, blur, integer, region, masks });
  context.progress(0.5);
  const isLevel = turn !== null && given.backgroundMethod === "absolute";
  const foci = findFoci(images, {
    ...given,
    integer,
    height,
    smoothness: blur,
    backgroundMethod: given.backgroundMethod === "auto" ? "minimum" : given.backgroundMethod,
    background: isLevel ? turn - given.background : given.background,
    connected: given.connectedAboveSaddle,
  }, (f) => context.progress(0.5 + 0.45 * f));
  context.chose({ background: turn === null ? foci.background : turn - foci.background });
  return { foci, images, turn, integer };
}

/** The pixels of the output `labels`. */
export function labelPixels(
  { foci, images, integer }: Found,
  { labelsShow, labelsFraction, labelsDots, threshold, compatible }: FindFociParams,
): Float32Array {
  const pixels = new Float32Array(foci.labels.length);
  maskImage(foci, images.searched, images.volume, {
    show: labelsShow,
    fraction: labelsFraction,
    dots: labelsDots,
    threshold,
    integer,
    compatible,
  }, pixels);
  return pixels;
}

/** The region of interest, null for all of the image. */
function checkedRegion(
  id: string,
  image: Image,
  region: readonly number[],
): readonly number[] | null {
  if (region.length === 0) return null;
  const [x, y, width, height] = region;
  const fits = region.length === 4 && region.every(Number.isInteger) && width > 0 && height > 0 &&
    x + width <= image.width && y + height <= image.height;
  if (!fits) {
    throw new AdatomError("PARAM_RANGE", {
      cannot: `search the region ${JSON.stringify(region)}`,
      expected: `x, y, width and height in whole px inside ${image.width} x ${image.height} px`,
      got: JSON.stringify(region),
    }, { stage: id, param: "region" });
  }
  return width === image.width && height === image.height ? null : region;
}

function requireShare(
  id: string,
  { height, heightMethod }: { readonly height: number | "auto"; readonly heightMethod: string },
): void {
  if (height !== "auto" || heightMethod === "absolute") return;
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: `use the height method "${heightMethod}"`,
    expected: "a share from 0 to 1 as height",
    got: '"auto"',
    hint: "set height, for example to 0.1",
  }, { stage: id, param: "height" });
}
