/**
 * Random arrangements of columns for training: lattices of any kind and what goes wrong in them.
 *
 * @module
 */
import { createKdTree, neighborsWithin, normalRandom, poissonRandom } from "@core/kernels";
import { heavySpacing, type Structure, structureNamed } from "./_structures.ts";

/** What a training patch shows. */
export const PATCH_KINDS = ["lattice", "grains", "bilayer", "particle", "atoms", "empty"] as const;
/** One of them. */
export type PatchKind = (typeof PATCH_KINDS)[number];

/** Whether a column is to be found: one that may be found or not takes no part in training. */
export const ROLE = { faint: 0, column: 1, either: 2 } as const;

/** Columns below this share of the brightest are not to be found; above the second they are. */
const FAINT_BELOW = 0.62, COLUMN_ABOVE = 0.72;

/** Columns around a patch, px; heights over those of the brightest species. */
export interface PatchColumns {
  readonly x: number[];
  readonly y: number[];
  readonly height: number[];
  readonly role: number[];
}

/** Where columns are laid: from -margin to size + margin. */
export interface PatchArea {
  readonly size: number;
  readonly margin: number;
  /** Nearest-neighbor distance of the columns to be found, px. */
  readonly spacing: number;
  /** Standard deviation of a column's picture, px. */
  readonly sigma: number;
}

/** Which lattices patches show: any but those held out, one structure, or those held out. */
export const LATTICES = ["any", "2H", "1T''", "held-out"] as const;
/** One of them. */
export type Lattices = (typeof LATTICES)[number];

/** Lays the columns of one patch. */
export function layColumns(
  kind: PatchKind,
  lattices: Lattices,
  area: PatchArea,
  random: () => number,
): PatchColumns {
  const columns: PatchColumns = { x: [], y: [], height: [], role: [] };
  if (kind === "empty" || kind === "atoms") {
    if (kind === "atoms") scatterAtoms(columns, area, random);
    if (random() < 0.5) {
      layFilm(columns, kind === "atoms" ? 0.02 + 0.16 * random() : 1, area, random);
    }
    return columns;
  }
  const structure = drawStructure(lattices, random);
  const first = drawGrowth(structure, area, random);
  if (kind === "grains") {
    layGrains(columns, structure, first, area, random);
  } else {
    layLattice(columns, structure, first, area, random, () => true);
    if (kind === "bilayer") {
      layLattice(columns, structure, secondLayer(first, random), area, random, () => true);
    }
  }
  if (kind !== "lattice") mergeWithin(columns, ONE * area.sigma);
  setRoles(columns);
  if (kind !== "lattice") doubtWithin(columns, TWO * area.sigma);
  if (kind === "particle") cutParticle(columns, area, random);
  else cutEdges(columns, area, random);
  return columns;
}

/** One site of a cell, as fractions of its vectors. */
interface Cell {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly sites: readonly { readonly u: number; readonly v: number; readonly height: number }[];
}

/** How a cell becomes columns: lengths in px. */
interface Growth {
  readonly angle: number;
  readonly scale: number;
  readonly stretch: number;
  readonly shear: number;
  readonly originU: number;
  readonly originV: number;
  readonly vacancies: number;
  readonly dopants: number;
  readonly dopantHeight: number;
  readonly scatter: number;
  readonly waves: readonly Wave[];
}

/** A long wave of displacement. */
interface Wave {
  readonly kx: number;
  readonly ky: number;
  readonly phase: number;
  readonly dx: number;
  readonly dy: number;
}

function drawStructure(lattices: Lattices, random: () => number): Cell {
  const choice = random();
  if (lattices === "held-out") return choice < 0.5 ? kagome() : snubSquare();
  if (lattices === "2H") return library(structureNamed("2H", 0.05 + 0.5 * random()));
  if (lattices === "1T''") return library(structureNamed("1T''", 0.03 + 0.12 * random()));
  if (choice < 0.14) return library(structureNamed("2H", 0.05 + 0.5 * random()));
  if (choice < 0.3) return library(structureNamed("2H", 0.35 + 0.2 * random())); // two sulfur atoms
  if (choice < 0.5) return library(structureNamed("1T''", 0.03 + 0.12 * random()));
  if (choice < 0.59) return library(structureNamed("hexagonal", "auto"));
  if (choice < 0.64) return library(structureNamed("square", "auto"));
  if (choice < 0.7) return honeycomb(0.5 + 0.5 * random());
  if (choice < 0.76) return perovskite(random);
  if (choice < 0.82) return centered(1.2 + 0.4 * random());
  return oblique(random);
}

