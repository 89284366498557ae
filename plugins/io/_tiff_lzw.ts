/**
 * The LZW compression of TIFF.
 *
 * Our own, since geotiff's prints to the console about damaged data and takes five times as long.
 *
 * @module
 */

const CLEAR = 256;
const END = 257;

/**
 * Expands LZW data into `out` and returns the number of bytes written: fewer than `out` holds when
 * the data end early or are damaged.
 *
 * Codes of 9 to 12 bits, most significant bit first, that grow one code early. TIFF Revision 6.0
 * (Adobe, 1992), section 13. Cost: linear in the output.
 */
export function expandLzw(data: Uint8Array, out: Uint8Array): number {
  // A string of the table is a stretch of the output: where it starts and how long it is.
  const start = new Int32Array(4097);
  const length = new Int32Array(4097);
  let next = END + 1, width = 9;
  let previousStart = 0, previousLength = 0; // length 0: no string before this one
  let written = 0;
  let bits = 0, held = 0;
  for (let at = 0; written < out.length;) {
    while (held < width && at < data.length) {
      bits = (bits << 8 | data[at++]) & 0xffffff;
      held += 8;
    }
    if (held < width) break;
    held -= width;
    const code = (bits >> held) & ((1 << width) - 1);
    if (code === END) break;
    if (code === CLEAR) {
      next = END + 1;
      width = 9;
      previousLength = 0;
      continue;
    }
    const here = written;
    if (code < CLEAR) {
      out[written++] = code;
    } else {
      // The string just being made is the previous one and its own first byte.
      const isNew = code === next && previousLength > 0;
      if (code >= next && !isNew) break;
      const from = isNew ? previousStart : start[code];
      const end = Math.min(out.length, written + (isNew ? previousLength + 1 : length[code]));
      for (let i = from; written < end;) out[written++] = out[i++];
    }
    if (previousLength > 0 && next < 4096) {
      start[next] = previousStart;
      length[next] = previousLength + 1;
      next++;
    }
    previousStart = here;
    previousLength = written - here;
    if (next >= (1 << width) - 1 && width < 12) width++;
  }
  return written;
}
