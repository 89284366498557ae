/**
 * Texts in SVG: escaped, and as wide as can be said without a font at hand.
 *
 * @module
 */

/** Width of a letter over the size of the font: more than sans-serif fonts need on average. */
const LETTER = 0.58;

/** Lengths beyond this are out of sight, and too much for what draws. */
const FARTHEST = 9999;

/** The text as XML can hold it. */
export function escapeXml(text: string): string {
  // deno-lint-ignore no-control-regex
  const plain = text.toWellFormed().replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, " ");
  return plain.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

/** About how wide a text is, px. */
export function textWidth(text: string, size: number): number {
  return [...text].length * LETTER * size;
}

/** The text, or its beginning where there is no room for all of it. */
export function fitText(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const letters = Math.max(0, Math.floor(width / (LETTER * size)) - 1);
  return [...text].slice(0, letters).join("").trimEnd() + "\u2026";
}

/** The text in lines of a width, broken between words. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((word) => word !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, size) > width) {
      lines.push(fitText(line, size, width));
      line = word;
    } else line = longer;
  }
  if (line !== "") lines.push(fitText(line, size, width));
  return lines;
}

/** A text element; `more` are further attributes. */
export function textAt(x: number, y: number, text: string, more = ""): string {
  return `<text x="${px(x)}" y="${px(y)}"${more && " " + more}>${escapeXml(text)}</text>`;
}

/** A length with one digit after the point, so that the same figure is the same bytes anywhere. */
export function px(value: number): string {
  const bounded = Math.max(-FARTHEST, Math.min(FARTHEST, value));
  return String(Math.round(bounded * 10) / 10 + 0);
}
