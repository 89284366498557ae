import { type Crystal, type ParamsGiven, resolveParams } from "@core";
import { medianNearestDistance } from "@core/kernels";
import {
  assertAtLeast,
  assertAtMost,
  assertClose,
  assertEquals,
  assertFails,
  assertTrue,
} from "@assert";
import { digestValue } from "../../../core/store/digest.ts";
import { gaussian } from "../../../plugins/refinement/gaussian.ts";
import { scene } from "../../../plugins/simulation/scene.ts";
import { testContext } from "../../support/context.ts";

type Given = ParamsGiven<typeof scene.params>;

async function simulate(given: Given, seed = 1, crystal?: Crystal) {
  const { values, problems } = resolveParams(scene.params, given, scene.id);
  assertEquals(problems, []);
  const context = testContext(seed);
  return { ...await scene.run({ crystal }, values as never, context), context };
}

/** One exposure as the formula gives it: no noise, no jitter, fractions kept. */
const exact = {
  ...{ formation: "probe", width: 96, height: 80, exposures: 1, poisson: false, readNoise: 0 },
  ...{ offset: 0, rowJitter: 0, contamination: 0, vacancies: 0, sampleType: "float32" },
  background: 0,
} as const satisfies Given;

/** A lens without aberrations. */
const sharp = { twofold: 0, threefold: 0 } as const;

const countOf = (words: readonly string[], word: string) =>
  words.filter((one) => one === word).length;

/** Columns as refinement finds them, started beside the truth. */
async function refined(result: Awaited<ReturnType<typeof simulate>>) {
  const { exposures: { images: [image] }, truth: [{ columns, length }] } = result;
  const inner = [...Array(length).keys()].filter((i) =>
    Math.min(columns.x[i], columns.y[i]) > 20 && columns.x[i] < image.width - 20 &&
    columns.y[i] < image.height - 20
  );
  const pick = (name: "x" | "y" | "height") =>
    Float64Array.from(
      inner,
      (i, k) => columns[name][i] + (name === "height" ? 0 : (k % 3 - 1) / 2),
    );
  const peaks = {
    length: inner.length,
    columns: { x: pick("x"), y: pick("y"), height: pick("height") },
    units: { x: "px", y: "px", height: "counts" },
  };
  const given = { model: "elliptical", background: "constant" } as const;
  const { values } = resolveParams(gaussian.params, given, gaussian.id);
  const found = await gaussian.run({ image, peaks }, values as never, testContext());
  return { inner, columns, found: found.columns.columns };
}

/** The picture is no Gaussian, but as symmetric as one. */
const FIT_MISS = 0.002;

Deno.test("simulation.scene: refinement finds the truth of a probe's image without noise", async () => {
  for (const lens of [sharp, { ...sharp, defocus: 5 }, { threefold: 0, twofold: 4, defocus: 3 }]) {
    const given = { ...exact, ...lens, width: 160, height: 160, structure: "square" } as const;
    const { inner, columns, found } = await refined(
      await simulate({ ...given, spacing: 40, spacingNm: 0.8 }, 4),
    );
    assertAtLeast(inner.length, 6);
    inner.forEach((i, k) => {
      assertClose(found.x[k], columns.x[i], FIT_MISS);
      assertClose(found.y[k], columns.y[i], FIT_MISS);
    });
  }
});

Deno.test("simulation.scene: the truth's widths are those of the nearest Gaussian", async () => {
  const given = { ...exact, structure: "square", spacing: 40, spacingNm: 0.8 } as const;
  const lens = { twofold: 4, threefold: 0, defocus: 3 };
  const result = await simulate({ ...given, ...lens, width: 160, height: 160 }, 4);
  const { inner, columns, found } = await refined(result);
  inner.forEach((i, k) => {
    // Refinement fits a background as well, which the wings of the picture raise.
    assertClose(found.sigmaX[k] / columns.sigmaX[i], 1, 0.05);
    assertClose(found.sigmaY[k] / columns.sigmaY[i], 1, 0.05);
    assertClose(Math.sin(found.angle[k] - columns.angle[i]), 0, 0.02);
  });
  assertAtLeast(columns.sigmaX[0] / columns.sigmaY[0], 1.1);
});

