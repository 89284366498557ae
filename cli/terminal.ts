/**
 * The terminal: results on stdout, everything else on stderr.
 *
 * @module
 */
import process from "node:process";
import { styleText } from "node:util";

const encoder = new TextEncoder();

/** Writes text to stdout. */
export function out(text: string): void {
  writeAll(Deno.stdout, text);
}

/** Writes a line to stdout. */
export function outLine(text = ""): void {
  out(`${text}\n`);
}

/** Writes text to stderr. */
export function err(text: string): void {
  writeAll(Deno.stderr, text);
}

/** Writes an error to stderr. */
export function error(text: string): void {
  err(`${paint("red", "error:")} ${text}\n`);
}

/** Writes a warning to stderr. */
export function warning(text: string): void {
  err(`${paint("yellow", "warning:")} ${text}\n`);
}

/** Asks a question on a terminal; without one the answer is no. */
export function confirm(question: string): boolean {
  if (!Deno.stdin.isTerminal()) return false;
  err(`${question} [y/N] `);
  const bytes = new Uint8Array(256);
  const count = Deno.stdin.readSync(bytes) ?? 0;
  return /^y(es)?$/i.test(new TextDecoder().decode(bytes.subarray(0, count)).trim());
}

/** Bold on a terminal. */
export function bold(text: string): string {
  return Deno.stdout.isTerminal() && !process.env.NO_COLOR ? styleText("bold", text) : text;
}

/** A table of aligned columns; numbers to the right. */
export function textTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [head, ...rows.map((row) => row.map(String))];
  const widths = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const isNumber = head.map((_, i) => rows.every((row) => typeof row[i] === "number"));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => isNumber[i] ? cell.padStart(widths[i]) : cell.padEnd(widths[i])).join("  ")
      .trimEnd();
  return [bold(line(head)), ...cells.slice(1).map(line)].join("\n");
}

function paint(color: "red" | "yellow", text: string): string {
  return Deno.stderr.isTerminal() && !process.env.NO_COLOR ? styleText(color, text) : text;
}

function writeAll(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
  } catch (problem) {
    if (!(problem instanceof Deno.errors.BrokenPipe)) throw problem; // the reader has seen enough
  }
}