const library = ({ a, b, sites }: Structure): Cell => ({ a, b, sites });

/** Two columns on a hexagonal lattice: graphene when they are equal. */
function honeycomb(second: number): Cell {
  return {
    a: [1, 0],
    b: [-0.5, Math.sqrt(0.75)],
    sites: [{ u: 1 / 3, v: 2 / 3, height: 1 }, { u: 2 / 3, v: 1 / 3, height: second }],
  };
}

/** ABO3 along [001]: A, B with oxygen, and faint oxygen. */
function perovskite(random: () => number): Cell {
  const oxygen = 0.02 + 0.2 * random();
  return {
    a: [1, 0],
    b: [0, 1],
    sites: [
      { u: 0, v: 0, height: 1 },
      { u: 0.5, v: 0.5, height: 0.3 + 0.5 * random() },
      { u: 0.5, v: 0, height: oxygen },
      { u: 0, v: 0.5, height: oxygen },
    ],
  };
}

/** A centered rectangle, as fcc along [110]. */
function centered(ratio: number): Cell {
  return {
    a: [1, 0],
    b: [0, ratio],
    sites: [{ u: 0, v: 0, height: 1 }, { u: 0.5, v: 0.5, height: 1 }],
  };
}

/** Triangles around hexagons, for validation only. */
function kagome(): Cell {
  return {
    a: [1, 0],
    b: [-0.5, Math.sqrt(0.75)],
    sites: [
      { u: 0.5, v: 0, height: 1 },
      { u: 0, v: 0.5, height: 1 },
      { u: 0.5, v: 0.5, height: 1 },
    ],
  };
}

/** Squares and triangles, five around each corner (3.3.4.3.4), for validation only. */
function snubSquare(): Cell {
  const u = (Math.sqrt(3) - 1) / 4; // edges of equal length
  return {
    a: [1, 0],
    b: [0, 1],
    sites: [
      { u, v: 0.5 - u, height: 1 },
      { u: 0.5 + u, v: u, height: 1 },
      { u: 1 - u, v: 0.5 + u, height: 1 },
      { u: 0.5 - u, v: 1 - u, height: 1 },
    ],
  };
}

/** Any cell with one to three columns that do not stand too close. */
function oblique(random: () => number): Cell {
  const angle = (60 + 60 * random()) * Math.PI / 180, length = 0.7 + 0.9 * random();
  const a: [number, number] = [1, 0];
  const b: [number, number] = [length * Math.cos(angle), length * Math.sin(angle)];
  const sites = [{ u: 0, v: 0, height: 1 }];
  const wanted = 1 + Math.floor(3 * random());
  for (let trial = 0; trial < 12 && sites.length < wanted; trial++) {
    const site = { u: random(), v: random(), height: random() < 0.5 ? 1 : 0.05 + 0.95 * random() };
    const close = sites.some((other) =>
      cellDistance(a, b, site.u - other.u, site.v - other.v) < 0.42
    );
    if (!close) sites.push(site);
  }
  return { a, b, sites };
}

/** The least length of a difference of sites, over neighboring cells. */
function cellDistance(
  a: readonly [number, number],
  b: readonly [number, number],
  u: number,
  v: number,
): number {
  let least = Infinity;
  for (let i = -2; i <= 2; i++) {
    for (let j = -2; j <= 2; j++) {
      if (u + i === 0 && v + j === 0) continue;
      const d = Math.hypot((u + i) * a[0] + (v + j) * b[0], (u + i) * a[1] + (v + j) * b[1]);
      if (d > 1e-9 && d < least) least = d;
    }
  }
  return least;
}

/** The mean nearest-neighbor distance of the columns to be found, in the cell's lengths. */
function cellSpacing({ a, b, sites }: Cell): number {
  return heavySpacing({
    a,
    b,
    sites: sites.map((site) => ({ ...site, heavy: site.height > COLUMN_ABOVE })),
  });
}

