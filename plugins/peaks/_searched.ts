/**
 * The image that Find Maxima and local maxima search: blurred, columns bright, what takes no part lower
 * than all else.
 *
 * @module
 */
import { AdatomError, type Image } from "@core";
import { searchImages } from "./_images.ts";
import { EXCLUDED, markBorder, type Volume } from "./_volume.ts";

/** What is searched, and how to have the image's levels back. */
export interface Searched {
  readonly volume: Volume;
  /** Pixels; -Infinity where they take no part. */
  readonly values: Float32Array;
  /** Borders and pixels that take no part. */
  readonly flags: Uint8Array;
  /** A level of the image as one of `values`, and the other way round. */
  readonly level: (value: number) => number;
}

/** Makes it. The mask has the size of the image. */
export function searchedImage(
  image: Image,
  mask: Image | undefined,
  polarity: "bright" | "dark",
  blur: number,
): Searched {
  const choice = {
    polarity,
    blur,
    integer: false,
    region: null,
    masks: mask === undefined ? [] : [mask],
  };
  const { images, turn } = searchImages([image], choice);
  const { volume, searched, excluded } = images;
  const flags = new Uint8Array(searched.length);
  markBorder(volume, flags);
  if (excluded !== null) {
    for (let i = 0; i < flags.length; i++) {
      if (excluded[i] === 0) continue;
      flags[i] |= EXCLUDED;
      searched[i] = -Infinity;
    }
  }
  const level = (value: number) => turn === null ? value : turn - value;
  return { volume, values: searched, flags, level };
}

/** Fails unless a mask has the size of the image. */
export function requireSameSize(stage: string, image: Image, mask: Image | undefined): void {
  if (mask === undefined || (mask.width === image.width && mask.height === image.height)) return;
  throw new AdatomError("IMAGE_SIZE_DIFFERS", {
    cannot: "mask the image",
    expected: `a mask of ${image.width} x ${image.height} px`,
    got: `${mask.width} x ${mask.height} px`,
  }, { stage, port: "mask" });
}
