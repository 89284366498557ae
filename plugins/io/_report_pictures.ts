/**
 * The pictures inside the report, small enough that the page can be sent around.
 *
 * @module
 */
import type { Image } from "@core";
import { encodePng } from "./_image_js.ts";
import { grayPicture, stretchLimits } from "./_overlay.ts";
import type { SetParts } from "./_set_parts.ts";
import type { SetSummary } from "./_set_summary.ts";

/** Pixels of the large pictures on one page: about 5 MB as base64. */
const PAGE_PIXELS = 5_000_000;
/** No set gets fewer, however many there are. */
const LEAST_SET_PIXELS = 400_000;
/** Sides of the small pictures of the contact sheet, px. */
const THUMBNAIL_SIDE = 192;
const DETAIL_SIDE = 144;
/** Six bits a pixel: what the eye cannot tell from eight in a noisy picture, in 3/4 of the bytes. */
const GRAY_LEVELS = 64;

/** One picture of the page, as a data address. */
export interface ReportPicture {
  readonly url: string;
}

/** The pictures of one exposure. */
export interface ExposurePictures {
  /** How much the cropped image is shrunk. */
  readonly factor: number;
  /** The whole exposure as read. */
  readonly recorded: ReportPicture;
  /** The cropped image: the one to zoom. */
  readonly cropped: ReportPicture;
  /** The same place of the detector in every exposure: what drifts is seen to drift. */
  readonly recordedDetail: ReportPicture;
  /** The same place of the specimen in every exposure. */
  readonly croppedDetail: ReportPicture;
}

/** The square that the details of the contact sheet show. */
export interface Detail {
  readonly size: number;
  /** How much it is shrunk; `size` is a multiple of it. */
  readonly factor: number;
  /** Top-left corner in px of the cropped image. */
  readonly x: number;
  readonly y: number;
  /** The column under the crosshair, in px of the cropped image. */
  readonly columnX: number;
  readonly columnY: number;
}

/** The pictures of one set. */
export interface SetPictures {
  readonly detail: Detail;
  /** What the pictures of the exposures as read span, px: whole blocks. */
  readonly recordedSpan: { readonly width: number; readonly height: number };
  readonly exposures: readonly ExposurePictures[];
}

/** Makes the pictures of one set; `tick` is called after each exposure. */
export async function setPictures(
  parts: SetParts,
  summary: SetSummary,
  setCount: number,
  tick: () => void,
): Promise<SetPictures> {
  const detail = detailOf(parts, summary);
  const factors = pictureFactors(summary, setCount);
  const window = summary.exposures[parts.chosen].window;
  const square = { width: detail.size, height: detail.size };
  const onDetector = { ...square, x: window.x + detail.x, y: window.y + detail.y };
  const detailFactor = detail.factor;
  const { recorded } = summary;
  const thumbnail = Math.ceil(Math.max(recorded.width, recorded.height) / THUMBNAIL_SIDE);
  const exposures: ExposurePictures[] = [];
  for (let i = 0; i < summary.exposures.length; i++) {
    const original = parts.original.images[i], cropped = parts.cropped.images[i];
    exposures.push({
      factor: factors[i],
      recorded: await picture(original, whole(original), thumbnail),
      cropped: await picture(cropped, whole(cropped), factors[i]),
      recordedDetail: await picture(original, onDetector, detailFactor),
      croppedDetail: await picture(cropped, { ...square, x: detail.x, y: detail.y }, detailFactor),
    });
    tick();
  }
  const span = (side: number) => Math.ceil(side / thumbnail) * thumbnail;
  const recordedSpan = { width: span(recorded.width), height: span(recorded.height) };
  return { detail, recordedSpan, exposures };
}

/** How much each cropped image is shrunk: the labeled one least, the duplicates most. */
function pictureFactors(summary: SetSummary, setCount: number): number[] {
  const { width, height } = summary;
  const pixels = Math.max(LEAST_SET_PIXELS, PAGE_PIXELS / setCount);
  const others = Math.max(1, summary.exposuresKept - 1);
  const factorFor = (share: number) => {
    let factor = 1;
    while (Math.ceil(width / factor) * Math.ceil(height / factor) > share) factor++;
    return factor;
  };
  const smallest = factorFor(THUMBNAIL_SIDE ** 2);
  const forChosen = factorFor(0.4 * pixels), forOthers = factorFor(0.6 * pixels / others);
  return summary.exposures.map((e) =>
    e.exposure === summary.chosen
      ? forChosen
      : e.kept
      ? Math.max(forChosen, Math.min(forOthers, smallest))
      : smallest
  );
}

/** A square of about seven spacings around the good column nearest to the middle. */
function detailOf(parts: SetParts, summary: SetSummary): Detail {
  const { width, height } = summary;
  const { x, y, status } = parts.labels[parts.chosen].columns;
  let best = -1, bestDistance = Infinity;
  for (let i = 0; i < x.length; i++) {
    const far = status[i] === "ok" ? 0 : width + height;
    const distance = Math.hypot(x[i] - (width - 1) / 2, y[i] - (height - 1) / 2) + far;
    if (distance < bestDistance) [best, bestDistance] = [i, distance];
  }
  const columnX = best < 0 ? (width - 1) / 2 : x[best];
  const columnY = best < 0 ? (height - 1) / 2 : y[best];
  const spacing = summary.exposures[parts.chosen].target.meanSpacing;
  const wanted = spacing === null ? 96 : Math.max(24, Math.round(7 * spacing));
  const room = Math.min(wanted, width, height);
  const factor = Math.ceil(room / DETAIL_SIDE);
  const size = room - room % factor;
  const corner = (center: number, side: number) =>
    Math.max(0, Math.min(side - size, Math.round(center - (size - 1) / 2)));
  return { size, factor, x: corner(columnX, width), y: corner(columnY, height), columnX, columnY };
}

async function picture(
  image: Image,
  part: Readonly<Record<"x" | "y" | "width" | "height", number>>,
  factor: number,
): Promise<ReportPicture> {
  const gray = grayPicture(image, part, factor, stretchLimits(image.data), GRAY_LEVELS);
  const bytes = await encodePng(gray);
  return { url: `data:image/png;base64,${bytes.toBase64()}` };
}

function whole(image: Image): Record<"x" | "y" | "width" | "height", number> {
  return { x: 0, y: 0, width: image.width, height: image.height };
}