function drawGrowth(cell: Cell, { spacing }: PatchArea, random: () => number): Growth {
  const waves = random() < 0.5 ? [] : Array.from({ length: 2 }, () => {
    const k = 2 * Math.PI / (spacing * (8 + 20 * random())), direction = 2 * Math.PI * random();
    const size = 0.12 * spacing * random(), turn = 2 * Math.PI * random();
    return {
      kx: k * Math.cos(direction),
      ky: k * Math.sin(direction),
      phase: 2 * Math.PI * random(),
      dx: size * Math.cos(turn),
      dy: size * Math.sin(turn),
    };
  });
  return {
    angle: 2 * Math.PI * random(),
    scale: spacing / cellSpacing(cell),
    stretch: random() < 0.5 ? 1 : 0.9 + 0.2 * random(),
    shear: random() < 0.5 ? 0 : 0.12 * (random() - 0.5),
    originU: random(),
    originV: random(),
    vacancies: random() < 0.4 ? 0 : random() < 0.7 ? 0.04 * random() : 0.2 * random(),
    dopants: random() < 0.7 ? 0 : 0.08 * random(),
    dopantHeight: random() < 0.5 ? 0.1 + 0.5 * random() : 1.4 + 1.4 * random(),
    scatter: random() < 0.4 ? 0 : 0.045 * random(),
    waves,
  };
}

/** The widest range of twists of two layers, rad: 30 degrees to either side. */
const MOST_TWIST = Math.PI / 3;

/** The same lattice shifted, and perhaps twisted, as the second layer of two. */
function secondLayer(growth: Growth, random: () => number): Growth {
  const shifted = random() < 0.7;
  return {
    ...growth,
    originU: growth.originU + (shifted ? 1 / 3 : random()),
    originV: growth.originV + (shifted ? 2 / 3 : random()),
    angle: growth.angle + (shifted ? 0 : (random() - 0.5) * MOST_TWIST),
  };
}

function layLattice(
  out: PatchColumns,
  cell: Cell,
  growth: Growth,
  { size, margin }: PatchArea,
  random: () => number,
  keeps: (x: number, y: number) => boolean,
): void {
  const { scale, stretch, shear } = growth;
  const c = Math.cos(growth.angle), s = Math.sin(growth.angle);
  const place = ([x, y]: readonly [number, number]): [number, number] => {
    const px = scale * (c * x - s * y), py = scale * (s * x + c * y);
    return [px + shear * py, stretch * py];
  };
  const [ax, ay] = place(cell.a), [bx, by] = place(cell.b);
  const det = ax * by - ay * bx, middle = size / 2, reach = size / 2 + margin;
  const radius = reach * Math.SQRT2;
  const rangeU = Math.ceil(radius * Math.hypot(bx, by) / Math.abs(det)) + 2;
  const rangeV = Math.ceil(radius * Math.hypot(ax, ay) / Math.abs(det)) + 2;
  for (let i = -rangeU; i <= rangeU; i++) {
    for (let j = -rangeV; j <= rangeV; j++) {
      for (const site of cell.sites) {
        const u = i + site.u + growth.originU, v = j + site.v + growth.originV;
        let x = middle + u * ax + v * bx, y = middle + u * ay + v * by;
        if (Math.abs(x - middle) > reach || Math.abs(y - middle) > reach || !keeps(x, y)) continue;
        for (const wave of growth.waves) {
          const shift = Math.sin(wave.kx * x + wave.ky * y + wave.phase);
          x += wave.dx * shift;
          y += wave.dy * shift;
        }
        if (growth.scatter > 0) {
          x += growth.scatter * scale * normalRandom(random);
          y += growth.scatter * scale * normalRandom(random);
        }
        const fate = random();
        if (fate < growth.vacancies) continue;
        const doped = site.height > COLUMN_ABOVE && fate < growth.vacancies + growth.dopants;
        add(out, x, y, doped ? growth.dopantHeight : site.height);
      }
    }
  }
}

function add(out: PatchColumns, x: number, y: number, height: number): void {
  out.x.push(x);
  out.y.push(y);
  out.height.push(height);
  out.role.push(ROLE.column);
}

