import { assertClose, assertEquals, assertIncludes, assertTrue } from "@assert";
import fc from "fast-check";
import type { Figure, FigurePanel } from "@core";
import { axisRange, numberLabel, ticksOf } from "../../../core/host/_figure_axis.ts";
import { fitText, wrapText } from "../../../core/host/_svg_text.ts";
import { figureSvg } from "../../../core/host/figure_svg.ts";

const panel: FigurePanel = {
  title: "Bias",
  x: { label: "phase", unit: "px" },
  y: { label: "mean error", unit: "px" },
  series: [
    { kind: "points", label: "x", x: [0, 0.5, 1], y: [0.1, 0.2, 0.1], error: [0.05, 0.05, 0.05] },
    { kind: "line", label: "expected", x: [0, 1], y: [0, 0], dashed: true },
    { kind: "bars", x: [0.25, 0.75], y: [0.1, 0.3] },
  ],
  guides: [{ axis: "y", at: 0.15, label: "limit" }],
};

const one = (changed: Partial<FigurePanel>): Figure => ({
  title: "Figure",
  panels: [{ ...panel, ...changed }],
});

/** The texts of a drawing, in order. */
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((m) => m[1]);

/** Elements are closed in the order they were opened, and attributes are quoted. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, close, name, attributes, empty] of svg.matchAll(/<(\/?)(\w+)([^<>]*?)(\/?)>/g)) {
    if (close) assertEquals(open.pop(), name);
    else {
      assertTrue(/^(\s+[\w:-]+="[^"<>]*")*\s*$/.test(attributes), attributes);
      if (!empty) open.push(name);
    }
  }
  assertEquals(open, []);
  assertEquals(svg.replace(/<[^<>]*>/g, "").match(/[<>]|&(?!#\d+;)/g), null);
  assertEquals(svg.match(/NaN|Infinity|undefined|null/g), null);
}

Deno.test("figureSvg draws titles, axes with units, legend, guides and every series", () => {
  const svg = figureSvg({ ...one({}), caption: "Three phases." });
  assertWellFormed(svg);
  const texts = textsOf(svg);
  for (
    const text of ["Figure", "Bias", "phase (px)", "mean error (px)", "x", "expected", "limit"]
  ) {
    assertTrue(texts.includes(text), `${text} in ${texts.join("|")}`);
  }
  assertEquals(texts.at(-1), "Three phases.");
  assertIncludes(svg, "stroke-dasharray");
  assertIncludes(svg, 'stroke-linecap="round"');
  assertIncludes(svg, "fill-opacity");
});

Deno.test("figureSvg gives the same bytes from the same figure, whatever its last bits", () => {
  const svg = figureSvg(one({}));
  assertEquals(figureSvg(structuredClone(one({}))), svg);
  const shaken = panel.series.map((s) => ({ ...s, y: s.y.map((y) => y * (1 + 1e-15)) }));
  assertEquals(figureSvg(one({ series: shaken })), svg);
  const drawn = svg.replace(/>[^<]*</g, "><");
  assertEquals(drawn.match(/[ MHV]-?\d*\.\d\d+/g), null, "no more than one digit after the point");
});

Deno.test("figureSvg escapes texts and drops what XML cannot hold", () => {
  const evil = `</text><script>&"'\u0000\ud800`;
  const svg = figureSvg({
    title: evil,
    caption: evil,
    panels: [{
      ...panel,
      title: evil,
      x: { label: evil, unit: evil },
      series: [{ ...panel.series[0], label: evil }],
      guides: [{ axis: "x", at: 0.5, label: evil }],
    }],
  });
  assertWellFormed(svg);
  assertTrue(!svg.includes("<script"), "no element from a text");
  // deno-lint-ignore no-control-regex
  assertTrue(!/[\u0000\ud800]/.test(svg), "no characters that XML forbids");
});

Deno.test("figureSvg keeps circles round on equal axes", () => {
  const around = Array.from({ length: 5 }, (_, i) => i * Math.PI / 2);
  const svg = figureSvg(one({
    equal: true,
    series: [{ kind: "line", x: around.map(Math.cos), y: around.map(Math.sin) }],
    guides: [],
  }));
  const drawn = /d="(M[^"]*L[^"]*)"/.exec(svg)![1].match(/[\d.]+/g)!.map(Number);
  const xs = drawn.filter((_, i) => i % 2 === 0), ys = drawn.filter((_, i) => i % 2 === 1);
  const span = (values: number[]) => Math.max(...values) - Math.min(...values);
  assertClose(span(xs), span(ys), 0.21, "to the rounding of coordinates");
});

Deno.test("figureSvg draws empty panels, figures without panels and lists of unequal length", () => {
  assertTrue(textsOf(figureSvg(one({ series: [], guides: [] }))).includes("nothing to show"));
  assertEquals(textsOf(figureSvg({ title: "none", panels: [] })), ["none"]);
  const uneven = one({ series: [{ kind: "points", x: [1, 2, 3], y: [1], error: [] }] });
  assertWellFormed(figureSvg(uneven));
});

Deno.test("figureSvg leaves out what a logarithmic axis cannot show", () => {
  const x = { label: "dose", scale: "log" } as const;
  const svg = figureSvg(one({
    x,
    y: { label: "error", scale: "log" },
    series: [{ kind: "points", x: [-1, 0, 1, 100], y: [1, 1, 0.1, 0.01], error: [0, 0, 0.2, 0] }],
    guides: [],
  }));
  assertWellFormed(svg);
  assertEquals(svg.match(/h0/g)?.length, 2);
  assertTrue(["1", "10", "100"].every((label) => textsOf(svg).includes(label)));
});

Deno.test("figureSvg answers any numbers with a drawing", () => {
  const numbers = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 6 });
  const axis = fc.record({
    label: fc.string(),
    scale: fc.constantFrom("linear" as const, "log" as const),
  });
  const series = fc.record({
    kind: fc.constantFrom("line" as const, "points" as const, "bars" as const),
    label: fc.string(),
    x: numbers,
    y: numbers,
    error: numbers,
  });
  const panels = fc.array(
    fc.record({
      title: fc.string(),
      x: axis,
      y: axis,
      equal: fc.boolean(),
      series: fc.array(series, { maxLength: 3 }),
      guides: fc.array(
        fc.record({
          axis: fc.constantFrom("x" as const, "y" as const),
          at: fc.double({ noNaN: true, noDefaultInfinity: true }),
          label: fc.string(),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  );
  fc.assert(fc.property(fc.string(), panels, (title, panels) => {
    assertWellFormed(figureSvg({ title, panels }).replace(/>[^<]*</g, "><"));
  }));
});

Deno.test("ticks lie at round numbers inside the range and are as few as asked", () => {
  const labels = (from: number, to: number, most: number, log = false) =>
    ticksOf({ from, to, log }, most).map(({ label }) => label);
  assertEquals(labels(-0.23, 0.41, 5), ["\u22120.2", "0", "0.2", "0.4"]);
  assertEquals(labels(0, 1000, 5), ["0", "200", "400", "600", "800", "1000"]);
  assertEquals(labels(0.51, 0.99, 2), ["0.6", "0.8"]);
  assertEquals(labels(-0.014000000009, -0.010000000005, 2), ["\u22120.014", "\u22120.012"]);
  assertEquals(labels(0.5, 30, 8, true), ["0.5", "1", "2", "5", "10", "20"]);
  assertEquals(labels(1, 1e12, 4, true), ["1", "10000", "1e8", "1e12"]);
  assertEquals(labels(4, 6, 5, true).length > 1, true, "a short logarithmic axis has ticks too");
  fc.assert(fc.property(
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
    fc.double({ noNaN: true, min: 1e-3, max: 1e6 }),
    fc.integer({ min: 2, max: 9 }),
    (from, span, most) => {
      const ticks = ticksOf({ from, to: from + span, log: false }, most);
      assertTrue(ticks.length >= 1 && ticks.length <= most + 1, String(ticks.length));
      assertEquals(new Set(ticks.map(({ label }) => label)).size, ticks.length);
      for (const { at } of ticks) {
        assertTrue(at >= from - 1e-6 * span && at <= from + span + 1e-6 * span);
      }
    },
  ));
});

Deno.test("ranges have room around the values, and ends that are given", () => {
  const range = (from: number, to: number) => ({ from, to, log: false });
  assertEquals(axisRange({ label: "" }, [0, 10], 0), range(0, 10.5));
  assertEquals(axisRange({ label: "", from: -1 }, [0, 10]), range(-1, 10.5));
  assertEquals(axisRange({ label: "", from: 1, to: 1 }, [5]), range(4.5, 5.5));
  assertEquals(axisRange({ label: "" }, []), range(-0.05, 1.05));
  assertEquals(axisRange({ label: "" }, [0]), range(-1, 1));
  assertEquals(axisRange({ label: "" }, [0], 0), range(0, 1));
  assertEquals(axisRange({ label: "" }, [5e-324]), range(-1, 1));
  assertEquals(axisRange({ label: "", from: 0, to: 5e-324 }, [5]), range(4.5, 5.5));
  const log = axisRange({ label: "", scale: "log", from: -3 }, [0, 1, 10]);
  assertTrue(log.from > 0 && log.from < 1 && log.to > 10);
});

Deno.test("numbers of axes: digits of the step, a minus of full width, exponents when long", () => {
  assertEquals(numberLabel(-0.25, 0.05), "\u22120.25");
  assertEquals(numberLabel(-1e-17, 0.1), "0");
  assertEquals(numberLabel(2.5e-7, 5e-8), "2.5e\u22127");
  assertEquals(numberLabel(3e6, 1e6), "3e6");
  assertEquals(numberLabel(120, 20), "120");
});

Deno.test("texts are broken between words and cut where they do not fit", () => {
  assertEquals(wrapText("one two three", 10, 45), ["one two", "three"]);
  assertEquals(wrapText("  ", 10, 45), []);
  assertEquals(fitText("incomprehensible", 10, 45), "incomp\u2026");
});