Deno.test("simulation.scene: columns reach the counts of the exposure at their tops", async () => {
  const given = { ...exact, ...sharp, structure: "square", spacing: 40, spacingNm: 0.8 } as const;
  for (const defocus of [0, 4, 8]) {
    const { exposures: { images: [image] } } = await simulate({ ...given, defocus });
    // At most half a pixel from a column's center, and a little light of the others.
    assertClose(Math.max(...image.data), 60, 3);
  }
});

Deno.test("simulation.scene: the light of a column does not depend on focus", async () => {
  // One atom: counts at the top change with the current, so compare light over height.
  const given = { ...exact, ...sharp, structure: "square", spacing: 80, spacingNm: 1.6 } as const;
  const light = async (defocus: number) => {
    const size = { width: 160, height: 160 };
    const { exposures: { images: [image] } } = await simulate({ ...given, ...size, defocus }, 2);
    return image.data.reduce((sum, v) => sum + v, 0) / (160 * 160 / 6400);
  };
  const [focused, blurred] = [await light(0), await light(6)];
  // The current that gives 60 counts at the top rises as the top falls.
  assertAtLeast(blurred / focused, 1.5);
});

Deno.test("simulation.scene: a probe gives the same bytes for the same seed only", async () => {
  const given = { formation: "probe", width: 64, height: 48, exposures: 2, carbon: 1 } as const;
  const digest = async (seed: number) => {
    const { exposures, truth } = await simulate(given, seed);
    return digestValue([exposures, truth]);
  };
  const [one, again, other] = [await digest(7), await digest(7), await digest(8)];
  assertEquals(one, again);
  assertTrue(one !== other);
});

Deno.test("simulation.scene: noise and gain leave a probe's specimen, lens and drift alone", async () => {
  const given = { formation: "probe", width: 64, height: 48, exposures: 2, adatoms: 1 } as const;
  const quiet = { poisson: false, readNoise: 0, sampleType: "float32", gain: 7 } as const;
  const noisy = await simulate(given), clean = await simulate({ ...given, ...quiet });
  assertEquals(noisy.truth, clean.truth);
  assertEquals(noisy.drift, clean.drift);
  assertEquals(noisy.conditions, clean.conditions);
});

Deno.test("simulation.scene: both formations have one drift and one current", async () => {
  const given = { width: 48, height: 48, exposures: 4 };
  const probe = await simulate({ ...given, formation: "probe" }), plain = await simulate(given);
  assertEquals(probe.drift, plain.drift);
  assertEquals(probe.conditions.columns.counts, plain.conditions.columns.counts);
});

Deno.test("simulation.scene: lenses of exposures are in the conditions", async () => {
  const given = { ...exact, exposures: 5, defocus: -2, defocusRange: 8, twofold: 3, threefold: 20 };
  const { conditions: { columns: lens } } = await simulate(given);
  const { defocus, twofold, twofoldAngle, threefold, sigmaX } = lens as Record<
    string,
    Float64Array
  >;
  assertEquals([...defocus].sort((a, b) => a - b), [-2, 0, 2, 4, 6]);
  assertTrue(twofold.every((v) => v >= 0 && v <= 3) && new Set(twofold).size === 5);
  assertTrue(twofoldAngle.every((v) => v >= 0 && v < Math.PI));
  assertTrue(threefold.every((v) => v >= 0 && v <= 20));
  const widest = [...sigmaX.keys()].sort((a, b) => sigmaX[b] - sigmaX[a])[0];
  assertEquals(defocus[widest], 6);
  const single = await simulate({ ...given, exposures: 1 });
  assertEquals([...(single.conditions.columns as Record<string, Float64Array>).defocus], [-2]);
});

/** Columns of each species in a cell, and the cell's area, nm2. */
const CELLS = {
  "2H": [{ Mo: 1, S2: 1 }, 0.316 ** 2 * Math.sqrt(0.75)],
  "2H-WSe2": [{ W: 1, Se2: 1 }, 0.3282 ** 2 * Math.sqrt(0.75)],
  "1T''": [{ Re: 4, S: 8 }, 0.642 * 0.652 * Math.sin(118.9 * Math.PI / 180)],
  graphene: [{ C: 2 }, 0.246 ** 2 * Math.sqrt(0.75)],
  "SrTiO3-001": [{ Sr: 1, TiO: 1, O: 2 }, 0.3905 ** 2],
  "Au-110": [{ Au: 2 }, 0.4078 * 0.2884],
  hexagonal: [{ A: 1 }, 0.09 * Math.sqrt(0.75)],
  square: [{ A: 1 }, 0.09],
} as const;