/** Two orientations on the two sides of a wavy line. */
function layGrains(
  out: PatchColumns,
  cell: Cell,
  first: Growth,
  area: PatchArea,
  random: () => number,
): void {
  const side = wavyLine(area, random);
  const turned = {
    ...first,
    angle: first.angle + (5 + 50 * random()) * Math.PI / 180,
    originU: random(),
    originV: random(),
  };
  layLattice(out, cell, first, area, random, (x, y) => side(x, y) >= 0);
  layLattice(out, cell, turned, area, random, (x, y) => side(x, y) < 0);
}

/** The signed distance from a wavy line through the patch, px. */
function wavyLine({ size, spacing }: PatchArea, random: () => number) {
  const angle = 2 * Math.PI * random(), c = Math.cos(angle), s = Math.sin(angle);
  const px = size * random(), py = size * random();
  const depth = spacing * random(), k = 2 * Math.PI / (spacing * (4 + 8 * random()));
  return (x: number, y: number) => {
    const along = -s * (x - px) + c * (y - py);
    return c * (x - px) + s * (y - py) + depth * Math.sin(k * along);
  };
}

/** Edges to vacuum and holes. */
function cutEdges(out: PatchColumns, area: PatchArea, random: () => number): void {
  if (random() < 0.15) {
    const side = wavyLine(area, random);
    keepWhere(out, (x, y) => side(x, y) >= 0);
  }
  if (random() < 0.15) {
    const count = 1 + Math.floor(3 * random());
    for (let k = 0; k < count; k++) {
      const x0 = area.size * random(), y0 = area.size * random();
      const radius = area.spacing * (0.8 + 3 * random());
      keepWhere(out, (x, y) => Math.hypot(x - x0, y - y0) > radius);
    }
  }
}

/** Columns at the rim of a particle below this height are to be found where they stand out; least height. */
export const THIN = 0.25;
const THINNEST = 0.05;

/** Most atoms at the surface of a particle that are in no place of its lattice. */
const STRAYS = 6;

/** A particle that gets thinner to its rim. */
function cutParticle(out: PatchColumns, area: PatchArea, random: () => number): void {
  const radius = area.spacing * (2 + 8 * random()), flat = 0.6 + 0.4 * random();
  const angle = Math.PI * random(), c = Math.cos(angle), s = Math.sin(angle);
  const x0 = area.size * (0.15 + 0.7 * random()), y0 = area.size * (0.15 + 0.7 * random());
  const slope = random() < 0.5 ? 0.5 : 0.15 + 0.85 * random();
  const far = (x: number, y: number) =>
    Math.hypot(c * (x - x0) + s * (y - y0), (c * (y - y0) - s * (x - x0)) / flat) / radius;
  for (let i = 0; i < out.x.length; i++) {
    const left = 1 - far(out.x[i], out.y[i]) ** 2;
    out.height[i] *= left <= 0 ? 0 : 0.15 + 0.85 * left ** slope;
    if (out.role[i] === ROLE.column && out.height[i] < THIN) out.role[i] = ROLE.either;
  }
  const heights = out.height.slice();
  let i = 0;
  keepWhere(out, () => heights[i++] > THINNEST);
  const thick = out.x.length, strays = Math.floor((STRAYS + 1) * random());
  for (let k = 0; k < strays && thick > 0; k++) {
    const near = Math.floor(thick * random()), before = out.x.length;
    scatterOne(out, area, near, THINNEST + 0.3 * random(), random);
    if (out.x.length > before && out.height[before] < THIN) out.role[before] = ROLE.either;
  }
}

/** The faintest of single atoms over most of them. */
const FAINTEST_ATOM = 0.4;

/** Single atoms, some in pairs and clusters; defocus and thickness make them differ in height. */
function scatterAtoms(out: PatchColumns, area: PatchArea, random: () => number): void {
  const side = area.size + 2 * area.margin;
  const dense = Math.exp(Math.log(0.012) + Math.log(12) * random()); // a share of close packing
  const count = poissonRandom(dense * (side / area.spacing) ** 2, random);
  const spread = 0.03 + 0.4 * random();
  for (let k = 0; k < count; k++) {
    const near = random() < 0.25 ? Math.floor(random() * out.x.length) : -1;
    const height = Math.max(FAINTEST_ATOM, 1 + spread * normalRandom(random));
    scatterOne(out, area, near, height, random);
  }
}

