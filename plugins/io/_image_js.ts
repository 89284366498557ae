/**
 * PNG, JPEG and BMP through the package image-js. It is imported when first needed: loading takes
 * 150 ms.
 *
 * @module
 */

/** A decoded picture: interleaved channels of 8 or 16 bits. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly bitDepth: 8 | 16;
  readonly data: Uint8Array | Uint16Array;
}

/** What {@linkcode encodePng} takes. */
export interface PngPicture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bitDepth: 8 | 16;
  readonly data: Uint8Array | Uint16Array;
}

/** Decodes a PNG, JPEG or BMP file. */
export async function decodePicture(bytes: Uint8Array): Promise<Picture> {
  const { decode } = await import("image-js");
  const image = decode(new Uint8Array(bytes));
  const raw = image.getRawImage();
  return {
    width: image.width,
    height: image.height,
    channels: image.channels,
    bitDepth: image.bitDepth as 8 | 16,
    data: raw.data as Uint8Array | Uint16Array,
  };
}

/** Encodes a PNG file: gray or RGB, the same bytes for the same pixels. */
export async function encodePng(picture: PngPicture): Promise<Uint8Array> {
  const { encodePng: encode, Image } = await import("image-js");
  const image = new Image(picture.width, picture.height, {
    data: picture.data,
    bitDepth: picture.bitDepth,
    colorModel: picture.channels === 1 ? "GREY" : "RGB",
  });
  return encode(image);
}
