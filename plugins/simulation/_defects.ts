/**
 * What is done to grown columns: layers joined, grains, voids, an edge, adatoms, an amorphous support.
 *
 * @module
 */
import { selectValues } from "@core";
import { createKdTree, neighborsWithin } from "@core/kernels";
import { countWord } from "./_crystal.ts";
import type { Box, Places } from "./_specimen.ts";
import type { Atoms, Kind } from "./_structures.ts";

/** Atoms of amorphous carbon of 2 g/cm3, 1/nm3. */
const CARBON_DENSITY = 100;

/** Adatoms do not come closer to each other than this, nm. */
const ADATOM_APART = 0.25;

/** Columns in one list, the kinds of the later ones counted from `offset` on. */
export function append(first: Places, second: Places, offset: number): Places {
  const n = first.x.length, total = n + second.x.length;
  const x = new Float64Array(total), y = new Float64Array(total), kind = new Int32Array(total);
  x.set(first.x);
  y.set(first.y);
  kind.set(first.kind);
  x.set(second.x, n);
  y.set(second.y, n);
  for (let i = 0; i < second.kind.length; i++) kind[n + i] = second.kind[i] + offset;
  return { x, y, kind };
}

/** The columns for which a condition holds. */
export function keep(
  { x, y, kind }: Places,
  condition: (x: number, y: number, i: number) => boolean,
): Places {
  const kept: number[] = [];
  for (let i = 0; i < x.length; i++) if (condition(x[i], y[i], i)) kept.push(i);
  return {
    x: selectValues(x, kept),
    y: selectValues(y, kept),
    kind: Int32Array.from(kept, (i) => kind[i]),
  };
}

/**
 * Makes one column of those closer than `radius`, which cannot be told apart: at their mean, weighted
 * by height, of all their atoms.
 */
export function joinClose(
  { x, y, kind }: Places,
  kinds: readonly Kind[],
  radius: number,
): { places: Places; kinds: Kind[] } {
  const tree = createKdTree(x, y), near = new Int32Array(64);
  const taken = new Uint8Array(x.length), all = [...kinds], joinedAs = new Map<string, number>();
  const outX: number[] = [], outY: number[] = [], outKind: number[] = [];
  for (let i = 0; i < x.length; i++) {
    if (taken[i]) continue;
    const found = Math.min(near.length, neighborsWithin(tree, x[i], y[i], radius, i, near));
    const others = [...near.subarray(0, found)].filter((j) => !taken[j]).sort((a, b) => a - b);
    let weight = kinds[kind[i]].height, sumX = weight * x[i], sumY = weight * y[i];
    for (const j of others) {
      taken[j] = 1;
      const w = kinds[kind[j]].height;
      weight += w;
      sumX += w * x[j];
      sumY += w * y[j];
    }
    outX.push(others.length > 0 ? sumX / weight : x[i]);
    outY.push(others.length > 0 ? sumY / weight : y[i]);
    const members = [kind[i], ...others.map((j) => kind[j])].sort((a, b) => a - b);
    const key = members.join();
    if (members.length > 1 && !joinedAs.has(key)) {
      joinedAs.set(key, all.length);
      all.push(joinedKind(members.map((member) => kinds[member])));
    }
    outKind.push(joinedAs.get(key) ?? kind[i]);
  }
  const places = {
    x: Float64Array.from(outX),
    y: Float64Array.from(outY),
    kind: Int32Array.from(outKind),
  };
  return { places, kinds: all };
}

/** The kind of a column made of several. */
function joinedKind(members: readonly Kind[]): Kind {
  const atoms: Atoms[] = members.flatMap(({ atoms, strength }) =>
    atoms.map((own) => ({ ...own, count: own.count * strength }))
  );
  const counts = new Map<string, number>();
  for (const { species } of members) counts.set(species, (counts.get(species) ?? 0) + 1);
  const brightestFirst = [...new Map(
    [...members].sort((a, b) => b.height - a.height).map(({ species }) => [species, true]),
  ).keys()];
  return {
    species: brightestFirst.map((species) => speciesWord(species, counts.get(species)!)).join(""),
    height: members.reduce((sum, { height }) => sum + height, 0),
    atoms,
    strength: 1,
  };
}

/** `S4` for two of `S2`, `Mo2` for two of `Mo`, `(TiO)2` for two of `TiO`. */
function speciesWord(species: string, times: number): string {
  const [, letters, count] = /^([A-Z][a-z]?)(\d*)$/.exec(species) ?? [];
  if (letters === undefined) return times === 1 ? species : `(${species})${times}`;
  return letters + countWord(times * Number(count || 1));
}

/** A line across the field: what lies beyond it has a positive distance, px. */
export type Line = (x: number, y: number) => number;

/**
 * A line in a random direction that leaves a share of the field beyond it.
 *
 * @param roughness amplitude of its waves, px; they are 8 to 24 times as long
 */
