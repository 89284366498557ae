/**
 * A crystal seen along a zone axis: its atoms projected to columns.
 *
 * @module
 */
import { atomicNumber, cellVectors, type Crystal } from "@core";
import { createKdTree, nearestDistances, neighborsWithin } from "@core/kernels";
import type { Atoms, Site, Structure } from "./_structures.ts";

type Vector = readonly [number, number, number];

/** Atoms closer than this in projection, nm, make one column. */
export const JOIN_NM = 0.03;

/** Heavy columns have at least this share of the scattering of the heaviest. */
const HEAVY = 0.8;

/** A gap along the beam of this much, nm, is vacuum around a layer and no part of a crystal. */
const VACUUM_NM = 0.6;

/** A crystal as columns. */
export interface Projection {
  readonly structure: Structure;
  /** Whether the cell holds a layer in vacuum, which is not repeated along the beam. */
  readonly layer: boolean;
}

/**
 * Projects a crystal along its zone axis [u v w], which points to the source.
 *
 * The cell is changed to one whose third vector is the axis, by whole numbers of determinant 1; the
 * first two, projected, are the two-dimensional lattice. x lies along the first of them.
 *
 * @param scatteringOf scattering of one atom of an element
 * @returns undefined for an axis of three zeros or fractions
 */
export function projectCrystal(
  crystal: Crystal,
  zoneAxis: Vector,
  scatteringOf: (element: string) => number,
): Projection | undefined {
  const axis = withoutFactor(zoneAxis);
  if (axis === undefined) return undefined;
  const vectors = cellVectors(crystal.cell);
  const inSpace = ([u, v, w]: Vector): Vector => [
    u * vectors[0][0] + v * vectors[1][0] + w * vectors[2][0],
    v * vectors[1][1] + w * vectors[2][1],
    w * vectors[2][2],
  ];
  const beam = inSpace(axis), period = Math.hypot(...beam);
  const up = scaled(beam, 1 / period);
  const across = (v: Vector): Vector => minus(v, scaled(up, dot(v, up)));
  const { p, q } = reduced(...completed(axis), (v) => across(inSpace(v)));
  const a3 = across(inSpace(p));
  const ex = scaled(a3, 1 / Math.hypot(...a3));
  // y runs down where the axis points to the viewer.
  const ey = cross(ex, up);
  const flat = (v: Vector): [number, number] => [dot(v, ex), dot(v, ey)];
  const a = flat(a3), b = flat(across(inSpace(q)));
  const determinant = a[0] * b[1] - a[1] * b[0];
  const places = crystal.atoms.map(({ element, u, v, w, occupancy, motion }) => {
    const r = inSpace([u, v, w]), [x, y] = flat(r);
    const fraction = (value: number) => wrapped(value / determinant);
    return {
      ...{ element, occupancy, motion },
      u: fraction(x * b[1] - y * b[0]),
      v: fraction(a[0] * y - a[1] * x),
      z: period * wrapped(dot(r, up) / period),
    };
  });
  const gap = widestGap(places.map(({ z }) => z), period);
  const layer = gap.width >= VACUUM_NM;
  // A layer in one piece: heights from the end of the gap on.
  const level = (z: number) => layer ? (z - gap.end + period) % period : z;
  const groups = joined(places.map((place) => ({ ...place, z: level(place.z) })), a, b);
  const columns = groups.map((group) => columnOf(group, layer ? 0 : period, scatteringOf));
  const most = Math.max(...columns.map(({ height }) => height));
  const mean = columns.reduce((sum, { z }) => sum + z, 0) / columns.length;
  const sites = columns.map((site): Site => ({
    ...site,
    z: layer ? site.z - mean : 0,
    height: site.height / most,
    heavy: site.height >= HEAVY * most,
  }));
  return {
    layer,
    structure: {
      ...{ a, b, sites, layerDistance: period },
      ...(layer ? {} : { period }),
      spacing: meanNearest(sites.filter(({ heavy }) => heavy), a, b),
    },
  };
}

/** Elements of a crystal that are none. */
export function unknownElements({ atoms }: Crystal): string[] {
  return [...new Set(atoms.map(({ element }) => element))].filter((e) => atomicNumber(e) === 0);
}

