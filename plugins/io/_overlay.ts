/**
 * Pictures for people: images stretched to 8 bit, made smaller or larger, and marked.
 *
 * @module
 */
import { COLUMN_STATUSES, type Columns, type ColumnStatus, type Image } from "@core";

/** An 8-bit picture, gray or color, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly bitDepth: 8;
  readonly data: Uint8Array;
}

/** How a status is drawn: a shape of its own beside the color, so that no one depends on color. */
export interface Marker {
  /** Red, green, blue; Okabe and Ito's palette for every kind of color vision. */
  readonly color: readonly [number, number, number];
  /** Radii of circles around the column, in marker radii. */
  readonly circles: readonly number[];
  /** Polylines as x0, y0, x1, y1 ... around the column, in marker radii. */
  readonly lines: readonly (readonly number[])[];
  readonly meaning: string;
}

/** The marker of each status. */
export const MARKERS: Readonly<Record<ColumnStatus, Marker>> = {
  ok: {
    color: [86, 180, 233],
    circles: [1],
    lines: [],
    meaning: "fitted well",
  },
  edge: {
    color: [240, 228, 66],
    circles: [],
    lines: [[-0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9, -0.9, -0.9]],
    meaning: "within half a spacing of the border: real, but less exact",
  },
  weak: {
    color: [230, 159, 0],
    circles: [],
    lines: [[0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0, 0, -1.25]],
    meaning: "not clear of the noise in this exposure",
  },
  moved: {
    color: [213, 94, 0],
    circles: [],
    lines: [[0, -1.3, 1.13, 0.65, -1.13, 0.65, 0, -1.3]],
    meaning: "the fit left the place the label was carried to",
  },
  diverged: {
    color: [204, 121, 167],
    circles: [],
    lines: [[-0.95, -0.95, 0.95, 0.95], [-0.95, 0.95, 0.95, -0.95]],
    meaning: "the fit did not end",
  },
  overlap: {
    color: [0, 158, 115],
    circles: [1.2, 0.65],
    lines: [],
    meaning: "not to be told apart from a neighbor",
  },
};

/** The gray levels that become black and white: two quantiles of up to 65 536 pixels. */
export function stretchLimits(data: Float32Array): { low: number; high: number } {
  const step = Math.max(1, Math.floor(data.length / 65536));
  const sample = new Float32Array(Math.ceil(data.length / step));
  let n = 0;
  for (let i = 0; i < data.length; i += step) if (Number.isFinite(data[i])) sample[n++] = data[i];
  const sorted = sample.subarray(0, n).sort();
  if (n === 0) return { low: 0, high: 1 };
  return { low: sorted[Math.floor(0.005 * (n - 1))], high: sorted[Math.ceil(0.995 * (n - 1))] };
}

/**
 * A part of an image, shrunk by averaging blocks of `factor` x `factor` pixels and stretched
 * between two gray levels; the last blocks of a row or column may be narrower.
 *
 * @param levels number of gray levels kept, at most 256; fewer make a smaller file
 */
export function grayPicture(
  image: Image,
  part: Readonly<Record<"x" | "y" | "width" | "height", number>>,
  factor: number,
  limits: { readonly low: number; readonly high: number },
  levels: number,
): Picture {
  const width = Math.ceil(part.width / factor), height = Math.ceil(part.height / factor);
  const data = new Uint8Array(width * height);
  const gain = limits.high > limits.low ? (levels - 1) / (limits.high - limits.low) : 0;
  const shades = Uint8Array.from({ length: levels }, (_, i) => Math.round(i * 255 / (levels - 1)));
  const sums = new Float64Array(width);
  for (let v = 0; v < height; v++) {
    sums.fill(0);
    const rows = Math.min(factor, part.height - v * factor);
    for (let r = 0; r < rows; r++) {
      const start = (part.y + v * factor + r) * image.width + part.x;
      for (let u = 0, i = 0; u < width; u++) {
        const end = Math.min(part.width, i + factor);
        for (; i < end; i++) sums[u] += image.data[start + i];
      }
    }
    for (let u = 0; u < width; u++) {
      const mean = sums[u] / (rows * Math.min(factor, part.width - u * factor));
      const level = (mean - limits.low) * gain + 0.5;
      data[v * width + u] = level >= levels ? 255 : level > 0 ? shades[Math.floor(level)] : 0;
    }
  }
  return { width, height, channels: 1, bitDepth: 8, data };
}

/** How often to enlarge an image so that its markers can be told apart. */
export function overlayScale(width: number, height: number, spacing: number): number {
  const side = Math.max(width, height);
  const forSize = Math.ceil(768 / side);
  const forSpacing = spacing > 0 ? Math.ceil(14 / spacing) : 1;
  const largest = Math.max(1, Math.floor(2048 / side));
  return Math.max(1, Math.min(8, largest, Math.max(forSize, forSpacing)));
}

