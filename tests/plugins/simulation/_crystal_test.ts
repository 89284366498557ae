import { cellVectors, type Crystal, type CrystalAtom } from "@core";
import { createRandom } from "@core/kernels";
import { assertClose, assertEquals, assertTrue } from "@assert";
import {
  projectCrystal,
  type Projection,
  unknownElements,
} from "../../../plugins/simulation/_crystal.ts";
import {
  heavySpacing,
  structureNamed,
  withThickness,
} from "../../../plugins/simulation/_structures.ts";

const atom = (element: string, u: number, v: number, w: number, occupancy = 1): CrystalAtom => ({
  ...{ element, u, v, w, occupancy },
});

const cubic = (name: string, a: number, atoms: CrystalAtom[]): Crystal => ({
  name,
  cell: { a, b: a, c: a, alpha: 90, beta: 90, gamma: 90 },
  atoms,
});

const gold = cubic("gold", 0.4078, [
  ...[
    atom("Au", 0, 0, 0),
    atom("Au", 0.5, 0.5, 0),
    atom("Au", 0.5, 0, 0.5),
    atom("Au", 0, 0.5, 0.5),
  ],
]);
const titanate = cubic("SrTiO3", 0.3905, [
  ...[atom("Sr", 0, 0, 0), atom("Ti", 0.5, 0.5, 0.5)],
  ...[atom("O", 0.5, 0.5, 0), atom("O", 0.5, 0, 0.5), atom("O", 0, 0.5, 0.5)],
]);
const MO_Z = 0.25;
/** 2H MoS2: two layers, and one of them in a large cell. */
const molybdenite: Crystal = {
  name: "MoS2",
  cell: { a: 0.316, b: 0.316, c: 1.23, alpha: 90, beta: 90, gamma: 120 },
  atoms: [
    ...[atom("Mo", 1 / 3, 2 / 3, MO_Z), atom("Mo", 2 / 3, 1 / 3, 0.75)],
    ...[atom("S", 1 / 3, 2 / 3, 0.623), atom("S", 1 / 3, 2 / 3, 0.877)],
    ...[atom("S", 2 / 3, 1 / 3, 0.123), atom("S", 2 / 3, 1 / 3, 0.377)],
  ],
};
const monolayer: Crystal = {
  ...molybdenite,
  cell: { ...molybdenite.cell, c: 2 },
  // Across the cell's border.
  atoms: [
    atom("Mo", 1 / 3, 2 / 3, 0),
    atom("S", 2 / 3, 1 / 3, 0.0783),
    atom("S", 2 / 3, 1 / 3, 0.9217),
  ],
};

const scattering = (element: string) =>
  ({ H: 1, C: 10, O: 20, S: 70, Ti: 130, Sr: 330, Mo: 400, Au: 1000 })[element]!;

function project(crystal: Crystal, ...axis: [number, number, number]): Projection {
  return projectCrystal(crystal, axis, scattering)!;
}

const area = ({ structure: { a, b } }: Projection) => Math.abs(a[0] * b[1] - a[1] * b[0]);
const speciesOf = ({ structure }: Projection) =>
  structure.sites.map(({ species }) => species).sort();

Deno.test("projectCrystal: SrTiO3 along [001] is the built-in structure", () => {
  const { structure, layer } = project(titanate, 0, 0, 1);
  const known = structureNamed("SrTiO3-001", "auto");
  assertEquals(layer, false);
  assertEquals(speciesOf({ structure, layer }), known.sites.map(({ species }) => species).sort());
  assertClose(structure.period!, 0.3905, 1e-12);
  assertClose(heavySpacing(structure), 0.3905, 1e-12);
  for (const site of structure.sites) {
    const twin = known.sites.find(({ u, v }) => Math.hypot(u - site.u, v - site.v) < 1e-9)!;
    assertEquals([site.species, site.heavy], [twin.species, twin.heavy]);
    assertEquals(
      site.atoms.map(({ element, count }) => [element, count]),
      twin.atoms.map((one) => {
        return [one.element, one.count];
      }),
    );
  }
});

Deno.test("projectCrystal: gold along [110] is the built-in structure, two atoms a period in four", () => {
  const { structure } = project(gold, 1, 1, 0);
  const known = structureNamed("Au-110", "auto");
  // Our lattice is primitive: half the built-in cell.
  const half = Math.abs(known.a[0] * known.b[1] - known.a[1] * known.b[0]) / 2;
  assertClose(area({ structure, layer: false }) / structure.sites.length, half, 1e-4);
  assertClose(heavySpacing(structure), heavySpacing(known), 1e-4);
  const perLength = structure.sites[0].atoms[0].count / structure.period!;
  assertClose(perLength, 1 / known.period!, 1e-3 / known.period!);
});

Deno.test("projectCrystal: SrTiO3 along [110] has columns of SrO, Ti and O, two of it a period", () => {
  const found = project(titanate, 1, 1, 0);
  assertEquals(speciesOf(found), ["O", "SrO", "Ti"]);
  assertClose(found.structure.period!, 0.3905 * Math.SQRT2, 1e-12);
  const oxygen = found.structure.sites.find(({ species }) => species === "O")!;
  assertEquals(oxygen.atoms[0].count, 2);
  assertClose(oxygen.atoms[0].pitch, 0.3905 / Math.SQRT2, 1e-12);
});