Deno.test("simulation.scene: species of every structure, by number and brightness", async () => {
  for (const [structure, [cell, area]] of Object.entries(CELLS)) {
    const size = { width: 240, height: 240, spacing: 9 };
    const { truth: [{ columns }], exposures: { images: [image] } } = await simulate({
      ...{ ...exact, ...size, structure: structure as keyof typeof CELLS },
    });
    const cells = (240 * image.pixelSize!.x) ** 2 / area;
    for (const [word, number] of Object.entries(cell)) {
      // Cut by the border: a few columns more or less a side.
      const expected = number * cells;
      assertClose(countOf(columns.species, word), expected, 0.05 * expected, structure + word);
    }
    assertEquals([...new Set(columns.species)].sort(), Object.keys(cell).sort());
    const heavy = columns.height.filter((_, i) => columns.species[i] === Object.keys(cell)[0]);
    assertTrue(heavy.every((h) => Math.abs(h - 60) < 1e-9));
  }
});

Deno.test("simulation.scene: faint columns are as high as asked for, by either formation", async () => {
  for (const formation of ["gaussian", "probe"] as const) {
    for (const structure of ["2H", "1T''", "SrTiO3-001"] as const) {
      const given = { ...exact, structure, formation, faintHeight: 0.3 };
      const { truth: [{ columns }] } = await simulate(given);
      const heights = new Set(columns.height.map((h) => Math.round(1e6 * h) / 1e6));
      assertEquals([...heights].sort((a, b) => a - b), [18, 60]);
    }
  }
});

Deno.test("simulation.scene: two layers by stacking", async () => {
  const heights = async (stacking: "AA" | "AB" | "AA'") => {
    const { truth: [{ columns }] } = await simulate({ ...exact, layers: 2, stacking, spacing: 12 });
    return Object.fromEntries(columns.species.map((word, i) => [word, columns.height[i]]));
  };
  const single = await simulate({ ...exact, spacing: 12 });
  const { species, height } = single.truth[0].columns;
  const sulfur = height[species.indexOf("S2")];
  const aa = await heights("AA"), ab = await heights("AB"), turned = await heights("AA'");
  assertEquals(Object.keys(aa).sort(), ["Mo2", "S4"]);
  assertClose(aa.Mo2, 120, 1e-6);
  assertClose(aa.S4, 2 * sulfur, 1e-6);
  assertEquals(Object.keys(ab).sort(), ["Mo", "MoS2", "S2"]);
  assertEquals(Object.keys(turned), ["MoS2"]);
  assertClose(turned.MoS2, 60 + sulfur, 1e-6);
});

Deno.test("simulation.scene: a twisted layer is the same lattice, turned", async () => {
  const given = { ...exact, structure: "square", rotation: 10, width: 200, height: 200 } as const;
  const first = await simulate(given), both = await simulate({ ...given, layers: 2, twist: 25 });
  const species = both.truth[0].columns.species;
  const atoms = countOf(species, "A") + 2 * countOf(species, "A2");
  assertClose(atoms, 2 * first.truth[0].length, 0.05 * atoms);
  const alone = await simulate({ ...given, rotation: 35 });
  const { x, y } = both.truth[0].columns, step = [10, 0], turn = 35 * Math.PI / 180;
  const moved = [step[0] * Math.cos(turn), step[0] * Math.sin(turn)];
  // Most columns of the second layer have a neighbor one turned lattice vector away.
  let paired = 0;
  for (let i = 0; i < x.length; i++) {
    if (x.some((v, j) => Math.hypot(v - x[i] - moved[0], y[j] - y[i] - moved[1]) < 0.01)) paired++;
  }
  assertAtLeast(paired, 0.75 * alone.truth[0].length);
});

Deno.test("simulation.scene: a tilt shrinks across its axis and leaves it along", async () => {
  const given = { ...exact, structure: "square", rotation: 0, spacing: 20 } as const;
  for (const formation of ["gaussian", "probe"] as const) {
    const { truth: [{ columns: { x, y } }] } = await simulate({ ...given, formation, tilt: 30 });
    const steps = (values: Float64Array) => {
      const sorted = [...values].sort((a, b) => a - b);
      return Math.max(...sorted.slice(1).map((v, i) => v - sorted[i]));
    };
    assertClose(steps(x), 20, 1e-9);
    assertClose(steps(y), 20 * Math.cos(Math.PI / 6), 1e-9);
    const { truth: [{ columns }] } = await simulate({ ...given, tilt: 30, tiltAxis: 90 });
    assertClose(steps(columns.x), 20 * Math.cos(Math.PI / 6), 1e-9);
  }
});