/**
 * An image enlarged `scale` times, each pixel a square, with the labels marked by status.
 *
 * The center of a column at x lies `(x + 0.5) * scale` from the picture's left side, which is
 * `(x + 0.5) * scale - 0.5` in the picture's own pixels.
 *
 * @param radius of the markers in px of the image
 */
export function overlayPicture(
  image: Image,
  columns: Columns,
  scale: number,
  radius: number,
): Picture {
  const whole = { x: 0, y: 0, width: image.width, height: image.height };
  const gray = grayPicture(image, whole, 1, stretchLimits(image.data), 256);
  const width = image.width * scale, height = image.height * scale;
  const data = new Uint8Array(3 * width * height);
  for (let y = 0, k = 0; y < image.height; y++) {
    const start = k;
    for (let x = 0; x < image.width; x++) {
      const value = gray.data[y * image.width + x];
      for (const end = k + 3 * scale; k < end; k++) data[k] = value;
    }
    for (let copy = 1; copy < scale; copy++) {
      data.copyWithin(k, start, start + 3 * width);
      k += 3 * width;
    }
  }
  const picture: Picture = { width, height, channels: 3, bitDepth: 8, data };
  const { x, y, status } = columns.columns;
  // The doubtful ones come last, so that they lie on top.
  for (const wanted of COLUMN_STATUSES) {
    const stamps = createStamps(MARKERS[wanted], Math.max(3, radius * scale));
    for (let i = 0; i < columns.length; i++) {
      if (status[i] !== wanted) continue;
      stampInPlace(picture, (x[i] + 0.5) * scale - 0.5, (y[i] + 0.5) * scale - 0.5, stamps);
    }
  }
  return picture;
}

/** Markers lie within 1/16 px of their places: a stamp is cut for every eighth of a pixel. */
const PHASES = 8;

/** The cover of a marker at each sub-pixel phase, cut when first needed. */
interface Stamps {
  readonly marker: Marker;
  readonly radius: number;
  /** A stamp has `2 * reach + 1` pixels a side. */
  readonly reach: number;
  readonly cut: (Float32Array | undefined)[];
}

function createStamps(marker: Marker, radius: number): Stamps {
  const reach = Math.ceil(1.4 * radius + 2);
  return { marker, radius, reach, cut: new Array(PHASES * PHASES).fill(undefined) };
}

/** Draws one marker in place. */
function stampInPlace(picture: Picture, x: number, y: number, stamps: Stamps): void {
  const { width, height, data } = picture;
  const { reach, marker: { color }, cut } = stamps;
  const eighthX = Math.round(x * PHASES), eighthY = Math.round(y * PHASES);
  const left = Math.floor(eighthX / PHASES) - reach, top = Math.floor(eighthY / PHASES) - reach;
  const phaseX = eighthX - (left + reach) * PHASES, phaseY = eighthY - (top + reach) * PHASES;
  const stamp = cut[phaseY * PHASES + phaseX] ??= cutStamp(
    stamps,
    phaseX / PHASES,
    phaseY / PHASES,
  );
  const side = 2 * reach + 1;
  const u0 = Math.max(0, -left), u1 = Math.min(side, width - left);
  for (let v = Math.max(0, -top); v < Math.min(side, height - top); v++) {
    for (let u = u0; u < u1; u++) {
      const cover = stamp[v * side + u];
      if (cover === 0) continue;
      const k = 3 * ((top + v) * width + left + u);
      for (let c = 0; c < 3; c++) {
        data[k + c] = Math.round(data[k + c] + cover * (color[c] - data[k + c]));
      }
    }
  }
}

/** Lines 1.5 px wide, smooth at their sides, and a dot at the center. */
function cutStamp({ marker, radius, reach }: Stamps, x: number, y: number): Float32Array {
  const side = 2 * reach + 1;
  const stamp = new Float32Array(side * side);
  const dot = Math.max(0.8, 0.12 * radius);
  for (let v = 0; v < side; v++) {
    for (let u = 0; u < side; u++) {
      const dx = u - reach - x, dy = v - reach - y;
      const line = 0.75 - distanceToShape(dx / radius, dy / radius, marker) * radius;
      const cover = Math.max(line, dot - Math.hypot(dx, dy)) + 0.5;
      stamp[v * side + u] = Math.min(1, Math.max(0, cover));
    }
  }
  return stamp;
}

function distanceToShape(x: number, y: number, marker: Marker): number {
  let best = Infinity;
  const r = Math.sqrt(x * x + y * y);
  for (const circle of marker.circles) best = Math.min(best, Math.abs(r - circle));
  for (const line of marker.lines) {
    for (let i = 0; i + 3 < line.length; i += 2) {
      best = Math.min(
        best,
        distanceToSegment(x, y, line[i], line[i + 1], line[i + 2], line[i + 3]),
      );
    }
  }
  return best;
}

function distanceToSegment(
  x: number,
  y: number,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): number {
  const dx = x1 - x0, dy = y1 - y0;
  const along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy);
  const t = Math.min(1, Math.max(0, along));
  const offX = x - x0 - t * dx, offY = y - y0 - t * dy;
  return Math.sqrt(offX * offX + offY * offY);
}
