/**
 * Reads TIFF pages through the package geotiff, the one that got every sample type right.
 *
 * @module
 */
import { fromArrayBuffer } from "geotiff";

/** One page of a TIFF file, samples as they are in the file. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  /** Samples of one pixel: 1 for gray, 3 or 4 for color. */
  readonly channels: number;
  readonly bits: number;
  /** 1 unsigned, 2 signed, 3 floating point. */
  readonly format: number;
  /** 0 white is zero, 1 black is zero, 2 RGB, 3 palette. */
  readonly photometric: number;
  /** Pixels one after the other, channels together. */
  readonly samples: ArrayLike<number>;
  /** A tag by name or number, if it is there. */
  tag(key: string | number): unknown;
}

/** Files whose pixels would take this many times their own size are taken for damaged. */
const LARGEST_EXPANSION = 4096;

/**
 * All pages of a TIFF file.
 *
 * @throws RangeError when the header promises more pixels than such a file can hold, and whatever
 * geotiff throws for damaged files
 */
export async function readTiffPages(bytes: Uint8Array): Promise<TiffPage[]> {
  const own = new Uint8Array(bytes); // geotiff wants an ArrayBuffer of exactly the file
  const file = await fromArrayBuffer(own.buffer);
  const pages: TiffPage[] = [];
  const count = await file.getImageCount();
  let promised = 0;
  for (let i = 0; i < count; i++) {
    const image = await file.getImage(i);
    const width = image.getWidth(), height = image.getHeight();
    const channels = image.getSamplesPerPixel();
    const bits = Number(image.getBitsPerSample());
    promised += width * height * channels * bits / 8;
    if (!(promised <= LARGEST_EXPANSION * bytes.length)) {
      throw new RangeError(`page ${i} of ${width} x ${height} pixels`);
    }
    const directory = image.fileDirectory;
    const values = new Map<string | number, unknown>();
    for (const key of TAGS) {
      if (directory.hasTag(key as never)) values.set(key, await directory.loadValue(key as never));
    }
    pages.push({
      width,
      height,
      channels,
      bits,
      format: Number(image.getSampleFormat()),
      photometric: Number(values.get("PhotometricInterpretation") ?? 1),
      samples: await image.readRasters({ interleave: true }) as unknown as ArrayLike<number>,
      tag: (key) => values.get(key),
    });
  }
  return pages;
}

const TAGS = [
  "PhotometricInterpretation",
  "ImageDescription",
  "XResolution",
  "YResolution",
  "ResolutionUnit",
  "ColorMap",
  65003,
  65009,
  65010,
] as const;