Deno.test("projectCrystal: bulk MoS2 is one lattice of MoS2 columns, a layer has two kinds", () => {
  const bulk = project(molybdenite, 0, 0, 1);
  assertEquals(speciesOf(bulk), ["MoS2", "MoS2"]);
  assertEquals(bulk.layer, false);
  const single = project(monolayer, 0, 0, 1);
  assertEquals(speciesOf(single), ["Mo", "S2"]);
  assertEquals([single.layer, single.structure.period], [true, undefined]);
  const sulfur = single.structure.sites.find(({ species }) => species === "S2")!;
  assertClose(sulfur.atoms[0].pitch, 2 * 0.0783 * 2, 1e-9);
  assertClose(sulfur.z, 0, 1e-9);
  assertEquals(single.structure.sites.map(({ heavy }) => heavy), [true, false]);
  // A thickness does nothing to a layer.
  assertEquals(withThickness(single.structure, 50), single.structure);
});

Deno.test("withThickness puts as many atoms over each other as periods go into it", () => {
  const thick = withThickness(project(titanate, 0, 0, 1).structure, 10);
  assertEquals(thick.sites.map(({ atoms: [{ count }] }) => count), [26, 26, 26, 26]);
});

Deno.test("projectCrystal: along any axis the area times the period is the cell's volume", () => {
  const random = createRandom(1), whole = () => Math.round(8 * random() - 4);
  const cell = { a: 0.41, b: 0.53, c: 0.72, alpha: 80, beta: 102, gamma: 115 };
  const [, b, c] = cellVectors(cell), volume = cell.a * b[1] * c[2];
  const atoms = [atom("Au", 0.1, 0.2, 0.3), atom("C", 0.6, 0.5, 0.8), atom("Mo", 0.9, 0.1, 0.4)];
  for (let round = 0; round < 60; round++) {
    const axis = [whole(), whole(), whole()] as [number, number, number];
    if (axis.every((v) => v === 0)) continue;
    const found = project({ name: "", cell, atoms }, ...axis);
    assertClose(area(found) * found.structure.layerDistance, volume, 1e-9, axis.join());
    // Nothing is lost: the columns hold the atoms of one cell.
    const counts = found.structure.sites.flatMap((site) => site.atoms.map(({ count }) => count));
    assertClose(counts.reduce((sum, n) => sum + n, 0), 3, 1e-12);
    for (const { u, v } of found.structure.sites) assertTrue(Math.min(u, v) > -0.6);
  }
});

Deno.test("projectCrystal: the view is right-handed: from above, b of a monolayer turns left of a", () => {
  const { structure: { a, b } } = project(monolayer, 0, 0, 1);
  // y runs down, so that left of x is a negative y.
  assertTrue(a[0] * b[1] - a[1] * b[0] < 0);
  const below = project(monolayer, 0, 0, -1).structure;
  assertTrue(below.a[0] * below.b[1] - below.a[1] * below.b[0] !== 0);
});

Deno.test("projectCrystal: occupancies are chances, and two elements may share a place", () => {
  const alloy = cubic("alloy", 0.4, [atom("Mo", 0, 0, 0, 0.75), atom("Ti", 0, 0, 0, 0.25)]);
  const { structure: { sites } } = project(alloy, 0, 0, 1);
  assertEquals(sites.map(({ species }) => species), ["Mo0.75Ti0.25"]);
  assertEquals(sites[0].atoms.map(({ count }) => count), [0.75, 0.25]);
});

Deno.test("projectCrystal: atoms keep their motion, as a mean over a column, where all have one", () => {
  const moving = (w: number, motion?: number) => ({
    ...atom("Au", 0, 0, w),
    ...(motion === undefined ? {} : { motion }),
  });
  const motionOf = (...atoms: CrystalAtom[]) =>
    project(cubic("", 0.4, atoms), 0, 0, 1).structure.sites[0].atoms[0].motion;
  assertClose(motionOf(moving(0, 0.006), moving(0.5, 0.008))!, Math.sqrt(5e-5), 1e-12);
  assertEquals(motionOf(moving(0, 0.006), moving(0.5)), undefined);
  assertEquals(motionOf(moving(0, 0)), 0);
});

Deno.test("projectCrystal refuses axes that are none", () => {
  assertEquals(projectCrystal(gold, [0, 0, 0], scattering), undefined);
  assertEquals(projectCrystal(gold, [0.5, 0, 1], scattering), undefined);
});

Deno.test("projectCrystal: a multiple of an axis is the axis", () => {
  assertEquals(project(titanate, 0, 0, 5), project(titanate, 0, 0, 1));
});

Deno.test("unknownElements are those of no element", () => {
  assertEquals(unknownElements(cubic("", 1, [atom("Au", 0, 0, 0), atom("Qx", 0, 0, 0)])), ["Qx"]);
});
