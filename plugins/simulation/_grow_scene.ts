/**
 * The specimen that the parameters of `simulation.scene` ask for.
 *
 * @module
 */
import { AdatomError, atomicNumber, cellVectors, type Crystal } from "@core";
import { createRandom } from "@core/kernels";
import { JOIN_NM, projectCrystal, unknownElements } from "./_crystal.ts";
import {
  append,
  carbonAtoms,
  cutVoids,
  growVoids,
  joinClose,
  joinGrains,
  keep,
  lineAcross,
  scatterAdatoms,
  scatterCarbon,
} from "./_defects.ts";
import { scatteringOf } from "./_scattering.ts";
import type { SceneParams } from "./_scene_params.ts";
import {
  type Box,
  growBlobs,
  growColumns,
  type Growth,
  kindsOf,
  type Places,
  type Specimen,
} from "./_specimen.ts";
import {
  heavySpacing,
  type Kind,
  kindOf,
  type Structure,
  structureNamed,
  withThickness,
} from "./_structures.ts";

const ID = "simulation.scene";

/** Thickness of crystals unless told, nm. */
const THICKNESS = 10;

/** More atoms of a support take minutes. */
const MOST_CARBON = 20_000_000;

/** Columns of two grains closer than this share of their usual distance are not both there. */
const GRAIN_APART = 0.75;

/** The structure that is asked for, as thick as asked for. */
export function structureOf(params: SceneParams, crystal: Crystal | undefined): Structure {
  const { structure: name, thickness } = params;
  if ((name === "crystal") !== (crystal !== undefined)) {
    throw new AdatomError("PARAM_CONFLICT", {
      cannot: "choose the structure",
      expected: 'structure "crystal" and an input "crystal" together',
      got: crystal === undefined ? "no such input" : `an input and structure "${name}"`,
      hint: crystal === undefined
        ? "give one with --in crystal=FILE.cif"
        : 'set structure to "crystal", or leave the input out',
    }, { stage: ID, param: "structure" });
  }
  const own = name === "crystal" ? projected(crystal!, params) : structureNamed(name, "auto");
  const thick = withThickness(own, thickness === "auto" ? THICKNESS : thickness);
  return withDopant(withFaint(thick, params), params);
}

/** The structure with the height of its faint columns as it is asked for. */
function withFaint(structure: Structure, params: SceneParams): Structure {
  const { faintHeight: height } = params;
  const heavy = structure.sites.find((site) => site.heavy);
  if (height === "auto" || heavy === undefined) return structure;
  const whole = brightnessOf(heavy, params);
  const sites = structure.sites.map((site) =>
    site.heavy ? site : { ...site, height, strength: height * whole / brightnessOf(site, params) }
  );
  return { ...structure, sites };
}

/** The structure with the element that is asked for in place of its heavy columns' atoms. */
function withDopant(structure: Structure, params: SceneParams): Structure {
  const { dopant, substitutions } = params;
  if (dopant === "auto") {
    if (structure.substitute !== undefined || substitutions === 0) return structure;
    throw new AdatomError("PARAM_CONFLICT", {
      cannot: "replace columns of a crystal",
      expected: "a dopant",
      got: '"auto"',
      hint: "set dopant to an element, or substitutions to 0",
    }, { stage: ID, param: "dopant" });
  }
  requireElement(dopant, "dopant");
  const heavy = structure.sites.find((site) => site.heavy);
  if (heavy === undefined) return structure;
  const [{ count, pitch }] = heavy.atoms;
  const height = scatteringOf(dopant, count, pitch, params) / brightnessOf(heavy, params);
  return { ...structure, substitute: kindOf(dopant, height, dopant, count, pitch) };
}

/** Scattering of a column. */
function brightnessOf({ atoms }: Kind, params: SceneParams): number {
  return atoms.reduce(
    (sum, { element, count, pitch }) => sum + scatteringOf(element, count, pitch, params),
    0,
  );
}