function withoutFactor(axis: Vector): Vector | undefined {
  if (!axis.every(Number.isInteger)) return undefined;
  const factor = axis.map(Math.abs).reduce(gcd);
  return factor === 0 ? undefined : scaled(axis, 1 / factor);
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Two whole vectors that make a cell of volume 1 with a third one without a common factor. */
function completed(axis: Vector): [Vector, Vector] {
  const [u, v, w] = axis;
  const [g, s, t] = extendedGcd(u, v);
  if (g === 0) return [[1, 0, 0], [0, Math.sign(w), 0]];
  // With e = (u / g, v / g, 0) and f = (-t, s, 0), e x f = (0, 0, 1); the axis is g e + (0, 0, w).
  const [, m, n] = extendedGcd(g, w);
  return [[-t, s, 0], [-n * u / g, -n * v / g, m]];
}

/** g = s a + t b, g >= 0. */
function extendedGcd(a: number, b: number): [number, number, number] {
  if (b === 0) return [Math.abs(a), Math.sign(a), 0];
  const [g, s, t] = extendedGcd(b, a % b);
  return [g, t, s - Math.trunc(a / b) * t];
}

/** The shortest two vectors of the lattice of p and q in projection (Lagrange and Gauss). */
function reduced(p: Vector, q: Vector, project: (v: Vector) => Vector): { p: Vector; q: Vector } {
  for (let round = 0; round < 1000; round++) {
    let fp = project(p), fq = project(q);
    if (dot(fq, fq) < dot(fp, fp) * (1 - 1e-9)) [p, q, fp, fq] = [q, p, fq, fp];
    const times = Math.round(dot(fp, fq) / dot(fp, fp) * (1 - 1e-9));
    if (times === 0) break;
    q = minus(q, scaled(p, times));
  }
  return { p, q };
}

/** A fraction from 0 to 1, with what is a rounding below 1 taken as 0. */
function wrapped(value: number): number {
  const fraction = value - Math.floor(value);
  return fraction > 1 - 1e-9 ? 0 : fraction;
}

/** The widest empty stretch of some heights that repeat. */
function widestGap(heights: readonly number[], period: number): { width: number; end: number } {
  const sorted = [...heights].sort((a, b) => a - b);
  let widest = { width: sorted[0] + period - sorted[sorted.length - 1], end: sorted[0] };
  for (let i = 1; i < sorted.length; i++) {
    const width = sorted[i] - sorted[i - 1];
    if (width > widest.width) widest = { width, end: sorted[i] };
  }
  return widest;
}

interface Place {
  readonly element: string;
  readonly occupancy: number;
  readonly motion: number | undefined;
  readonly u: number;
  readonly v: number;
  readonly z: number;
}

/** Groups of atoms that stand over each other; places of a group in one cell. */
function joined(
  places: readonly Place[],
  a: readonly [number, number],
  b: readonly [number, number],
): Place[][] {
  // Those within reach of the cell's border are there on both sides.
  const copies: Place[] = [], of: number[] = [];
  for (const [i, place] of places.entries()) {
    for (const u of [place.u - 1, place.u, place.u + 1]) {
      for (const v of [place.v - 1, place.v, place.v + 1]) {
        if (Math.min(u, v) < -0.5 || Math.max(u, v) > 1.5) continue;
        copies.push({ ...place, u, v });
        of.push(i);
      }
    }
  }
  const x = Float64Array.from(copies, ({ u, v }) => u * a[0] + v * b[0]);
  const y = Float64Array.from(copies, ({ u, v }) => u * a[1] + v * b[1]);
  const tree = createKdTree(x, y), taken = new Set<number>(), groups: Place[][] = [];
  const near = new Int32Array(copies.length);
  for (const [k, copy] of copies.entries()) {
    const home = copy.u === places[of[k]].u && copy.v === places[of[k]].v;
    if (!home || taken.has(of[k])) continue;
    const count = neighborsWithin(tree, x[k], y[k], JOIN_NM, -1, near);
    const group = [...near.subarray(0, count)].sort((i, j) => i - j).filter((j) => {
      if (taken.has(of[j])) return false;
      taken.add(of[j]);
      return true;
    });
    groups.push(group.map((j) => copies[j]));
  }
  return groups;
}

/** The column of a group of atoms; its height is its scattering. */
function columnOf(
  group: readonly Place[],
  period: number,
  scatteringOf: (element: string) => number,
): Site {
  const counts = new Map<string, Place[]>();
  for (const place of group) {
    counts.set(place.element, [...counts.get(place.element) ?? [], place]);
  }
  const heaviest = [...counts].sort(([one], [two]) => atomicNumber(two) - atomicNumber(one));
  const atoms = heaviest.map(([element, own]): Atoms => {
    const count = own.reduce((sum, { occupancy }) => sum + occupancy, 0);
    const heights = own.map(({ z }) => z);
    const apart = Math.max(...heights) - Math.min(...heights);
    const pitch = period > 0 ? period / own.length : own.length > 1 ? apart / (own.length - 1) : 0;
    const squares = own.map(({ motion = NaN }) => motion ** 2);
    const motion = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / own.length);
    return { element, count, pitch, ...(Number.isNaN(motion) ? {} : { motion }) };
  });
  const weights = group.map(({ element, occupancy }) => occupancy * scatteringOf(element));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const mean = (of: (place: Place) => number) =>
    group.reduce((sum, place, i) => sum + weights[i] * of(place), 0) / total;
  return {
    species: formula(atoms, period > 0),
    ...{ height: total, atoms, strength: 1, heavy: true },
    ...{ u: mean(({ u }) => u), v: mean(({ v }) => v), z: mean(({ z }) => z) },
  };
}

/** `S2` of two atoms over each other; of a thick crystal's column, `TiO2` as the smallest numbers. */
function formula(atoms: readonly Atoms[], repeats: boolean): string {
  const counts = atoms.map(({ count }) => count);
  const common = repeats && counts.every(Number.isInteger) ? counts.reduce(gcd) : 1;
  return atoms.map(({ element, count }) => element + countWord(count / common)).join("");
}

/** What stands behind a symbol in a formula; nothing for 1. */
export function countWord(count: number): string {
  return Math.abs(count - 1) < 0.005 ? "" : String(Number(count.toFixed(2)));
}

/** The mean distance of sites to the nearest one. */
function meanNearest(
  sites: readonly Site[],
  a: readonly [number, number],
  b: readonly [number, number],
): number {
  const shifts = [-1, 0, 1].flatMap((i) => [-1, 0, 1].map((j) => [i, j] as const));
  const all = shifts.flatMap(([i, j]) => sites.map(({ u, v }) => [u + i, v + j] as const));
  const x = Float64Array.from(all, ([u, v]) => u * a[0] + v * b[0]);
  const y = Float64Array.from(all, ([u, v]) => u * a[1] + v * b[1]);
  const distances = new Float64Array(all.length);
  nearestDistances(x, y, distances);
  const own = distances.subarray(4 * sites.length, 5 * sites.length); // those of the cell itself
  return own.reduce((sum, distance) => sum + distance, 0) / own.length;
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function minus(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function scaled(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}
