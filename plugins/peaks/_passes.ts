/**
 * Passes between regions: pixels from which one can climb to several of them.
 *
 * @module
 */
import { IntList } from "./_int_list.ts";
import { BORDER, neighborOf, type Volume } from "./_volume.ts";

/** Passes: pairs of regions (ids from 1, a pair may occur often) and the level of the pass. */
export interface Passes {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly level: Float32Array;
}

/** Sides of a pixel as bits of a mask, in the order of directions: N, NE, E, SE, S, SW, W, NW. */
const SIDES = 256;
/** Sides whose pixels come later in the image: of equal pixels they count as the higher ones. */
const LATER = [2, 3, 4, 5];
/** Number of separate groups of each mask, and the masks of up to 4 groups. */
const GROUPS = new Uint8Array(SIDES);
const GROUP = new Uint8Array(4 * SIDES);
for (let mask = 0; mask < SIDES; mask++) {
  for (let left = mask; left !== 0;) {
    // grown from the lowest side left: sides in a row touch, and so do N, E, S and W in turn
    let group = left & -left;
    for (let before = 0; before !== group;) {
      before = group;
      const faces = group & 0x55;
      const near = group << 1 | group >> 7 | group >> 1 | group << 7;
      const across = faces << 2 | faces >> 6 | faces >> 2 | faces << 6;
      group |= (near | across) & left;
    }
    GROUP[4 * mask + GROUPS[mask]++] = group;
    left &= ~group;
  }
}

/**
 * Passes enough to tell at which level any two regions of an image connect: the lowest on the best way
 * from pass to pass.
 *
 * Water that falls uncovers pixel after pixel. One whose higher neighbors touch each other connects
 * nothing that was apart; one with several groups of higher neighbors is a pass between their regions.
 * Noise has three of them to a maximum, where its regions touch in twenty pixels. O(n).
 *
 * @param labels id of each pixel's region by steepest ascent, 0 for none; an image, not a stack
 */
export function passesBetween(
  values: Float32Array,
  volume: Volume,
  flags: Uint8Array,
  labels: Int32Array,
): Passes {
  const { width, offset, length } = volume;
  const pixels = new IntList(), others = new IntList();
  for (let i = 0; i < length; i++) {
    const a = labels[i];
    if (a === 0) continue;
    const v = values[i];
    let mask = 0, isFlat = false;
    if ((flags[i] & BORDER) === 0) {
      const e = values[i + 1], se = values[i + width + 1];
      const s = values[i + width], sw = values[i + width - 1];
      if (values[i - width] > v) mask |= 1;
      if (values[i - width + 1] > v) mask |= 2;
      if (e >= v) mask |= 4;
      if (se >= v) mask |= 8;
      if (s >= v) mask |= 16;
      if (sw >= v) mask |= 32;
      if (values[i - 1] > v) mask |= 64;
      if (values[i - width - 1] > v) mask |= 128;
      isFlat = e === v || se === v || s === v || sw === v;
    } else {
      for (let d = 0; d < 8; d++) {
        const n = neighborOf(volume, i, d);
        if (n < 0) continue;
        if (values[n] > v || (values[n] === v && LATER.includes(d))) mask |= 1 << d;
        if (values[n] === v) isFlat = true;
      }
    }
    // the only group holds the neighbor that the pixel climbs to, unless that is no higher than it
    if (GROUPS[mask] === 1 && !isFlat) continue;
    for (let k = 0; k < GROUPS[mask]; k++) {
      const group = GROUP[4 * mask + k];
      let best = -1;
      for (let d = 0; d < 8; d++) {
        if ((group >> d & 1) === 0) continue;
        const n = i + offset[d];
        if (best < 0 || values[n] > values[best]) best = n;
      }
      if (labels[best] === a || labels[best] === 0) continue;
      pixels.push(i);
      others.push(best);
    }
  }
  const count = pixels.length;
  const first = new Int32Array(count), second = new Int32Array(count);
  const level = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    first[k] = labels[pixels.items[k]];
    second[k] = labels[others.items[k]];
    level[k] = values[pixels.items[k]];
  }
  return { first, second, level };
}