Deno.test("simulation.scene: voids, an edge and a second grain in truth and image", async () => {
  const given = { ...exact, structure: "square", width: 200, height: 200, spacing: 8 } as const;
  const whole = (await simulate(given)).truth[0];
  const holed = (await simulate({ ...given, voids: 0.2 }, 3)).truth[0];
  assertTrue(holed.length > 0.7 * whole.length && holed.length < 0.95 * whole.length);
  const cut = await simulate({ ...given, vacuum: 0.4 });
  assertClose(cut.truth[0].length / whole.length, 0.6, 0.04);
  const dark = cut.exposures.images[0].data.filter((v) => v < 0.5).length;
  assertClose(dark / 40_000, 0.37, 0.06);
  const { x, y } = (await simulate({ ...given, grainAngle: 30, rotation: 0 })).truth[0].columns;
  assertAtLeast(x.length, 0.9 * whole.length);
  let closest = Infinity;
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) closest = Math.min(closest, Math.hypot(x[i] - x[j], y[i] - y[j]));
  }
  assertAtLeast(closest, 0.75 * 8 - 1e-9);
  const along = (angle: number) => {
    const dx = 8 * Math.cos(angle), dy = 8 * Math.sin(angle);
    return x.filter((v, i) => x.some((w, j) => Math.hypot(w - v - dx, y[j] - y[i] - dy) < 1e-6))
      .length;
  };
  const first = along(0), second = along(Math.PI / 6);
  assertClose((first + second) / x.length, 0.9, 0.1);
  assertAtLeast(Math.min(first, second), 0.2 * x.length);
});

Deno.test("simulation.scene: adatoms are in the truth, the carbon below them in the image only", async () => {
  const given = { ...exact, structure: "none", adatoms: 0.5, width: 200, height: 200 } as const;
  const bare = await simulate(given), film = await simulate({ ...given, carbon: 3 });
  assertEquals(bare.truth, film.truth);
  const { species, height } = bare.truth[0].columns;
  assertEquals([...new Set(species)], ["Pt"]);
  assertTrue(height.every((h) => Math.abs(h - 60) < 1e-9));
  const area = (200 * bare.exposures.images[0].pixelSize!.x) ** 2;
  assertClose(species.length, 0.5 * area, 4 * Math.sqrt(0.5 * area));
  const added = film.exposures.images[0].data.map((v, i) => v - bare.exposures.images[0].data[i]);
  const mean = added.reduce((sum, v) => sum + v, 0) / added.length;
  const variance = added.reduce((sum, v) => sum + (v - mean) ** 2, 0) / added.length;
  // 300 atoms a nm2, each with 1.7 % of a Pt atom's light: shot noise of its own.
  assertTrue(mean > 1 && mean < 10, `${mean}`);
  assertTrue(Math.sqrt(variance) > 0.05 * mean && Math.sqrt(variance) < 0.4 * mean);
});

Deno.test("simulation.scene: an adatom over a column is one column with it", async () => {
  const given = {
    ...exact,
    structure: "graphene",
    adatoms: 8,
    adatomElement: "Si",
    spacing: 9,
  } as const;
  const { truth: [{ columns }] } = await simulate({ ...given, width: 200, height: 200 });
  assertTrue(columns.species.includes("SiC") && columns.species.includes("Si"));
  const distance = medianNearestDistance(columns.x, columns.y);
  assertAtLeast(distance, 1);
});

Deno.test("simulation.scene: flyback bends rows, and truth says where columns are then", async () => {
  const flyback = 6, flybackDecay = 9;
  const bent = { ...exact, structure: "square", rotation: 0, flyback, flybackDecay } as const;
  const rest = (x: number) => x + flyback * Math.exp(-x / flybackDecay);
  for (const formation of ["gaussian", "probe"] as const) {
    const plain = await simulate({ ...exact, structure: "square", rotation: 0, formation });
    const { truth: [{ columns, length }], exposures: { images: [image] } } = await simulate({
      ...{ ...bent, formation },
    });
    assertAtLeast(length, 60);
    const known = plain.truth[0].columns;
    for (let i = 0; i < length; i++) {
      const j = known.site.indexOf(columns.site[i]);
      if (j >= 0) assertClose(rest(columns.x[i]), known.x[j], 1e-9);
    }
    // The image is that without flyback, seen at the beam's places; linear interpolation.
    const straight = plain.exposures.images[0].data;
    for (let v = 0; v < 80; v += 7) {
      for (let u = 0; u < 88; u++) {
        const at = rest(u), k = Math.floor(at), f = at - k;
        const value = (1 - f) * straight[v * 96 + k] + f * straight[v * 96 + k + 1];
        assertClose(image.data[v * 96 + u], value, 6);
      }
    }
  }
});