function requireElement(symbol: string, param: "dopant" | "adatomElement"): void {
  if (atomicNumber(symbol) > 0) return;
  throw new AdatomError("PARAM_RANGE", {
    cannot: `choose the element of the ${param === "dopant" ? "dopant" : "adatoms"}`,
    expected: "the symbol of a chemical element, as Pt",
    got: `"${symbol}"`,
  }, { stage: ID, param });
}

function projected(crystal: Crystal, params: SceneParams): Structure {
  const [unknown] = unknownElements(crystal);
  if (unknown !== undefined) {
    throw new AdatomError("PORT_TYPE", {
      cannot: `simulate "${crystal.name}"`,
      expected: "atoms of chemical elements",
      got: `"${unknown}"`,
      hint: "correct the symbol",
    }, { stage: ID, port: "crystal" });
  }
  const atoms = crystal.atoms.filter(({ occupancy }) => occupancy > 0);
  if (!(cellVectors(crystal.cell)[2][2] > 1e-3) || atoms.length === 0) {
    throw new AdatomError("PORT_TYPE", {
      cannot: `simulate "${crystal.name}"`,
      expected: "a cell with a volume, and atoms that are there",
      got: `the cell ${Object.values(crystal.cell).join(", ")} and ${atoms.length} atoms`,
      hint: "correct its angles and occupancies",
    }, { stage: ID, port: "crystal" });
  }
  const [u, v, w] = params.zoneAxis;
  const found = projectCrystal(
    { ...crystal, atoms },
    [u, v, w],
    (element) => scatteringOf(element, 1, 0, params),
  );
  if (found !== undefined) return found.structure;
  throw new AdatomError("PARAM_RANGE", {
    cannot: `look at "${crystal.name}" along a zone axis`,
    expected: "three whole numbers, not all 0",
    got: `[${params.zoneAxis.join(", ")}]`,
  }, { stage: ID, param: "zoneAxis" });
}

/** Random numbers of the parts of a specimen, each its own, so that one leaves the others alone. */
export interface SpecimenRandom {
  readonly layout: () => number;
  readonly clouds: () => number;
  readonly defects: () => number;
}

/**
 * Grows the specimen in a box, px of the first exposure.
 *
 * @param report called between the parts of the work, which may throw to stop
 */
export function growSpecimen(
  params: SceneParams,
  structure: Structure,
  growth: Growth,
  box: Box,
  random: SpecimenRandom,
  report: () => void,
): Specimen {
  const count = carbonAtoms(box, params.carbon, growth.scale);
  requireCarbon(count, params);
  const stream = () => createRandom(Math.floor(2 ** 53 * random.defects()));
  const [layers, grain, voids, edge, atoms, film] = Array.from({ length: 6 }, stream);
  const lattice = kindsOf(structure);
  let kinds: readonly Kind[] = lattice;
  let places = growLayers(params, structure, growth, box, random.layout, layers, report);
  if (params.grainAngle !== 0) {
    const turned = params.grainAngle * Math.PI / 180;
    const second = { ...growth, rotationRad: growth.rotationRad + turned };
    const line = lineAcross(0.3 + 0.4 * grain(), params.width, params.height, 0, grain);
    const other = growLayers(params, structure, second, box, grain, grain, report);
    places = joinGrains(places, other, line, (i, j) => {
      const heavy = lattice[i].height >= 0.8 && lattice[j].height >= 0.8;
      return GRAIN_APART * params.spacing * (heavy ? 1 : Math.SQRT1_2);
    });
  }
  report();
  places = cutVoids(places, growVoids(box, params.spacing, params.voids, voids));
  if (params.vacuum > 0) {
    const { width, height, spacing } = params;
    const line = lineAcross(params.vacuum, width, height, spacing, edge);
    places = keep(places, (x, y) => line(x, y) <= 0);
  }
  const adatom = kindOf(params.adatomElement, adatomHeight(params, lattice), params.adatomElement);
  if (params.adatoms > 0 || structure.sites.length === 0) {
    const single = scatterAdatoms(box, params.adatoms, growth.scale, atoms);
    places = append(places, single, kinds.length);
    kinds = [...kinds, adatom];
  }
  report();
  if (params.layers > 1 || params.adatoms > 0) {
    ({ places, kinds } = joinClose(places, kinds, JOIN_NM * growth.scale));
  }
  const reference = lattice.find((kind) => "heavy" in kind && kind.heavy) ?? adatom;
  const carbon = kindOf("C", 0.02, "C");
  return {
    ...tidied(places, kinds, reference, params.carbon > 0 ? carbon : undefined),
    support: scatterCarbon(box, count, film),
    blobs: growBlobs(box, params.spacing, params.contamination, random.clouds),
  };
}

