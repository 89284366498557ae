/**
 * Writes the report of a comparison: the page, tables, figures and all of it as JSON.
 *
 * @module
 */
import { cancelledError } from "../../core/errors.ts";
import { figureSvg } from "../../core/host/figure_svg.ts";
import type { OutputFolder } from "../../core/host/output_folder.ts";
import { detectorPage } from "../../plugins/io/detector_page.ts";
import type { BenchResult, OutcomeOf } from "./bench_detectors.ts";
import { csvFiles } from "./csv_files.ts";
import { benchFigures } from "./figures.ts";
import { pageContent } from "./page_content.ts";
import type { Sample } from "./samples.ts";

/** Writes all files of the report to a folder. */
export async function writeReport(
  folder: OutputFolder,
  result: BenchResult,
  samples: readonly Sample[],
  outcomeOf: OutcomeOf,
  signal: AbortSignal,
): Promise<void> {
  const write = (name: string, text: string) => folder.write(name, new TextEncoder().encode(text));
  for (const [name, text] of Object.entries(csvFiles(result))) write(name, text);
  const figures = benchFigures(result);
  for (const [name, figure] of Object.entries(figures)) {
    write(`figures/${name}.svg`, figureSvg(figure));
  }
  write("bench.json", JSON.stringify(result, null, 2) + "\n");
  const content = pageContent(result, figures, samples, outcomeOf);
  const page = await detectorPage(content, () => {
    if (signal.aborted) throw cancelledError();
  });
  write("report.html", page);
}