Deno.test("simulation.scene: gain multiplies electrons: variance over mean", async () => {
  const level = { ...exact, structure: "none", background: 1, poisson: true } as const;
  const { exposures: { images: [image] } } = await simulate({
    ...{ ...level, width: 200, height: 200, gain: 12, countsMin: 600, countsMax: 600 },
  });
  const n = image.data.length;
  const mean = image.data.reduce((sum, v) => sum + v, 0) / n;
  const variance = image.data.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
  // Five standard errors of 40 000 samples.
  assertClose(mean, 600, 5 * Math.sqrt(600 * 12 / n));
  assertClose(variance / mean, 12, 12 * 5 * Math.sqrt(2 / n) + 0.1);
  assertTrue(image.data.every((v) => v % 12 === 0));
});

const titanium: Crystal = {
  name: "rutile",
  cell: { a: 0.4594, b: 0.4594, c: 0.2959, alpha: 90, beta: 90, gamma: 90 },
  atoms: [[0, 0, 0, "Ti"], [0.5, 0.5, 0.5, "Ti"], [0.305, 0.305, 0, "O"], [0.695, 0.695, 0, "O"]]
    .concat([[0.195, 0.805, 0.5, "O"], [0.805, 0.195, 0.5, "O"]])
    .map(([u, v, w, element]) => ({ element, u, v, w, occupancy: 1 }) as Crystal["atoms"][number]),
};

Deno.test("simulation.scene: a crystal along its axis, thicker where asked for", async () => {
  const given = { ...exact, structure: "crystal", spacing: 14, width: 200, height: 200 } as const;
  const { truth: [{ columns }], exposures: { images: [image] } } = await simulate(
    given,
    1,
    titanium,
  );
  assertEquals([...new Set(columns.species)].sort(), ["O", "Ti"]);
  const cells = (200 * image.pixelSize!.x / 0.4594) ** 2;
  assertClose(countOf(columns.species, "Ti"), 2 * cells, 0.06 * 2 * cells);
  assertClose(countOf(columns.species, "O"), 4 * cells, 0.06 * 4 * cells);
  const along = await simulate({ ...given, zoneAxis: [1, 1, 0] }, 1, titanium);
  assertEquals([...new Set(along.truth[0].columns.species)].sort(), ["O", "Ti", "TiO2"]);
});

Deno.test("simulation.scene: a dopant stands in for heavy columns, as thick as they are", async () => {
  const given = { ...exact, substitutions: 0.3, dopant: "Nb", width: 200, height: 200 } as const;
  const layer = (await simulate(given)).truth[0].columns;
  assertEquals([...new Set(layer.species)].sort(), ["Mo", "Nb", "S2"]);
  assertClose(countOf(layer.species, "Nb") / (layer.species.length / 2), 0.3, 0.06);
  // Z is 41 against 42.
  const height = (word: string) => layer.height[layer.species.indexOf(word)];
  assertTrue(height("Nb") < height("Mo") && height("Nb") > 0.95 * height("Mo"));
  const thick = { ...given, structure: "crystal", dopant: "Ta" } as const;
  const { species, height: tops } = (await simulate(thick, 1, titanium)).truth[0].columns;
  assertEquals([...new Set(species)].sort(), ["O", "Ta", "Ti"]);
  assertAtLeast(tops[species.indexOf("Ta")] / tops[species.indexOf("Ti")], 4);
});

