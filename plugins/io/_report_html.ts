/**
 * HTML from templates that escape what is put into them, and numbers as a report shows them.
 *
 * @module
 */

/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

/** What may stand in a template: words and numbers are escaped, markup is not. */
export type Piece = string | number | null | undefined | false | Markup | readonly Piece[];

/** A template that escapes every value but {@linkcode Markup}. */
export function html(parts: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  let markup = parts[0];
  for (let i = 0; i < values.length; i++) markup += textOf(values[i]) + parts[i + 1];
  return { markup };
}

/** HTML from a text that is known to be HTML, such as a style sheet of ours. */
export function raw(markup: string): Markup {
  return { markup };
}

/** JSON that may stand inside a script element. */
export function scriptJson(value: unknown): Markup {
  return { markup: JSON.stringify(value).replaceAll("<", "\\u003c") };
}

/** A number with so many decimals and a true minus sign; a dash for none. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

/** A number with about three digits that mean something. */
export function shortNumber(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return `${value}`.replace("-", "−");
  return `${Number(value.toPrecision(3))}`.replaceAll("-", "−");
}

/** A whole number with thin spaces between its thousands. */
export function grouped(value: number): string {
  return `${value}`.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** `1 exposure`, `2 exposures`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

function textOf(piece: Piece): string {
  if (piece === null || piece === undefined || piece === false) return "";
  if (typeof piece === "number") return `${piece}`;
  if (typeof piece === "string") return escape(piece);
  if ("markup" in piece) return piece.markup;
  return piece.map(textOf).join("");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("'", "&#39;");
}
