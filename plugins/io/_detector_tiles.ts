/**
 * The pictures of a comparison of detectors: each image once for each detector, with hits, misses and
 * mistakes marked.
 *
 * @module
 */
import type { Image } from "@core";
import { encodePng } from "./_image_js.ts";
import { grayPicture, stretchLimits } from "./_overlay.ts";
import { fixed, grouped, html, type Markup, raw } from "./_report_html.ts";

/** Positions in px of an image. */
export interface PagePoints {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

/** What one detector made of an image. */
export interface PageTile {
  readonly title: string;
  readonly f1: number | null;
  /** Why there is nothing to show. */
  readonly problem?: string;
  readonly hits: PagePoints;
  readonly misses: PagePoints;
  readonly mistakes: PagePoints;
}

/** An image and what the detectors made of it. */
export interface PageImage {
  readonly name: string;
  readonly caption: string;
  readonly image: Image;
  /** Distance between columns, px. */
  readonly spacing: number;
  readonly tiles: readonly PageTile[];
}

/** The part of an image that a picture shows, px, and how much it is shrunk. */
interface View {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly factor: number;
}

/** Longest side of a picture, px. */
const LONGEST = 288;
/** Side of the detail, in spacings. */
const DETAIL_SPACINGS = 13;
/** Of more marks of one kind than this, evenly spread ones are drawn. */
const MOST_MARKS = 1500;
/** Five bits a pixel: enough for a small picture of a noisy image. */
const GRAY_LEVELS = 32;

/** Colors of Okabe and Ito, and shapes, so that no one depends on color. */
export const MARKS = {
  hits: { color: "#56b4e9", meaning: "found" },
  misses: { color: "#f0e442", meaning: "missed: a true column without a find" },
  mistakes: { color: "#ff7a4d", meaning: "false: a find without a true column" },
} as const;

type MarkName = keyof typeof MARKS;

/** The section of one image. */
export async function imageSection(page: PageImage, index: number): Promise<Markup> {
  const { image } = page;
  const detail = detailView(page), field = fieldView(image);
  const limits = stretchLimits(image.data);
  const styleOf = async (name: string, view: View) => {
    const png = await encodePng(grayPicture(image, view, view.factor, limits, GRAY_LEVELS));
    return `#image-${index} .${name}{background-image:url(data:image/png;base64,${png.toBase64()})}`;
  };
  const style = await styleOf("detail", detail) + await styleOf("field", field);
  return html`
    <section class="shots" id="image-${index}">
      <style>${raw(style)}</style>
      <h4>${page.name}<small>${page.caption}</small></h4>
      <div class="sheet">${page.tiles.map((tile) => tileMarkup(tile, page, detail, field))}</div>
    </section>
  `;
}

function tileMarkup(tile: PageTile, page: PageImage, detail: View, field: View): Markup {
  const { hits, misses, mistakes, title, f1, problem } = tile;
  if (problem !== undefined) {
    return html`
      <figure class="shot">
        <figcaption>${title}</figcaption>
        <p class="problem">${problem}</p>
      </figure>
    `;
  }
  const radius = 0.34 * page.spacing;
  const large = Math.max(radius, 0.014 * Math.max(field.width, field.height));
  return html`
    <figure class="shot">
      <figcaption>${title}
        <span>${grouped(misses.x.length)} missed, ${grouped(
          mistakes.x.length,
        )} false</span></figcaption>
      <div class="frame detail">${svgOf(detail, [
        mark("hits", hits, radius, detail),
        mark("misses", misses, radius, detail),
        mark("mistakes", mistakes, radius, detail),
      ])}<b>${fixed(f1, 3)}</b></div>
      <div class="frame field">${svgOf(field, [
        mark("misses", misses, large, field),
        mark("mistakes", mistakes, large, field),
      ])}<b>${fixed(f1, 3)}</b></div>
    </figure>
  `;
}

function svgOf({ width, height }: View, marks: readonly Markup[]): Markup {
  return html`<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">${marks}</svg>`;
}

/** All marks of one kind inside a view as one path. */
function mark(kind: MarkName, { x, y }: PagePoints, radius: number, view: View): Markup {
  // The picture's left side is half a pixel before the center of its first pixel.
  const left = view.x - 0.5, top = view.y - 0.5;
  const inside = [...x.keys()].filter((i) => {
    const u = x[i] - left, v = y[i] - top;
    return u >= -radius && v >= -radius && u <= view.width + radius && v <= view.height + radius;
  });
  const places: string[] = [];
  const step = Math.max(1, inside.length / MOST_MARKS);
  for (let k = 0; k < inside.length; k += step) {
    const i = inside[Math.floor(k)];
    places.push(shape(kind, x[i] - left, y[i] - top, radius));
  }
  return raw(
    places.length === 0 ? "" : `<path stroke="${MARKS[kind].color}" d="${places.join("")}"/>`,
  );
}

/** A circle, a diamond, or a cross. */
function shape(kind: MarkName, x: number, y: number, radius: number): string {
  const n = (value: number) => `${Number(value.toFixed(1))}`;
  const r = radius;
  switch (kind) {
    case "hits":
      return `M${n(x - r)} ${n(y)}a${n(r)} ${n(r)} 0 1 0 ${n(2 * r)} 0a${n(r)} ${n(r)} 0 1 0 ${
        n(-2 * r)
      } 0`;
    case "misses":
      return `M${n(x)} ${n(y - 1.2 * r)}l${n(1.2 * r)} ${n(1.2 * r)}l${n(-1.2 * r)} ${n(1.2 * r)}l${
        n(-1.2 * r)
      } ${n(-1.2 * r)}z`;
    case "mistakes":
      return `M${n(x - r)} ${n(y - r)}l${n(2 * r)} ${n(2 * r)}m0 ${n(-2 * r)}l${n(-2 * r)} ${
        n(2 * r)
      }`;
  }
}

/** What the marks mean, as on the pictures. */
export function markLegend(): Markup {
  return html`<ul class="marks">${
    (Object.keys(MARKS) as MarkName[]).map((kind) =>
      html`<li><svg class="icon" viewBox="0 0 4 4" aria-hidden="true"><rect width="4" height="4" rx=".6"
      fill="#3b4148"/><path d="${shape(kind, 2, 2, 1.1)}" fill="none" stroke-width=".45"
      stroke="${MARKS[kind].color}"/></svg> ${MARKS[kind].meaning}</li>`
    )
  }</ul>`;
}

function fieldView({ width, height }: Image): View {
  return { x: 0, y: 0, width, height, factor: Math.ceil(Math.max(width, height) / LONGEST) };
}

/** A square in the middle of the image: whatever is there, so that nothing is picked. */
function detailView({ image, spacing }: PageImage): View {
  const side = Math.max(48, Math.ceil(DETAIL_SPACINGS * spacing));
  const width = Math.min(side, image.width), height = Math.min(side, image.height);
  return {
    x: (image.width - width) >> 1,
    y: (image.height - height) >> 1,
    width,
    height,
    factor: Math.ceil(Math.max(width, height) / LONGEST),
  };
}
