/**
 * BMP pictures, read as gray images.
 *
 * Our own reader: image-js takes the numbers of a palette for gray values and refuses pictures
 * stored from the top and most of 32 bits. Layout: BITMAPFILEHEADER and BITMAPINFOHEADER,
 * https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapinfoheader
 *
 * @module
 */
import type { FormatContext, Image, ImageFormat } from "@core";
import { corrupt, requireBytes, startsWith, unsupported, viewOf } from "./_file_errors.ts";
import type { Picture } from "./_image_js.ts";
import { imageOf } from "./_picture.ts";

/** The format. */
export const bmp: ImageFormat = {
  id: "io.bmp",
  kind: "image",
  title: "BMP",
  extensions: ["bmp"],
  recognizes: (head) => startsWith(head, [0x42, 0x4d]) && head[15] === 0 && head[14] >= 12,
  read: readBmp,
};

const FILE_HEADER = 14;
const INFO_HEADER = 40;

// deno-lint-ignore require-await -- so that errors come as rejections
async function readBmp(bytes: Uint8Array, context: FormatContext): Promise<Image[]> {
  requireBytes(bytes, context.path, "a BMP file");
  return [imageOf(decodeBmp(bytes, context.path), context)];
}

function decodeBmp(bytes: Uint8Array, path: string): Picture {
  if (!startsWith(bytes, [0x42, 0x4d])) throw corrupt(path, "a BMP file", "other first bytes");
  const endsAt = `a file that ends at byte ${bytes.length}`;
  if (bytes.length < FILE_HEADER + INFO_HEADER) throw corrupt(path, "a BMP header", endsAt);
  const view = viewOf(bytes);
  const start = view.getUint32(10, true);
  const headerBytes = view.getUint32(14, true);
  if (headerBytes < INFO_HEADER) {
    throw unsupported(path, "a Windows BMP", "an OS/2 header", "save it as PNG or TIFF");
  }
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  const height = Math.abs(signedHeight);
  if (width <= 0 || height === 0) {
    throw corrupt(path, "a BMP picture", `${width} x ${height} px`);
  }
  const isPlain = compression === 0 || (compression === 3 && bits === 32);
  if (!isPlain || ![1, 4, 8, 24, 32].includes(bits)) {
    const got = compression === 0 ? `${bits} bits` : `${bits} bits, compression ${compression}`;
    throw unsupported(path, "an uncompressed BMP of 1, 4, 8, 24 or 32 bits", got, "save it as PNG");
  }
  const rowBytes = 4 * Math.ceil(width * bits / 32);
  if (start + rowBytes * height > bytes.length) {
    throw corrupt(path, `${width} x ${height} px up to byte ${start + rowBytes * height}`, endsAt);
  }
  const palette = bits > 8 ? undefined : paletteOf(bytes, FILE_HEADER + headerBytes, bits);
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++) {
    const row = start + rowBytes * (signedHeight > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const to = 3 * (y * width + x);
      const bit = x * bits;
      const at = row + (bit >> 3);
      if (palette === undefined) {
        data[to] = bytes[at + 2];
        data[to + 1] = bytes[at + 1];
        data[to + 2] = bytes[at];
      } else {
        const color = 3 * (bytes[at] >> (8 - bits - (bit & 7)) & ((1 << bits) - 1));
        data[to] = palette[color];
        data[to + 1] = palette[color + 1];
        data[to + 2] = palette[color + 2];
      }
    }
  }
  return { width, height, channels: 3, bitDepth: 8, data };
}

/** Red, green and blue of each color; black where the file has fewer. */
function paletteOf(bytes: Uint8Array, start: number, bits: number): Uint8Array {
  const used = viewOf(bytes).getUint32(46, true);
  const count = Math.min(1 << bits, used === 0 ? 1 << bits : used);
  const palette = new Uint8Array(3 << bits);
  for (let i = 0; i < count && start + 4 * i + 3 <= bytes.length; i++) {
    palette[3 * i] = bytes[start + 4 * i + 2];
    palette[3 * i + 1] = bytes[start + 4 * i + 1];
    palette[3 * i + 2] = bytes[start + 4 * i];
  }
  return palette;
}
