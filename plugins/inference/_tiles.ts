/**
 * Tiles: an image in pieces that overlap by as far as a network looks, so that the pieces of the map
 * fit together to what the whole would have given.
 *
 * @module
 */

/** A piece of an image, and the part of it whose result counts. */
export interface Tile {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** The part that counts, in px of the whole image. */
  readonly core: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
}

/**
 * The tiles of an image: as many as take the least work, none of more than `most` pixels.
 *
 * Origins and sizes are multiples of `multiple`, so that the network pools the same cells as in the
 * whole image. Width and height must be, too.
 *
 * @param halo how far the network looks, px; a multiple of `multiple`
 * @param most pixels of a tile, where the halo leaves room for less
 * @param wholeBelow an image of fewer pixels is not divided
 * @param atOnce how many tiles are inferred at once
 */
export function planTiles(
  width: number,
  height: number,
  multiple: number,
  halo: number,
  most: number,
  wholeBelow: number,
  atOnce: number,
): Tile[] {
  let best: Tile[] = [];
  let least = Infinity;
  const limit = (size: number) => Math.max(1, Math.ceil(size / Math.max(multiple, 64)));
  for (let nx = 1; nx <= limit(width); nx++) {
    const columns = cuts(width, nx, multiple, halo);
    const widest = Math.max(...columns.map(({ length }) => length));
    for (let ny = 1; ny <= limit(height); ny++) {
      const rows = cuts(height, ny, multiple, halo);
      const largest = widest * Math.max(...rows.map(({ length }) => length));
      const count = nx * ny;
      if (largest > most && count < limit(width) * limit(height)) continue;
      const rounds = width * height < wholeBelow ? count : Math.ceil(count / atOnce);
      const work = rounds * largest;
      if (work >= least) continue;
      least = work;
      best = rows.flatMap((row) => columns.map((column) => tileOf(column, row)));
    }
  }
  return best;
}

/** A stretch of an axis: from where, how long, and the part that counts. */
interface Cut {
  readonly start: number;
  readonly length: number;
  readonly coreStart: number;
  readonly coreLength: number;
}

function cuts(size: number, count: number, multiple: number, halo: number): Cut[] {
  const edge = (i: number) => Math.round(size * i / count / multiple) * multiple;
  return Array.from({ length: count }, (_, i) => {
    const from = i === 0 ? 0 : edge(i), to = i === count - 1 ? size : edge(i + 1);
    const start = Math.max(0, from - halo), end = Math.min(size, to + halo);
    return { start, length: end - start, coreStart: from, coreLength: to - from };
  });
}

function tileOf(column: Cut, row: Cut): Tile {
  return {
    x: column.start,
    y: row.start,
    width: column.length,
    height: row.length,
    core: {
      x: column.coreStart,
      y: row.coreStart,
      width: column.coreLength,
      height: row.coreLength,
    },
  };
}

/**
 * Tiles of one size for a network that takes no other; the last of a row or column lies further in.
 *
 * The image must be as large as a tile, and a tile larger than two halos.
 */
export function planFixedTiles(
  width: number,
  height: number,
  tileWidth: number,
  tileHeight: number,
  halo: number,
): Tile[] {
  const columns = fixedCuts(width, tileWidth, halo), rows = fixedCuts(height, tileHeight, halo);
  return rows.flatMap((row) => columns.map((column) => tileOf(column, row)));
}

function fixedCuts(size: number, length: number, halo: number): Cut[] {
  const found: Cut[] = [];
  for (let from = 0; from < size;) {
    const start = Math.max(0, Math.min(from - halo, size - length));
    const to = start + length >= size ? size : start + length - halo;
    found.push({ start, length, coreStart: from, coreLength: to - from });
    from = to;
  }
  return found;
}

/** Copies a tile out of an image. */
export function cropInto(
  pixels: Float32Array,
  width: number,
  tile: Pick<Tile, "x" | "y" | "width" | "height">,
  out: Float32Array,
): void {
  for (let y = 0; y < tile.height; y++) {
    const from = (tile.y + y) * width + tile.x;
    out.set(pixels.subarray(from, from + tile.width), y * tile.width);
  }
}

/**
 * Copies the part of a tile's result that counts to its place in the whole map.
 *
 * Positions are counted in the map's px: image px over `pool`.
 *
 * @param data the tile's result; its first value for this map at `offset`, `stride` from one to the next
 */
export function pasteCore(
  data: Float32Array,
  offset: number,
  stride: number,
  tile: Tile,
  pool: number,
  out: Float32Array,
  outWidth: number,
): void {
  const { core } = tile;
  const tileWidth = tile.width / pool;
  const x0 = core.x / pool, width = core.width / pool;
  const y0 = core.y / pool, height = core.height / pool;
  const left = (core.x - tile.x) / pool, top = (core.y - tile.y) / pool;
  for (let y = 0; y < height; y++) {
    let from = offset + stride * ((top + y) * tileWidth + left);
    const to = (y0 + y) * outWidth + x0;
    for (let x = 0; x < width; x++, from += stride) out[to + x] = data[from];
  }
}

/** Writes the image, extended to a size as large or larger by mirroring it at its right and lower border. */
export function padByReflection(
  pixels: Float32Array,
  width: number,
  height: number,
  outWidth: number,
  outHeight: number,
  out: Float32Array,
): void {
  for (let y = 0; y < outHeight; y++) {
    const row = reflected(y, height) * width, to = y * outWidth;
    for (let x = 0; x < width; x++) out[to + x] = pixels[row + x];
    for (let x = width; x < outWidth; x++) out[to + x] = pixels[row + reflected(x, width)];
  }
}

/** The index that mirroring at both ends, without repeating them, puts in place of one beyond. */
function reflected(i: number, size: number): number {
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const at = i % period;
  return at < size ? at : period - at;
}
