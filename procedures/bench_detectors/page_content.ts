/**
 * What the page of the comparison says.
 *
 * @module
 */
import { figureSvg } from "../../core/host/figure_svg.ts";
import type { Figure } from "../../core/mod.ts";
import type {
  DetectorPage,
  PageCell,
  PageImage,
  PagePoints,
  PageTable,
  PageTile,
} from "../../plugins/io/detector_page.ts";
import { VERSION } from "../version.ts";
import type { BenchResult, OutcomeOf } from "./bench_detectors.ts";
import { rangeText } from "./figures.ts";
import type { Sample } from "./samples.ts";
import type { BenchImage, Group, Metric, SummaryRow } from "./summary.ts";

/** More images than this are not shown; the tables hold them all. */
const MOST_IMAGES = 16;
const NO_POINTS: PagePoints = { x: new Float64Array(), y: new Float64Array() };

/** The content of the page. */
export function pageContent(
  result: BenchResult,
  figures: Readonly<Record<string, Figure>>,
  samples: readonly Sample[],
  outcomeOf: OutcomeOf,
): DetectorPage {
  const { images, detectors, rows, skipped, summary } = result;
  const shown = shownImages(images);
  const failed = rows.filter(({ error }) => error !== null);
  const best = bestOf(summary, "f1");
  return {
    title: "Detectors compared",
    lead: `How well ${detectors.length} ${
      detectors.length === 1 ? "detector finds" : "detectors find"
    }
      the atomic columns of ${images.length} annotated ${
      images.length === 1 ? "image" : "images"
    }, with
      the same parameters for all images, and what that costs.`,
    facts: [
      { label: "Images", value: `${images.length}`, note: sizesText(images) },
      {
        label: "True columns",
        value: `${images.reduce((sum, { columns }) => sum + columns, 0)}`,
        note: faintText(images),
      },
      {
        label: "Best strict F1",
        value: best === undefined ? "–" : shown3(best.metrics.f1?.mean),
        note: best === undefined ? "" : titleOf(result, best.detector),
      },
    ],
    notices: [
      ...skipped.map(({ name, reason }) => `${name} was skipped. ${reason}`),
      ...(failed.length > 0
        ? [
          `${failed.length} of ${rows.length} results are missing: ${
            [...new Set(failed.map(({ error }) => error!))].slice(0, 5).join("; ")
          }`,
        ]
        : []),
    ],
    tables: [
      summaryTable(result),
      ...groupTable(result, result.byDose, "F1 by dose", "counts"),
      ...groupTable(result, result.byField, "F1 by field of view", "nm"),
      ...groupTable(result, result.bySpacing, "F1 by spacing", "px"),
      imageTable(result),
    ],
    figures: Object.values(figures).map(figureSvg),
    images: shown.map((image) => pageImage(image, result, samples, outcomeOf)),
    imagesNote: `In yellow the strict F1. ${
      shown.length < images.length
        ? `${shown.length} of ${images.length} images are shown, evenly from the lowest dose to the
          highest. `
        : ""
    }Of more than 1500 marks of a kind, 1500 are drawn.`,
    method: methodOf(result),
    version: VERSION,
  };
}

function shown3(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : value.toFixed(3);
}

function titleOf({ detectors }: BenchResult, name: string): string {
  return detectors.find((detector) => detector.name === name)!.title;
}

function bestOf(summary: readonly SummaryRow[], metric: Metric): SummaryRow | undefined {
  const defined = summary.filter(({ metrics }) => metrics[metric] !== null);
  return defined.sort((a, b) => b.metrics[metric]!.mean - a.metrics[metric]!.mean)[0];
}

function sizesText(images: readonly BenchImage[]): string {
  const sizes = [...new Set(images.map(({ width, height }) => `${width} × ${height}`))];
  return sizes.length > 2 ? `${sizes.length} sizes` : `${sizes.join(", ")} px`;
}

