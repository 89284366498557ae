/**
 * Splits delimited text into cells through the package papaparse.
 *
 * @module
 */
import Papa from "papaparse";

/** The rows of a text: comma, semicolon, tab or blank-separated; lines after `#` and empty ones left out. */
export function splitRows(text: string): string[][] {
  const first = text.split(/\r?\n/).find((line) => line.trim() !== "" && !line.startsWith("#")) ??
    "";
  const delimiter = [",", ";", "\t"].find((mark) => first.includes(mark)) ?? " ";
  const { data } = Papa.parse(text, {
    delimiter,
    comments: "#",
    skipEmptyLines: "greedy",
  }) as { data: string[][] };
  const rows = delimiter === " " ? data.map((row) => row.filter((cell) => cell !== "")) : data;
  return rows.map((row) => row.map((cell) => cell.trim()));
}
