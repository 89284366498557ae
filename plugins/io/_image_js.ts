/**
 * PNG and JPEG, wrapping image-js, which is loaded when first needed (it takes 150 ms).
 *
 * @module
 */
import type { Image as ForeignImage } from "image-js";

/** A picture as a decoder gives it: interleaved channels. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 2 gray and alpha, 3 color, 4 color and alpha. */
  readonly channels: number;
  readonly bitDepth: 8 | 16;
  readonly data: Uint8Array | Uint16Array;
}

/** A picture to encode. */
export interface PictureToEncode {
  readonly width: number;
  readonly height: number;
  /** 1 gray, 3 red, green, blue. */
  readonly channels: 1 | 3;
  readonly bitDepth: 8 | 16;
  /** `width * height * channels` samples, row by row, channels interleaved. */
  readonly data: Uint8Array | Uint8ClampedArray | Uint16Array;
}

/** Noise hardly compresses: the lowest level takes half the time for a tenth more bytes. */
const COMPRESSION = 1;

/** The PNG file of a picture; the same picture gives the same bytes. */
export async function encodePng(picture: PictureToEncode): Promise<Uint8Array> {
  const { encodePng: encode, Image } = await import("image-js");
  const { width, height, channels, bitDepth, data } = picture;
  const image = new Image(width, height, {
    data,
    bitDepth,
    colorModel: channels === 1 ? "GREY" : "RGB",
  });
  return encode(image, { zlib: { level: COMPRESSION } });
}

/** Decodes a PNG or JPEG file, known by its first bytes. Throws whatever the decoder throws. */
export async function decodePicture(bytes: Uint8Array): Promise<Picture> {
  const { decode } = await import("image-js");
  const image: ForeignImage = decode(new Uint8Array(bytes));
  const { data } = image.getRawImage();
  return {
    width: image.width,
    height: image.height,
    channels: image.channels,
    bitDepth: image.bitDepth === 16 ? 16 : 8,
    data: samples(data),
  };
}

/** The samples without the clamped variety of bytes. */
function samples(data: Uint8Array | Uint8ClampedArray | Uint16Array): Uint8Array | Uint16Array {
  return data instanceof Uint8ClampedArray
    ? new Uint8Array(data.buffer, data.byteOffset, data.length)
    : data;
}
