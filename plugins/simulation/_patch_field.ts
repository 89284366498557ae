/**
 * Random surroundings of columns for training: support, contamination, and what detectors add.
 *
 * @module
 */
import { boxBlurTwice, gaussianBlur, normalRandom, poissonRandom, resample } from "@core/kernels";
import { type PatchColumns, ROLE, THIN } from "./_patch_columns.ts";

/** Everything of a patch but its columns; levels over the height of a column. */
export interface Field {
  readonly level: number;
  /** Contrast of the support's grain, over `level`. */
  readonly grain: number;
  /** How much the support varies in thickness: 0 not, 1 down to vacuum. */
  readonly relief: number;
  /** Brightness at one side over the other. */
  readonly gradient: number;
  readonly blobs: number;
  /** Standard deviation of the smallest, in spacings. */
  readonly leastBlob: number;
  readonly blobHeight: number;
}

/** This share of the empty patches shows vacuum, with clouds of contamination perhaps. */
const VACUUM = 0.35;

/** Draws the surroundings; single atoms and most empty patches have a support to be told from. */
export function drawField(kind: string, random: () => number): Field {
  const bare = kind === "atoms" || kind === "empty";
  const choice = random();
  const level = choice < 0.4
    ? 0.1 * random()
    : choice < 0.8
    ? 0.1 * Math.exp(Math.log(10) * random())
    : Math.exp(Math.log(6) * random());
  // atoms stand out from a thick support by a tenth of its brightness, as much as its own grain does
  const support = 0.4 * Math.exp(Math.log(40) * random());
  const supportGrain = random() < 0.9 ? 0.7 * random() ** 1.3 / support : 0;
  const isVacuum = kind === "empty" && random() < VACUUM;
  return {
    level: isVacuum ? 0.01 * Math.exp(Math.log(40) * random()) : bare ? support : level,
    grain: isVacuum ? 0 : bare ? supportGrain : random() < 0.3 ? 0.25 * random() : 0,
    relief: random() < (bare ? 0.6 : 0.2) ? random() : 0,
    gradient: random() < 0.6 ? 1 : Math.exp(Math.log(8) * random()),
    blobs: random() < (bare ? 0.4 : 0.6) ? 0 : poissonRandom(bare ? 4 : 2, random),
    leastBlob: bare ? 0.5 : 1.2,
    blobHeight: Math.exp(Math.log(0.1) + Math.log(40) * random()),
  };
}

/**
 * Adds support and contamination to the picture of the columns.
 *
 * Grain is white noise blurred to about the columns' width, as thin amorphous carbon looks; relief
 * the same blurred over many spacings.
 */
export function addFieldInPlace(
  expected: Float64Array,
  size: number,
  field: Field,
  sigma: number,
  spacing: number,
  random: () => number,
): void {
  const n = size * size;
  const relief = field.relief > 0 ? smoothNoise(size, 2 * spacing + 60 * random(), random) : null;
  const grain = field.grain > 0 ? grainOf(size, sigma, random) : null;
  const edge = random() < 0.3 ? 4 : 0.7; // how sharply the support ends
  for (let i = 0; i < n; i++) {
    let level = field.level;
    if (relief) level *= Math.max(0, Math.min(1, 1 - field.relief * (0.6 + edge * relief[i])));
    if (grain) level *= Math.max(0, 1 + field.grain * grain[i]);
    expected[i] += level;
  }
  for (let k = 0; k < field.blobs; k++) {
    addBlob(
      expected,
      size,
      spacing * (field.leastBlob + 6 * random() ** 2),
      field.blobHeight * (0.3 + random()),
      random,
    );
  }
}

/** Makes one side brighter than the other, so many times. */
export function shadeInPlace(
  expected: Float64Array,
  size: number,
  gradient: number,
  random: () => number,
): void {
  if (gradient === 1) return;
  const angle = 2 * Math.PI * random(), slope = Math.log(gradient) / size;
  const kx = slope * Math.cos(angle), ky = slope * Math.sin(angle);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      expected[y * size + x] *= Math.exp(kx * (x - size / 2) + ky * (y - size / 2));
    }
  }
}

