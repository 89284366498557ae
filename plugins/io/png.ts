/**
 * PNG pictures of 8 or 16 bits, read as gray images and written from integer images.
 *
 * @module
 */
import { AdatomError, type ImageFormat, type Writable } from "@core";
import { readPicture } from "./_picture.ts";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** The format. */
export const png: Writable<ImageFormat> = {
  id: "io.png",
  kind: "image",
  title: "PNG",
  extensions: ["png"],
  recognizes: (head) => SIGNATURE.every((byte, i) => head[i] === byte),
  read: (bytes, context) => readPicture(bytes, "PNG", context),
  async write(images) {
    const [image, ...rest] = images;
    if (rest.length > 0 || (image.sourceType !== "uint8" && image.sourceType !== "uint16")) {
      throw new AdatomError("FORMAT_UNSUPPORTED", {
        cannot: "write a PNG picture",
        expected: "one image of 8 or 16-bit unsigned integers",
        got: `${images.length} of ${image.sourceType}`,
        hint: "write TIFF, which keeps stacks and floating point",
      });
    }
    const { encodePng } = await import("./_image_js.ts");
    const { width, height } = image;
    const bitDepth = image.sourceType === "uint8" ? 8 : 16;
    const data = bitDepth === 8 ? Uint8Array.from(image.data) : Uint16Array.from(image.data);
    return await encodePng({ width, height, channels: 1, bitDepth, data });
  },
};