/** Layers over each other, the first as it would be alone. */
function growLayers(
  params: SceneParams,
  structure: Structure,
  growth: Growth,
  box: Box,
  first: () => number,
  others: () => number,
  report: () => void,
): Places {
  const origin = [first(), first()] as const;
  let places: Places | undefined;
  for (let layer = 0; layer < params.layers; layer++) {
    const turns = params.stacking === "AA'" && layer % 2 === 1;
    const moves = params.stacking === "AB" ? layer / 3 : 0;
    const angle = layer * params.twist * Math.PI / 180 + (turns ? Math.PI : 0);
    const sign = turns ? -1 : 1;
    const own = layer === 0
      ? origin
      : [fraction(sign * origin[0] + moves), fraction(sign * origin[1] + 2 * moves)] as const;
    const z = (layer - (params.layers - 1) / 2) * structure.layerDistance;
    const turned = { ...growth, rotationRad: growth.rotationRad + angle };
    const random = layer === 0 ? first : others;
    const grown = growColumns(structure, turned, z, own, box, random);
    places = places === undefined ? grown : append(places, grown, 0);
    report();
  }
  return places!;
}

function fraction(value: number): number {
  return value - Math.floor(value);
}

/** Brightness of an adatom over a heavy column, where columns are Gaussians. */
function adatomHeight(params: SceneParams, lattice: readonly Kind[]): number {
  requireElement(params.adatomElement, "adatomElement");
  const heavy = lattice.find((kind) => "heavy" in kind && kind.heavy);
  if (heavy === undefined) return 1;
  return scatteringOf(params.adatomElement, 1, 0, params) / brightnessOf(heavy, params);
}

function requireCarbon(count: number, { carbon }: SceneParams): void {
  if (count <= MOST_CARBON) return;
  throw new AdatomError("PARAM_CONFLICT", {
    cannot: "lay a carbon film",
    expected: `at most ${MOST_CARBON} atoms in it`,
    got: `${count} atoms in ${carbon} nm`,
    hint: "lower carbon, or the field of view",
  }, { stage: ID, param: "carbon" });
}

/** Kinds that look alike as one, those that occur only; the support's kind last. */
function tidied(
  { x, y, kind }: Places,
  kinds: readonly Kind[],
  reference: Kind,
  support: Kind | undefined,
): Pick<Specimen, "x" | "y" | "kind" | "kinds" | "brightest"> {
  const keyOf = ({ species, height, atoms, strength }: Kind) =>
    JSON.stringify([species, height, atoms, strength]);
  const used = new Set(kind);
  const out: Kind[] = [reference], byKey = new Map([[keyOf(reference), 0]]);
  const place = kinds.map((own, k) => {
    if (!used.has(k)) return -1;
    const key = keyOf(own);
    if (!byKey.has(key)) {
      byKey.set(key, out.length);
      out.push(own);
    }
    return byKey.get(key)!;
  });
  if (support !== undefined) out.push(support);
  return { x, y, kind: kind.map((k) => place[k]), kinds: out, brightest: 0 };
}

/** The spacing of the heavy columns in nm. */
export function spacingInNm({ spacingNm }: SceneParams, structure: Structure): number {
  return spacingNm === "auto" ? heavySpacing(structure) : spacingNm;
}
