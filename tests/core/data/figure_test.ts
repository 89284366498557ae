import { assertEquals, assertTrue } from "@assert";
import { type Figure, FIGURE_COLORS, FIGURE_PORT, type FromSchema, type PortValue } from "@core";
import { schemaFault, schemaProblem } from "../../../core/stage/schema.ts";
import { exampleOf } from "../../../procedures/conformance/example_of.ts";

type OfSchema = FromSchema<typeof FIGURE_PORT.schema>;

const figure: Figure = {
  title: "A line and points",
  caption: "Of no meaning.",
  panels: [{
    title: "one",
    x: { label: "x", unit: "px", scale: "log", from: 1, to: 100 },
    y: { label: "y" },
    equal: false,
    series: [
      { kind: "line", x: [1, 2], y: [3, 4], dashed: true, color: FIGURE_COLORS - 1 },
      { kind: "points", label: "measured", x: [1], y: [3], error: [0.5] },
    ],
    guides: [{ axis: "y", at: 0, label: "none" }],
  }],
};

Deno.test("FIGURE_PORT: its schema and the interface Figure describe the same", () => {
  // Both directions compile, so neither says what the other does not.
  const asSchema: OfSchema = figure;
  const back: Figure = asSchema;
  assertEquals(schemaFault(FIGURE_PORT.schema), undefined);
  assertEquals(schemaProblem(FIGURE_PORT.schema, back), undefined);
  const example: unknown = exampleOf(FIGURE_PORT.schema);
  const filled = (example as Figure).panels[0];
  const names = (value: object) => Object.keys(value).sort();
  assertEquals(names(filled), names(figure.panels[0]));
  assertEquals(names(filled.x), names(figure.panels[0].x));
  assertEquals(names(filled.guides![0]), names(figure.panels[0].guides![0]));
  const used = Object.assign({}, ...figure.panels[0].series);
  assertEquals(names(filled.series[0]), names(used));
});

Deno.test("FIGURE_PORT gives a port of type Figure with a description of its own", () => {
  const port = { ...FIGURE_PORT, description: "What was measured" } as const;
  const value: PortValue<typeof port> = figure;
  // @ts-expect-error: a figure needs panels
  const less: PortValue<typeof port> = { title: "none" };
  assertEquals(schemaProblem(port.schema, value), undefined);
  assertEquals(schemaProblem(port.schema, less)?.expected, '"/panels"');
});

Deno.test("FIGURE_PORT refuses what cannot be drawn", () => {
  const [panel] = figure.panels, [line] = panel.series;
  const withSeries = (series: object) => ({ ...figure, panels: [{ ...panel, series: [series] }] });
  for (
    const [wrong, expected] of [
      [{ ...figure, title: 3 }, 'a text at "/title"'],
      [withSeries({ ...line, kind: "pie" }), '"line", "points", "bars"'],
      [withSeries({ ...line, y: [1, NaN] }), 'a number at "/panels/0/series/0/y/1"'],
      [withSeries({ ...line, color: 8 }), 'from 0 to 7 at "/panels/0/series/0/color"'],
      [withSeries({ ...line, colour: 1 }), "only declared names"],
    ] as const
  ) {
    const problem = schemaProblem(FIGURE_PORT.schema, wrong);
    assertTrue(problem?.expected.includes(expected) ?? false, JSON.stringify(problem));
  }
});