export function lineAcross(
  share: number,
  width: number,
  height: number,
  roughness: number,
  random: () => number,
): Line {
  const angle = 2 * Math.PI * random(), c = Math.cos(angle), s = Math.sin(angle);
  const waves = [1, 1.7, 3].map((pitch) => ({
    amplitude: roughness * 0.5 * random(),
    rate: 2 * Math.PI * pitch / (24 * Math.max(roughness, 1e-9)),
    phase: 2 * Math.PI * random(),
  }));
  const plain = (x: number, y: number) => {
    const along = c * y - s * x;
    const wave = waves.reduce(
      (sum, w) => sum + w.amplitude * Math.sin(w.rate * along + w.phase),
      0,
    );
    return c * x + s * y + wave;
  };
  const grid = 64, distances = new Float64Array(grid * grid);
  for (let i = 0; i < distances.length; i++) {
    distances[i] = plain(
      (i % grid + 0.5) * width / grid,
      (Math.floor(i / grid) + 0.5) * height / grid,
    );
  }
  distances.sort();
  const rank = (1 - share) * (distances.length - 1);
  const level = distances[Math.round(rank)] + (share >= 1 ? -Infinity : 0);
  return (x, y) => plain(x, y) - level;
}

/** A hole with a wavy rim. */
export interface Void {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Waves of the rim: share of the radius and phase of the second, third and fourth harmonic. */
  readonly waves: readonly (readonly [number, number])[];
}

/** Scatters holes of 1 to 4 spacings over a box until they make up a share of its area. */
export function growVoids(box: Box, spacing: number, share: number, random: () => number): Void[] {
  const voids: Void[] = [];
  if (share === 0) return voids;
  const width = box.right - box.left, height = box.bottom - box.top;
  for (let area = 0; area < share * width * height;) {
    const radius = spacing * (1 + 3 * random());
    area += Math.PI * radius * radius;
    voids.push({
      x: box.left + width * random(),
      y: box.top + height * random(),
      radius,
      waves: [0, 1, 2].map(() => [0.15 * random(), 2 * Math.PI * random()] as const),
    });
  }
  return voids;
}

/** The columns that lie in no hole. */
export function cutVoids(places: Places, voids: readonly Void[]): Places {
  if (voids.length === 0) return places;
  const tree = createKdTree(places.x, places.y);
  const gone = new Uint8Array(places.x.length), near = new Int32Array(places.x.length);
  for (const { x, y, radius, waves } of voids) {
    const found = neighborsWithin(tree, x, y, 1.5 * radius, -1, near);
    for (let k = 0; k < found; k++) {
      const dx = places.x[near[k]] - x, dy = places.y[near[k]] - y, phi = Math.atan2(dy, dx);
      let rim = radius;
      for (let w = 0; w < waves.length; w++) {
        rim += radius * waves[w][0] * Math.cos((w + 2) * phi + waves[w][1]);
      }
      if (Math.hypot(dx, dy) < rim) gone[near[k]] = 1;
    }
  }
  return keep(places, (_x, _y, i) => gone[i] === 0);
}

/**
 * Two grains that meet at a line. Of two columns from either side that are too close, the one of the
 * second grain is left out.
 *
 * @param apart least distance of two kinds, px
 */
export function joinGrains(
  first: Places,
  second: Places,
  line: Line,
  apart: (kind: number, other: number) => number,
): Places {
  const here = keep(first, (x, y) => line(x, y) <= 0);
  const tree = createKdTree(here.x, here.y), near = new Int32Array(64);
  let farthest = 0;
  for (const i of new Set(here.kind)) {
    for (const j of new Set(second.kind)) farthest = Math.max(farthest, apart(i, j));
  }
  const there = keep(second, (x, y, i) => {
    if (line(x, y) <= 0) return false;
    const found = Math.min(near.length, neighborsWithin(tree, x, y, farthest, -1, near));
    for (let k = 0; k < found; k++) {
      const j = near[k], distance = Math.hypot(here.x[j] - x, here.y[j] - y);
      if (distance < apart(here.kind[j], second.kind[i])) return false;
    }
    return true;
  });
  return append(here, there, 0);
}

/** Single atoms at random places, none within 0.25 nm of another. */
export function scatterAdatoms(
  box: Box,
  perArea: number,
  scale: number,
  random: () => number,
): Places {
  const width = box.right - box.left, height = box.bottom - box.top;
  const wanted = perArea * width * height / scale ** 2;
  const side = ADATOM_APART * scale, across = Math.ceil(width / side) + 2;
  const cells = new Map<number, number[]>();
  const x: number[] = [], y: number[] = [];
  // Every try counts, so that dense ones end.
  for (let i = 0; i < Math.round(wanted); i++) {
    const px = box.left + width * random(), py = box.top + height * random();
    const cell = Math.floor((py - box.top) / side) * across + Math.floor((px - box.left) / side);
    const rivals = [-across, 0, across].flatMap((row) =>
      [-1, 0, 1].flatMap((column) => cells.get(cell + row + column) ?? [])
    );
    if (rivals.some((j) => Math.hypot(x[j] - px, y[j] - py) < side)) continue;
    cells.set(cell, [...cells.get(cell) ?? [], x.length]);
    x.push(px);
    y.push(py);
  }
  return { x: Float64Array.from(x), y: Float64Array.from(y), kind: new Int32Array(x.length) };
}

/** How many atoms of carbon lie over a box. */
export function carbonAtoms(box: Box, thickness: number, scale: number): number {
  const area = (box.right - box.left) * (box.bottom - box.top) / scale ** 2;
  return Math.round(CARBON_DENSITY * thickness * area);
}

/** Atoms of an amorphous film, anywhere. */
export function scatterCarbon(
  box: Box,
  count: number,
  random: () => number,
): { x: Float64Array; y: Float64Array } {
  const x = new Float64Array(count), y = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    x[i] = box.left + (box.right - box.left) * random();
    y[i] = box.top + (box.bottom - box.top) * random();
  }
  return { x, y };
}
