import { assertAtMost, assertEquals, assertIncludes, assertTrue } from "@assert";
import {
  encodeLabeledSet,
  type SetOptions,
  type SetParts,
} from "../../../plugins/io/labeled_set.ts";
import { fixed, grouped, html, shortNumber } from "../../../plugins/io/_report_html.ts";
import { labeledParts } from "../../support/labeled_parts.ts";

const OPTIONS: SetOptions = { version: "0.1.0", polarity: "bright", targetSigma: 0.25 };
const NASTY = `<img src="http://x.y/z" onerror='a'>&</script>`;

async function reportOf(sets: readonly SetParts[], options = OPTIONS): Promise<string> {
  const files = new Map(await Array.fromAsync(encodeLabeledSet(sets, options)));
  return new TextDecoder().decode(files.get("report.html"));
}

function small(name: string): SetParts {
  return labeledParts({
    name,
    exposures: 4,
    width: 60,
    height: 50,
    spacing: 11,
    duplicates: [3],
    ambiguous: true,
    warnings: [{ step: "align", code: "W", message: `odd <b>${name}</b>` }],
  });
}

Deno.test("report.html asks nothing of the network and tells no time", async () => {
  const page = await reportOf([small("one"), small("two")]);
  assertTrue(!/https?:\/\//i.test(page));
  assertTrue(!/\b(src|href)\s*=\s*(?!"data:image\/png;base64,|"#)/i.test(page));
  assertTrue(!/@import|url\(|<link|<iframe|fetch\(|XMLHttpRequest|import\(/i.test(page));
  assertTrue(!/\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d/.test(page.replace(/base64,[^"]*/g, "")));
});

Deno.test("report.html escapes names, messages and the words of the user", async () => {
  const page = await reportOf([small(NASTY)], {
    ...OPTIONS,
    title: NASTY,
    license: NASTY,
    citation: NASTY,
  });
  assertTrue(!page.includes('<img src="http'));
  assertTrue(!page.includes("odd <b>"));
  assertIncludes(
    page,
    "&lt;img src=&quot;http://x.y/z&quot; onerror=&#39;a&#39;&gt;&amp;&lt;/script&gt;",
  );
  // Two scripts and the data of one viewer: no name has closed or opened another.
  assertEquals(page.match(/<\/script/gi)?.length, 3);
});

Deno.test("report.html shows what it should for each set", async () => {
  const page = await reportOf([small("one"), small("two")], { ...OPTIONS, license: "CC0-1.0" });
  const told = page.replace(/\s+/g, " ");
  for (
    const part of [
      "Labeled exposure sets",
      'id="set-0"',
      'id="set-1"',
      "drift x (px)",
      "strongest lattice peaks",
      "is ranked first and was labeled",
      "is ambiguous:",
      "looks like exposure 2",
      "chosen from the data",
      "License: CC0-1.0",
      "No citation was given",
      "12.5 pm",
    ]
  ) assertIncludes(told, part);
  assertEquals(page.match(/class="chip accent">labeled</g)?.length, 2);
  // Four pictures an exposure.
  assertEquals(page.match(/<img /g)?.length, 2 * 4 * 4);
});

Deno.test("the viewer's data are the labels in hundredths of a pixel", async () => {
  const set = small("one");
  const page = await reportOf([set]);
  const json = page.match(/<script type="application\/json">(.*?)<\/script>/s)![1];
  const data = JSON.parse(json);
  assertEquals(data.exposures.map((e: { n: number }) => e.n), [0, 1, 2]);
  const { x, y, status } = set.labels[1].columns;
  assertEquals(data.exposures[1].x, Array.from(x, (v) => Math.round(v * 100)));
  assertEquals(data.exposures[1].y, Array.from(y, (v) => Math.round(v * 100)));
  assertEquals(data.exposures[1].s.length, status.length);
  assertTrue(page.includes(`id="${data.exposures[1].picture}"`));
  // The script of the page is JavaScript.
  const script = page.match(/<script>(.*?)<\/script>/s)![1];
  new Function(script);
});

Deno.test("report.html stays small enough to send, however many sets share it", async () => {
  const set = (name: string) =>
    labeledParts({ name, exposures: 3, width: 600, height: 400, spacing: 23 });
  const one = await reportOf([set("a")]);
  // 400 000 pixels at least for a set, whose noise takes under a byte a pixel, 4/3 in base64.
  const many = await reportOf([set("a")], { ...OPTIONS, setCount: 50 });
  assertAtMost(many.length, 1_000_000);
  assertAtMost(many.length, one.length);
});

Deno.test("html escapes all but markup", () => {
  const inner = html`<b>${"<&>"}</b>`;
  assertEquals(
    html`<p title="${'"'}">${[inner, 3, null, false]}</p>`.markup,
    '<p title="&quot;"><b>&lt;&amp;&gt;</b>3</p>',
  );
});

Deno.test("numbers of the report are short, with a true minus sign", () => {
  assertEquals([fixed(-1.25, 1), fixed(-0.001, 2), fixed(NaN, 2), fixed(null, 1)], [
    "−1.3",
    "0.00",
    "–",
    "–",
  ]);
  assertEquals([shortNumber(12345.6), shortNumber(0.012345), shortNumber(-3)], [
    "12300",
    "0.0123",
    "−3",
  ]);
  assertEquals(grouped(1234567), "1\u202f234\u202f567");
});