/** Grain of several sizes, from half the columns' up, standard deviation 1. */
function grainOf(size: number, sigma: number, random: () => number): Float32Array {
  const fine = smoothNoise(size, Math.max(0.6, sigma * (0.4 + 1.1 * random())), random);
  const share = random(), wide = random() < 0.6;
  if (!wide) return fine;
  const middle = smoothNoise(size, sigma * (1.8 + random()), random);
  const coarse = smoothNoise(size, sigma * (4 + 4 * random()), random);
  const scale = 1 / Math.sqrt(share * share + 2 * (1 - share) ** 2);
  return fine.map((value, i) => scale * (share * value + (1 - share) * (middle[i] + coarse[i])));
}

/** Normal noise of mean 0 and standard deviation 1, smooth over `sigma` px. */
function smoothNoise(size: number, sigma: number, random: () => number): Float32Array {
  const noise = Float32Array.from({ length: size * size }, () => normalRandom(random));
  if (sigma > 6) boxBlurTwice(noise, size, size, Math.round(1.2 * sigma), noise);
  else gaussianBlur(noise, size, size, sigma, noise);
  let sum = 0, squares = 0;
  for (const value of noise) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / noise.length, spread = Math.sqrt(squares / noise.length - mean * mean);
  return noise.map((value) => (value - mean) / spread);
}

function addBlob(
  expected: Float64Array,
  size: number,
  sigma: number,
  height: number,
  random: () => number,
): void {
  const x0 = size * random(), y0 = size * random(), stretch = 0.6 + 0.8 * random();
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const r = ((x - x0) ** 2 + (stretch * (y - y0)) ** 2) / (2 * sigma * sigma);
      if (r < 12) expected[y * size + x] += height * Math.exp(-r);
    }
  }
}

/** How a patch is recorded. */
export interface Recording {
  /** Expected counts of a column's top. */
  readonly counts: number;
  readonly readNoise: number;
  /** Spread of gain and offset from row to row, over the mean level. */
  readonly rowNoise: number;
  /** Noise that goes on along the scan lines, over the mean level, and how far, px. */
  readonly streaks: number;
  readonly streakLength: number;
  /** Width of a blur after recording, px: resampled or filtered images. */
  readonly blur: number;
  readonly hotPixels: number;
  /** How many times larger than it was recorded an image is shown; and whether its pixels are repeated then. */
  readonly enlarged: number;
  readonly repeats: boolean;
  /** Share of the pixels that are clipped. */
  readonly clipped: number;
  readonly bar: boolean;
}

/** Draws how a patch is recorded. */
export function drawRecording(random: () => number): Recording {
  return {
    counts: Math.exp(Math.log(0.7) + Math.log(150 / 0.7) * random()),
    readNoise: random() < 0.5 ? 0 : 0.8 * random(),
    rowNoise: random() < 0.7 ? 0 : 0.06 * random(),
    streaks: random() < 0.75 ? 0 : 0.05 * random(),
    streakLength: 5 + 60 * random(),
    blur: random() < 0.7 ? 0 : 0.4 + 0.9 * random(),
    enlarged: random() < 0.85 ? 1 : 1 + 1.5 * random(),
    repeats: random() < 0.2,
    hotPixels: random() < 0.9 ? 0 : 0.002 * random(),
    clipped: random() < 0.9 ? 0 : 0.03 * random(),
    bar: random() < 0.07,
  };
}

/**
 * A single atom this many standard deviations over noise and texture is to be found: half of those that
 * people mark on carbon stand 5 out, and so does the brightest maximum of an empty field of 512 x 512 px.
 */
const SEEN = 4.6;

/** Below this share of what is to be found it is not. */
const UNSEEN = 0.75;