function faintText(images: readonly BenchImage[]): string {
  const faint = [...new Set(images.flatMap((image) => image.faint))].sort();
  return faint.length === 0 ? "" : `${faint.join(", ")} left out as faint`;
}

/** Evenly spread ones, from the lowest dose to the highest, of equal doses by field. */
function shownImages(images: readonly BenchImage[]): BenchImage[] {
  const sorted = [...images].sort((a, b) =>
    (a.dose ?? 0) - (b.dose ?? 0) || (a.fieldNm ?? a.spacing ?? 0) - (b.fieldNm ?? b.spacing ?? 0)
  );
  const count = Math.min(MOST_IMAGES, sorted.length);
  return Array.from(
    { length: count },
    (_, i) => sorted[Math.round(i * (sorted.length - 1) / Math.max(1, count - 1))],
  );
}

/** Tables 2 and 3 of the thesis, and the strict figures beside. */
function summaryTable(result: BenchResult): PageTable {
  const figures: readonly (readonly [Metric, string, number, "high" | "low"])[] = [
    ["f1", "strict F1", 3, "high"],
    ["precision", "precision", 3, "high"],
    ["recall", "recall", 3, "high"],
    ["rmse", "rms error (px)", 2, "low"],
    ["chamfer", "Chamfer (px)", 3, "low"],
    ["thesisJaccard", "thesis Jaccard", 3, "high"],
    ["thesisF1", "thesis F1", 3, "high"],
  ];
  const { summary } = result;
  const bests = figures.map(([metric, , , wanted]) => {
    const means = summary.flatMap(({ metrics }) => metrics[metric]?.mean ?? []);
    return wanted === "high" ? Math.max(...means) : Math.min(...means);
  });
  return {
    title: "All images",
    caption:
      "Means over the images, ± the standard deviation between them; memory is the largest " +
      "growth of the process. The thesis's metric pairs nearest neighbors at any distance; the " +
      "strict one pairs within the match radius.",
    words: 1,
    head: ["detector", ...figures.map(([, name]) => name), "time (ms)", "memory (MiB)", "failed"],
    rows: summary.map((row): PageCell[] => [
      { text: noted(result, row.detector) },
      ...figures.map(([metric, , digits], i): PageCell => {
        const mean = row.metrics[metric];
        if (mean === null) return { text: "–" };
        const spread = mean.sd === null ? "" : ` ± ${mean.sd.toFixed(digits)}`;
        return { text: mean.mean.toFixed(digits) + spread, best: mean.mean === bests[i] };
      }),
      { text: row.ms === null ? "–" : msText(row.ms.mean) },
      { text: row.memoryMiB === null ? "–" : row.memoryMiB.toFixed(0) },
      { text: row.failed === 0 ? "" : `${row.failed}` },
    ]),
  };
}

function noted({ detectors }: BenchResult, name: string): string {
  const { title, note } = detectors.find((detector) => detector.name === name)!;
  return note === "" ? title : `${title} (${note})`;
}

function msText(ms: number): string {
  return ms < 10 ? ms.toFixed(1) : ms.toFixed(0);
}

function groupTable(
  { detectors, summary }: BenchResult,
  groups: readonly Group[],
  title: string,
  unit: string,
): PageTable[] {
  if (groups.length < 2) return [];
  const scored = detectors.filter(({ name }) =>
    summary.some(({ detector, metrics }) => detector === name && metrics.f1 !== null)
  );
  const bests = groups.map(({ f1 }) =>
    Math.max(...scored.map(({ name }) => f1[name]?.mean ?? -Infinity))
  );
  return [{
    title,
    caption: `Strict F1, mean over the images of a group: ${
      groups.map((group) => `${rangeText(group)} ${unit}: ${group.images.length}`).join(", ")
    }.`,
    words: 1,
    head: ["detector", ...groups.map((group) => `${rangeText(group)} ${unit}`)],
    rows: scored.map(({ name, title }): PageCell[] => [
      { text: title },
      ...groups.map(({ f1 }, i): PageCell => ({
        text: shown3(f1[name]?.mean),
        best: f1[name] !== null && f1[name].mean === bests[i],
      })),
    ]),
  }];
}