/** Atoms of a film in the area of a spacing, at least and at most, and most of them in a patch. */
const FILM = { least: 1, most: 30, count: 4000 } as const;

/** An amorphous film: light atoms anywhere, over each other too, whose speckle is not to be found. */
function layFilm(
  out: PatchColumns,
  height: number,
  { size, margin, spacing }: PatchArea,
  random: () => number,
): void {
  const side = size + 2 * margin;
  const dense = FILM.least * Math.exp(Math.log(FILM.most / FILM.least) * random());
  const count = Math.min(FILM.count, Math.round(dense * (side / spacing) ** 2));
  for (let k = 0; k < count; k++) {
    add(out, side * random() - margin, side * random() - margin, height);
    out.role[out.role.length - 1] = ROLE.faint;
  }
}

/** Lays one atom anywhere, or beside the one of index `near`; not where it would touch another. */
function scatterOne(
  out: PatchColumns,
  { size, margin, spacing }: PatchArea,
  near: number,
  height: number,
  random: () => number,
): void {
  const side = size + 2 * margin, turn = 2 * Math.PI * random(), step = spacing * (0.8 + random());
  const beside = near >= 0 && near < out.x.length;
  const x = beside ? out.x[near] + step * Math.cos(turn) : side * random() - margin;
  const y = beside ? out.y[near] + step * Math.sin(turn) : side * random() - margin;
  if (out.x.some((other, i) => Math.hypot(other - x, out.y[i] - y) < 0.75 * spacing)) return;
  add(out, x, y, height);
}

function setRoles(out: PatchColumns): void {
  for (let i = 0; i < out.height.length; i++) {
    const height = out.height[i];
    out.role[i] = height < FAINT_BELOW
      ? ROLE.faint
      : height > COLUMN_ABOVE
      ? ROLE.column
      : ROLE.either;
  }
}

/** Two columns nearer than the first are seen as one, than the second as one or two; in sigma. */
const ONE = 1.3, TWO = 2.3;

/** Joins columns nearer than `distance` px at their center of mass. */
export function mergeWithin(out: PatchColumns, distance: number): void {
  const gone = new Uint8Array(out.x.length);
  eachPairWithin(out, distance, (i, partner) => {
    if (gone[i] || gone[partner]) return;
    const whole = out.height[partner] + out.height[i];
    out.x[partner] += (out.x[i] - out.x[partner]) * out.height[i] / whole;
    out.y[partner] += (out.y[i] - out.y[partner]) * out.height[i] / whole;
    out.height[partner] = whole;
    gone[i] = 1;
  });
  let i = 0;
  keepWhere(out, () => gone[i++] === 0);
}

/** Columns to be found that are nearer than `distance` px may be found or not. */
export function doubtWithin(out: PatchColumns, distance: number): void {
  const close: [number, number][] = [];
  eachPairWithin(out, distance, (i, j) => {
    if (out.role[i] !== ROLE.faint && out.role[j] !== ROLE.faint) close.push([i, j]);
  });
  for (const [i, j] of close) out.role[i] = out.role[j] = ROLE.either;
}

/** Calls `visit` with each pair nearer than `distance` px, the earlier column second. */
function eachPairWithin(
  columns: PatchColumns,
  distance: number,
  visit: (i: number, earlier: number) => void,
): void {
  const x = Float64Array.from(columns.x), y = Float64Array.from(columns.y);
  const tree = createKdTree(x, y), near = new Int32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const count = neighborsWithin(tree, x[i], y[i], distance, i, near);
    near.subarray(0, count).sort();
    for (let k = 0; k < count && near[k] < i; k++) visit(i, near[k]);
  }
}

function keepWhere(
  { x, y, height, role }: PatchColumns,
  keeps: (x: number, y: number) => boolean,
): void {
  let kept = 0;
  for (let i = 0; i < x.length; i++) {
    if (!keeps(x[i], y[i])) continue;
    x[kept] = x[i];
    y[kept] = y[i];
    height[kept] = height[i];
    role[kept++] = role[i];
  }
  x.length =
    y.length =
    height.length =
    role.length =
      kept;
}
