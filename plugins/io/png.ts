/**
 * PNG pictures of up to 16 bits, read as gray images and written from integer images.
 *
 * @module
 */
import type { FormatContext, Image, ImageFormat, Writable } from "@core";
import { corrupt, requireBytes, unwritable } from "./_file_errors.ts";
import type { Picture } from "./_image_js.ts";
import { decodeChecked, imageOf } from "./_picture.ts";
import { isPng, packedRowsPng, type PngHeader, readPngHeader, unpackRows } from "./_png_chunks.ts";
import { asSamples, pixelsToBytes } from "./_samples.ts";

/** The format. */
export const png: Writable<ImageFormat> = {
  id: "io.png",
  kind: "image",
  title: "PNG",
  extensions: ["png"],
  recognizes: isPng,
  read: readPng,
  write: writePng,
};

async function readPng(bytes: Uint8Array, context: FormatContext): Promise<Image[]> {
  requireBytes(bytes, context.path, "a PNG file");
  const header = readPngHeader(bytes, context.path);
  const isPacked = header.depth < 8;
  const file = isPacked ? packedRowsPng(bytes, header, context.path) : bytes;
  const decoded = await decodeChecked(file, "PNG", context.path);
  const picture = isPacked ? unpacked(decoded, header, context.path) : decoded;
  return [imageOf(picture, context)];
}

function unpacked(packed: Picture, header: PngHeader, path: string): Picture {
  const { width, height, colorType, palette } = header;
  const gray = unpackRows(packed.data, header);
  if (colorType === 0) return { width, height, channels: 1, bitDepth: 8, data: gray };
  const data = new Uint8Array(3 * gray.length);
  for (let i = 0; i < gray.length; i++) {
    const at = 3 * gray[i];
    if (at + 3 > palette.length) {
      throw corrupt(path, `one of ${palette.length / 3} palette colors`, `number ${gray[i]}`);
    }
    data.set(palette.subarray(at, at + 3), 3 * i);
  }
  return { width, height, channels: 3, bitDepth: 8, data };
}

async function writePng(images: readonly Image[]): Promise<Uint8Array> {
  const [image] = images;
  const hint = "write TIFF, which keeps stacks and floating point";
  if (images.length !== 1) throw unwritable("a PNG file", "one image", `${images.length}`, hint);
  const { width, height, sourceType, data } = image;
  if (sourceType !== "uint8" && sourceType !== "uint16") {
    throw unwritable("a PNG file", "8 or 16-bit unsigned integers", sourceType, hint);
  }
  const { encodePng } = await import("./_image_js.ts");
  const bitDepth = sourceType === "uint8" ? 8 : 16;
  const samples = pixelsToBytes(data, sourceType);
  const machine = sourceType === "uint8" ? samples : asSamples(samples, "uint16") as Uint16Array;
  return await encodePng({ width, height, channels: 1, bitDepth, data: machine });
}