/** What cannot be simulated, and the message. */
const WRONG: readonly (readonly [string, Given, Crystal | undefined, string, string])[] = [
  [
    "a crystal that is not there",
    { structure: "crystal" },
    undefined,
    "PARAM_CONFLICT",
    'Cannot choose the structure: expected structure "crystal" and an input "crystal" together, ' +
    "got no such input; give one with --in crystal=FILE.cif",
  ],
  [
    "a crystal beside another structure",
    {},
    titanium,
    "PARAM_CONFLICT",
    'Cannot choose the structure: expected structure "crystal" and an input "crystal" together, ' +
    'got an input and structure "2H"; set structure to "crystal", or leave the input out',
  ],
  [
    "atoms of no element",
    { structure: "crystal" },
    { ...titanium, atoms: [{ ...titanium.atoms[0], element: "Xx" }] },
    "PORT_TYPE",
    'Cannot simulate "rutile": expected atoms of chemical elements, got "Xx"; correct the symbol',
  ],
  [
    "an axis of fractions",
    { structure: "crystal", zoneAxis: [1, 0.5, 0] },
    titanium,
    "PARAM_RANGE",
    'Cannot look at "rutile" along a zone axis: expected three whole numbers, not all 0, ' +
    "got [1, 0.5, 0]",
  ],
  [
    "a cell that does not close",
    { structure: "crystal" },
    { ...titanium, cell: { ...titanium.cell, alpha: 20, gamma: 120 } },
    "PORT_TYPE",
    'Cannot simulate "rutile": expected a cell with a volume, and atoms that are there, got the ' +
    "cell 0.4594, 0.4594, 0.2959, 20, 90, 120 and 6 atoms; correct its angles and occupancies",
  ],
  [
    "adatoms of no element",
    { adatoms: 1, adatomElement: "platinum" },
    undefined,
    "PARAM_RANGE",
    "Cannot choose the element of the adatoms: expected the symbol of a chemical element, as Pt, " +
    'got "platinum"',
  ],
  [
    "a dopant that is no element",
    { dopant: "Mo2" },
    undefined,
    "PARAM_RANGE",
    "Cannot choose the element of the dopant: expected the symbol of a chemical element, as Pt, got " +
    '"Mo2"',
  ],
  [
    "a crystal's columns replaced by nothing known",
    { structure: "crystal", substitutions: 0.1 },
    titanium,
    "PARAM_CONFLICT",
    'Cannot replace columns of a crystal: expected a dopant, got "auto"; set dopant to an element, or ' +
    "substitutions to 0",
  ],
  [
    "a bright field",
    { formation: "probe", convergence: 70 },
    undefined,
    "PARAM_CONFLICT",
    "Cannot see a dark field: expected a convergence below the detector's inner angle, and that " +
    "below the outer one, got 70, 60 and 200 mrad; change one of them",
  ],
  [
    "rows that go back",
    { flyback: 12, flybackDecay: 10 },
    undefined,
    "PARAM_CONFLICT",
    "Cannot scan rows: expected a flyback below its decay, 10 px, so that no place is seen twice, " +
    "got 12 px; lower flyback",
  ],
  [
    "a probe wider than any image",
    { formation: "probe", defocus: 900 },
    undefined,
    "PARAM_CONFLICT",
    "Cannot form a probe: expected one of at most 1024 samples, 6.47 nm, got 51.8 nm in exposure " +
    "0; lower defocus, aberrations or tilt",
  ],
  [
    "a carbon film of too many atoms",
    { carbon: 100, spacing: 2, width: 4096, height: 4096 },
    undefined,
    "PARAM_CONFLICT",
    "Cannot lay a carbon film: expected at most 20000000 atoms in it, got 4203914860 atoms in " +
    "100 nm; lower carbon, or the field of view",
  ],
];

for (const [what, given, crystal, code, message] of WRONG) {
  Deno.test(`simulation.scene refuses ${what}`, async () => {
    await assertFails(
      () => simulate({ exposures: 1, ...given }, 1, crystal),
      code as never,
      message,
    );
  });
}

Deno.test("simulation.scene: a probe's scene stops when it is cancelled", async () => {
  const controller = new AbortController();
  const context = testContext(1, controller.signal);
  const given = { formation: "probe", width: 96, height: 96, exposures: 3, carbon: 2 } as const;
  const { values } = resolveParams(scene.params, given, scene.id);
  const stopping = {
    ...context,
    progress: (fraction: number) => {
      if (fraction > 0.05) controller.abort(new Error("stop"));
      context.progress(fraction);
    },
  };
  let message = "";
  try {
    await scene.run({}, values as never, stopping);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(message, "stop");
  assertAtMost(context.fractions.at(-1)!, 0.05);
});