/** A share of the texture's pixels, how many standard deviations of a Gaussian it lies above. */
const BRIGHT_TEXTURE = { share: 0.995, deviations: 2.576 } as const;

/** Blurs of the difference of Gaussians that an atom is judged by, over the width of its picture. */
const JUDGED = { narrow: 0.75, wide: 1.8 } as const;

/**
 * Sets the roles of single atoms by how well they stand out, as somebody who marks them by hand sees it:
 * in a difference of Gaussians, over counting noise and over the texture around. (A lattice's columns
 * vouch for each other.)
 *
 * @param support size * size levels without the atoms
 */
export function judgeAtoms(
  { x, y, height, role }: PatchColumns,
  support: Float64Array,
  size: number,
  sigma: number,
  { counts, readNoise }: Recording,
): void {
  const a = JUDGED.narrow * sigma, b = JUDGED.wide * sigma;
  const narrow = new Float32Array(size * size), wide = new Float32Array(size * size);
  const level = Float32Array.from(support);
  gaussianBlur(level, size, size, a, narrow);
  gaussianBlur(level, size, size, b, wide);
  const texture = narrow.map((value, i) => value - wide[i]);
  const last = Math.floor(BRIGHT_TEXTURE.share * (texture.length - 1));
  const bright = texture.slice().sort()[last] / BRIGHT_TEXTURE.deviations;
  const whole = 1 / (1 + JUDGED.narrow ** 2) - 1 / (1 + JUDGED.wide ** 2);
  // of white noise of variance 1 a px
  const passed = (1 / (4 * a * a) + 1 / (4 * b * b) - 1 / (a * a + b * b)) / Math.PI;
  for (let i = 0; i < height.length; i++) {
    if (role[i] === ROLE.faint) continue;
    const column = Math.max(0, Math.min(size - 1, Math.round(x[i])));
    const at = Math.max(0, Math.min(size - 1, Math.round(y[i]))) * size + column;
    const noise = (Math.max(0, wide[at]) + readNoise ** 2 / counts) / counts * passed;
    const needed = SEEN * Math.sqrt(bright * bright + noise);
    const seen = height[i] * whole + texture[at];
    role[i] = seen > needed ? ROLE.column : seen < UNSEEN * needed ? ROLE.faint : ROLE.either;
  }
}

/**
 * Sets the roles of a particle's thin columns, which nothing else is said of yet: to be found where they stand
 * out as {@linkcode judgeAtoms} has it; where they do not they may be found or not.
 */
export function judgeThin(
  columns: PatchColumns,
  support: Float64Array,
  size: number,
  sigma: number,
  recording: Recording,
): void {
  const { x, y, height, role } = columns;
  const thin = [...role.keys()].filter((i) => role[i] === ROLE.either && height[i] < THIN);
  const pick = (values: readonly number[]) => thin.map((i) => values[i]);
  const judged = { x: pick(x), y: pick(y), height: pick(height), role: pick(role) };
  judgeAtoms(judged, support, size, sigma, recording);
  for (const [k, i] of thin.entries()) if (judged.role[k] === ROLE.column) role[i] = ROLE.column;
}

/** Counts a patch: from expected levels to pixels, where told so in fewer of them, with as many electrons. */
export function recordPatch(
  expected: Float64Array,
  size: number,
  recording: Recording,
  random: () => number,
  out: Float32Array,
): void {
  const { enlarged, repeats } = recording;
  if (enlarged > 1) {
    const small = Math.max(1, Math.round(size / enlarged));
    const levels = resample(Float32Array.from(expected), size, size, small, small);
    const counted = new Float32Array(small * small), counts = recording.counts * enlarged ** 2;
    countPixels(levels, small, { ...recording, counts }, random, counted);
    if (repeats) repeatPixels(counted, small, size, out);
    else out.set(resample(counted, small, small, size, size));
  } else {
    countPixels(expected, size, recording, random, out);
  }
  const bright = 10 * (out.reduce((sum, v) => sum + v, 0) / out.length + recording.counts);
  for (let k = Math.round(recording.hotPixels * out.length); k > 0; k--) {
    out[Math.floor(random() * out.length)] = bright * random();
  }
  if (recording.clipped > 0) clipInPlace(out, recording.clipped);
}

