/**
 * The style sheet of the report.
 *
 * @module
 */

/** Everything the page needs to look right, on a screen and on paper. */
export const REPORT_STYLE: string = `
:root { color-scheme: light; --ink: #1a2027; --soft: #5a6672; --line: #dfe4e9; --wash: #f5f7f9;
  --accent: #0b5d9c; --accent-wash: #e8f1f9; --warn: #8a5200; --warn-wash: #fdf4e3; }
* { box-sizing: border-box; }
html { font-size: 16px; scroll-behavior: smooth; }
body { margin: 0; background: #fff; color: var(--ink); line-height: 1.5;
  font-family: "Inter", "Helvetica Neue", "Segoe UI", "Liberation Sans", Arial, sans-serif; }
.page { max-width: 1120px; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; }
h1, h2, .lead { font-family: Charter, "Bitstream Charter", "Iowan Old Style", Cambria, Georgia,
  "Liberation Serif", serif; }
h1 { font-size: 2.1rem; line-height: 1.2; font-weight: 600; margin: 0 0 .4rem;
  overflow-wrap: anywhere; }
h2 { font-size: 1.55rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 2.2rem 0 .6rem; }
.lead { font-size: 1.13rem; color: #333c45; max-width: 46em; margin: 0; }
a { color: var(--accent); }
code { font-family: "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; font-size: .88em; }
.stats { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
  margin: 1.8rem 0 0; border-top: 2px solid var(--ink); border-bottom: 1px solid var(--line); }
.stats div { padding: .8rem 1rem .8rem 0; }
.stats dt { font-size: .78rem; color: var(--soft); }
.stats dd { margin: .1rem 0 0; font-size: 1.5rem; font-weight: 600; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
.stats dd small { display: block; font-size: .78rem; font-weight: 400; color: var(--soft); }
.facts { color: var(--soft); margin: .3rem 0 0; font-size: .92rem; }
.set { margin-top: 3rem; border-top: 1px solid var(--ink); padding-top: 1.2rem; }
.set > summary { cursor: pointer; }
.set > summary h2 { display: inline; }
.chip { display: inline-block; font-size: .72rem; font-weight: 600; line-height: 1.5;
  padding: 0 .5em; border-radius: 3px; background: #e9edf1; color: #3b4651; white-space: nowrap; }
.chip.accent { background: var(--accent); color: #fff; }
.chip.warn { background: var(--warn-wash); color: var(--warn); }
.notice { background: var(--warn-wash); border-left: 3px solid #d98e04; padding: .6rem 1rem;
  margin: 1rem 0 0; font-size: .92rem; }
.notice p { margin: .2rem 0; }
.notice summary { cursor: pointer; color: var(--warn); }
.caption { color: var(--soft); font-size: .86rem; max-width: 52em; margin: .5rem 0 0; }
.caption b, .caption strong { color: var(--ink); }
.none { color: var(--soft); font-size: .92rem; }
table { border-collapse: collapse; width: 100%; font-size: .86rem;
  font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); border-bottom: 1px solid var(--ink);
  padding: .3rem .7rem .3rem 0; white-space: nowrap; }
td { border-bottom: 1px solid var(--line); padding: .3rem .7rem .3rem 0; vertical-align: top;
  overflow-wrap: anywhere; }
.num { text-align: right; white-space: nowrap; }
.more-list table { width: auto; min-width: 50%; }
.more-list th, .more-list td { padding-right: 1.6rem; }
.wide { overflow-x: auto; }
.scroll { overflow: auto; max-height: 26rem; }
.scroll thead th { position: sticky; top: 0; background: #fff; }

.viewer { display: grid; grid-template-columns: minmax(0, 1fr) 240px; gap: 1.4rem;
  margin-top: 1.2rem; }
.stage { position: relative; background: #15191d; border-radius: 4px; overflow: hidden; }
.stage svg { display: block; width: 100%; height: auto; max-height: 880px; cursor: grab;
  touch-action: none; user-select: none; }
.stage svg.dragging { cursor: grabbing; }
.stage path { fill: none; stroke-width: 1.8px; stroke-linecap: round; stroke-linejoin: round;
  vector-effect: non-scaling-stroke; }
.stage path.doubtful { stroke-width: 2.4px; }
.stage path.dropped { stroke: #fff; stroke-opacity: .75; stroke-width: 1.2px; }
.stage path.halo { stroke: #fff; stroke-width: 2px; }
.zoom { position: absolute; right: .6rem; top: .6rem; display: flex; gap: 4px; }
.zoom button { min-width: 2rem; height: 2rem; border: 0; border-radius: 4px;
  background: rgba(255, 255, 255, .92); font: inherit; font-size: .9rem; cursor: pointer; }
.scalebar { position: absolute; left: .8rem; bottom: .7rem; color: #fff; font-size: .8rem;
  font-weight: 600; text-shadow: 0 0 3px #000, 0 0 3px #000; pointer-events: none; }
.scalebar i { display: block; height: 4px; background: #fff; box-shadow: 0 0 0 1px rgba(0,0,0,.6);
  margin-bottom: 3px; }
.tip { position: absolute; pointer-events: none; background: rgba(20, 25, 30, .94); color: #fff;
  font-size: .8rem; line-height: 1.4; padding: .3rem .55rem; border-radius: 3px;
  font-variant-numeric: tabular-nums; white-space: pre; }
.side h4 { font-size: .78rem; font-weight: 600; color: var(--soft); margin: 0 0 .3rem; }
.side h4:not(:first-child) { margin-top: 1.1rem; }
.picks { display: grid; grid-template-columns: repeat(auto-fill, minmax(44px, 1fr)); gap: 4px; }
.picks button { border: 1px solid #c5ced6; background: #fff; border-radius: 4px; font: inherit;
  font-size: .86rem; padding: .22rem 0; cursor: pointer; font-variant-numeric: tabular-nums; }
.picks button.chosen { border-color: var(--accent); box-shadow: inset 0 -3px 0 var(--accent); }
.picks button[aria-pressed="true"] { background: var(--ink); border-color: var(--ink);
  color: #fff; }
button:focus-visible, input:focus-visible, summary:focus-visible { outline: 2px solid var(--accent);
  outline-offset: 2px; }
.legend { list-style: none; margin: 0; padding: 0; font-size: .86rem; }
.legend label { display: flex; align-items: center; gap: .5em; padding: .12rem 0; }
.legend .n { margin-left: auto; color: var(--soft); font-variant-numeric: tabular-nums; }
.icon { width: 1.3em; height: 1.3em; flex: none; vertical-align: -.3em; }
.now { font-size: .86rem; margin: 0; }

.alignment { display: grid; grid-template-columns: minmax(0, 1fr) 400px; gap: 1.6rem;
  align-items: start; }
.switch { display: inline-flex; gap: 1rem; font-size: .86rem; margin: 0 0 .6rem; padding: 0;
  border: 0; }
.switch label { display: inline-flex; gap: .35em; align-items: center; }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr));
  gap: .9rem .7rem; }
.card { margin: 0; min-width: 0; }
.card figcaption { font-size: .78rem; color: var(--soft); line-height: 1.35; margin-bottom: .2rem;
  display: flex; gap: .35em; align-items: baseline; white-space: nowrap; }
.card figcaption b { color: var(--ink); font-size: .86rem; }
.card.chosen { outline: 2px solid var(--accent); outline-offset: 4px; border-radius: 1px; }
.card.dropped .tile img { opacity: .5; }
.tile { position: relative; background: #15191d; margin-top: 3px; }
.tile img { display: block; width: 100%; height: auto; }
.tile.detail img { image-rendering: pixelated; }
.tile svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.tile .tag { position: absolute; left: 0; bottom: 0; font-size: .66rem; line-height: 1.5;
  color: #fff; background: rgba(0, 0, 0, .62); padding: 0 .4em; }
.tile .tag.out { left: auto; right: 0; bottom: auto; top: 0; background: #3b4651; }
.cross { fill: none; stroke: #ffd84d; stroke-width: 1.2px; vector-effect: non-scaling-stroke; }
.window { fill: none; stroke: #ffd84d; stroke-width: 1.2px; vector-effect: non-scaling-stroke; }
.alignment:has(input[value="detail"]:checked) .tile.field,
.alignment:has(input[value="field"]:checked) .tile.detail { display: none; }

.plot { display: block; width: 100%; height: auto; font-size: 11.5px;
  font-variant-numeric: tabular-nums; }
.plot .frame { fill: #fff; stroke: #8b96a1; }
.plot .grid { stroke: #e8ecf0; }
.plot .tick { fill: var(--soft); }
.plot .axis { fill: var(--ink); text-anchor: middle; font-size: 12.5px; }
.plot .path { fill: none; stroke: #9fb4c6; stroke-width: 1.4; }
.plot .error { stroke: var(--ink); stroke-width: 1.2; }
.plot .dot { fill: var(--ink); }
.plot .dot.open { fill: #fff; stroke: #d55e00; stroke-width: 2; }
.plot .chosen .dot { fill: var(--accent); }
.plot .chosen .dot.open { fill: var(--accent-wash); }
.plot .point text { text-anchor: middle; font-weight: 600; paint-order: stroke; stroke: #fff;
  stroke-width: 3px; }
.plot .chosen text { fill: var(--accent); }

.ranking .num { width: 1%; padding-right: 1.2rem; }
.ranking td { vertical-align: middle; }
.ranking .bar { width: 18%; min-width: 110px; padding-right: .6rem; vertical-align: middle; }
.ranking .bar span { display: block; height: .62rem; background: #9fb4c6; border-radius: 1px;
  min-width: 1px; }
.ranking .chosen td { background: var(--accent-wash); }
.ranking .chosen .bar span { background: var(--accent); }
.ranking td:first-child, .ranking th:first-child { padding-left: .4rem; }

details.more { border-top: 1px solid var(--line); }
details.more:last-of-type { border-bottom: 1px solid var(--line); }
details.more > summary { cursor: pointer; padding: .6rem 0; font-weight: 600; font-size: .95rem; }
details.more > summary small { font-weight: 400; color: var(--soft); font-size: .86rem;
  margin-left: .4em; }
details.more > *:last-child { margin-bottom: 1.2rem; }
.more-list { margin-top: 2rem; }
.go { border: 0; background: none; color: var(--accent); font: inherit; padding: 0;
  cursor: pointer; text-decoration: underline; }
tr.default td { color: var(--soft); }
dl.files { display: grid; grid-template-columns: max-content 1fr; gap: .35rem 1.4rem;
  font-size: .9rem; margin: .4rem 0; }
dl.files dd { margin: 0; }
pre { background: var(--wash); padding: .9rem 1.1rem; overflow: auto; font-size: .84rem;
  line-height: 1.5; border-radius: 4px; }
footer { margin-top: 3rem; color: var(--soft); font-size: .84rem; }
@media (max-width: 900px) {
  .viewer, .alignment { grid-template-columns: minmax(0, 1fr); }
  dl.files { grid-template-columns: 1fr; gap: .1rem; }
  dl.files dd { margin-bottom: .5rem; }
}
@media print {
  .page { max-width: none; padding: 0; }
  .zoom, .switch, .picks, .go { display: none; }
  .scroll { max-height: none; }
  figure, tr, .viewer { break-inside: avoid; }
}
`;