/** Table 1 of the thesis, for all detectors at once. */
function imageTable({ images, detectors, rows }: BenchResult): PageTable {
  const row = (image: string, detector: string) =>
    rows.find((one) => one.image === image && one.detector === detector);
  return {
    title: "Each image",
    caption: "Strict F1; images.csv holds all figures.",
    words: 1,
    head: ["image", "dose", "spacing (px)", "columns", ...detectors.map(({ title }) => title)],
    rows: images.map((image): PageCell[] => [
      { text: image.name },
      { text: image.dose === null ? "–" : `${Number(image.dose.toPrecision(3))}` },
      { text: image.spacing === null ? "–" : image.spacing.toFixed(1) },
      { text: `${image.columns}` },
      ...detectors.map(({ name }): PageCell => {
        const found = row(image.name, name);
        return { text: found?.error ? "failed" : shown3(found?.score?.strict.f1) };
      }),
    ]),
  };
}

function pageImage(
  image: BenchImage,
  { detectors, rows }: BenchResult,
  samples: readonly Sample[],
  outcomeOf: OutcomeOf,
): PageImage {
  const facts = [
    image.dose === null ? "" : `${Number(image.dose.toPrecision(3))} counts at a column's top`,
    image.fieldNm === null ? "" : `${Number(image.fieldNm.toPrecision(3))} nm wide`,
    image.spacing === null ? "" : `columns ${image.spacing.toFixed(1)} px apart`,
  ];
  return {
    name: image.name,
    caption: facts.filter((fact) => fact !== "").join(", "),
    image: samples.find(({ name }) => name === image.name)!.image,
    spacing: image.spacing ?? image.width / 20,
    tiles: detectors.flatMap(({ name, title }): PageTile[] => {
      const row = rows.find((one) => one.image === image.name && one.detector === name);
      const outcome = outcomeOf(image.name, name);
      if (row === undefined || (outcome === undefined && row.error === null)) return [];
      return [{
        title,
        f1: row.score?.strict.f1 ?? null,
        ...(row.error === null ? {} : { problem: row.error }),
        hits: outcome?.hits.columns ?? NO_POINTS,
        misses: outcome?.misses.columns ?? NO_POINTS,
        mistakes: outcome?.mistakes.columns ?? NO_POINTS,
      }];
    }),
  };
}

function methodOf({ rules, images }: BenchResult): string[] {
  const faint = { false: "a mistake", ignore: "left out", count: "counted as any other" };
  return [
    `Strict: as many pairs as possible of found and true columns, each in one pair at most, of those the
      least total distance, within ${
      rules.matchRadius === "auto"
        ? "0.35 times the median nearest-neighbor distance of the true columns"
        : `${rules.matchRadius} px`
    }. Thesis: mutual nearest neighbors at any distance, with precision and recall as everyone defines
      them. Chamfer: the mean distance of the found columns to the nearest true one, plus the reverse.`,
    rules.edges === "ignore"
      ? "True columns within half a spacing of the border, and finds there that belong to none farther " +
        "inside, are left out of all counts."
      : "Columns at the border count as all others.",
    `Faint species are those below ${rules.faintRatio} of the height of the brightest${
      rules.faintSpecies.length > 0 ? `, and ${rules.faintSpecies.join(", ")}` : ""
    }; in ${
      images.filter((image) => image.faint.length > 0).length
    } of the images there are some. ` +
    `A find of a faint column is ${faint[rules.faint]}.`,
    `Time: the best of ${rules.runs} warm ${
      rules.runs === 1 ? "run" : "runs"
    } on an image in memory, wall time of one call, without reading files. Of detectors on the
      confidence map it is that of the detector alone, without the map.`,
    "Memory: the largest resident set of the whole process while the detector was at work, less what it " +
    "was with its code and model loaded. What an earlier detector freed and the process kept may be " +
    "used again and is not seen, so that it is a lower bound for all but the first.",
  ];
}