/** An enlarged patch, each of whose pixels is the nearest of the small one. */
function repeatPixels(pixels: Float32Array, small: number, size: number, out: Float32Array): void {
  const nearest = (at: number) => Math.floor((at + 0.5) * small / size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) out[y * size + x] = pixels[nearest(y) * small + nearest(x)];
  }
}

function countPixels(
  expected: Float64Array | Float32Array,
  size: number,
  recording: Recording,
  random: () => number,
  out: Float32Array,
): void {
  const { counts, readNoise, rowNoise, blur } = recording;
  const keeps = 1 - 1 / recording.streakLength,
    adds = recording.streaks * Math.sqrt(1 - keeps * keeps);
  for (let y = 0; y < size; y++) {
    let streak = recording.streaks * normalRandom(random);
    const gain = rowNoise > 0 ? Math.max(0, 1 + rowNoise * normalRandom(random)) : 1;
    for (let x = 0; x < size; x++) {
      const i = y * size + x;
      if (recording.streaks > 0) streak = keeps * streak + adds * normalRandom(random);
      const shade = Math.max(0, gain + streak);
      let value = poissonRandom(counts * shade * Math.max(0, expected[i]), random);
      if (readNoise > 0) value += readNoise * normalRandom(random);
      out[i] = value;
    }
  }
  if (blur > 0) gaussianBlur(out, size, size, blur, out);
}

/** Cuts off the brightest share of the pixels. */
function clipInPlace(pixels: Float32Array, share: number): void {
  const limit = Float32Array.from(pixels).sort()[Math.floor((1 - share) * (pixels.length - 1))];
  for (let i = 0; i < pixels.length; i++) if (pixels[i] > limit) pixels[i] = limit;
}

/** Burns a scale bar with something like digits above it in; columns under it may be found or not. */
export function burnBarInPlace(
  pixels: Float32Array,
  size: number,
  columns: { readonly x: number[]; readonly y: number[]; readonly role: number[] },
  random: () => number,
): void {
  let least = Infinity, largest = -Infinity;
  for (const value of pixels) {
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  const value = random() < 0.75 ? largest : least;
  const width = Math.round(size * (0.15 + 0.5 * random()));
  const height = 2 + Math.floor(8 * random());
  const left = Math.floor(random() * (size - width));
  const top = Math.floor(random() * (size - height));
  const boxes = [{ left, top, width, height }];
  const stroke = 2 + Math.floor(3 * random()), glyph = 4 * stroke;
  const letters = random() < 0.7 ? Math.floor(1 + 4 * random()) : 0;
  for (let k = 0; k < letters; k++) {
    const x0 = left + Math.round(1.5 * glyph * k), y0 = top - Math.round(1.8 * glyph);
    for (let part = 0; part < 5; part++) {
      const upright = random() < 0.5;
      boxes.push({
        left: x0 + Math.floor(random() * (glyph - stroke)),
        top: y0 + Math.floor(random() * (1.5 * glyph - stroke)),
        width: upright ? stroke : glyph >> 1,
        height: upright ? glyph >> 1 : stroke,
      });
    }
  }
  for (const box of boxes) {
    for (let y = Math.max(0, box.top); y < Math.min(size, box.top + box.height); y++) {
      for (let x = Math.max(0, box.left); x < Math.min(size, box.left + box.width); x++) {
        pixels[y * size + x] = value;
      }
    }
    for (let i = 0; i < columns.x.length; i++) {
      const x = columns.x[i], y = columns.y[i];
      const inside = x > box.left - 2 && x < box.left + box.width + 1 && y > box.top - 2 &&
        y < box.top + box.height + 1;
      if (inside) columns.role[i] = ROLE.either;
    }
  }
}
