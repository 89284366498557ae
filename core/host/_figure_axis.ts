/**
 * Axes of figures: which values they span, and the ticks on them.
 *
 * @module
 */
import type { FigureAxis } from "../data/figure.ts";

/** The values an axis spans. */
export interface AxisRange {
  readonly from: number;
  readonly to: number;
  readonly log: boolean;
}

/** A mark on an axis. */
export interface Tick {
  readonly at: number;
  readonly label: string;
}

/** Room at both ends, as a share of what the values span. */
const ROOM = 0.05;
/** Numbers beyond this are drawn here, so that differences stay finite. */
const LARGEST = 1e300;
/** Less than this share of the numbers themselves is no span: it would be rounding; nor is less than the second. */
const SMALLEST_SPAN = 1e-9, LEAST_SPAN = 1 / LARGEST;
/** An axis of fewer decades than this has ticks between the powers of ten too. */
const FEW_DECADES = 2.5;

/** The range that shows all values an axis can show, with some room; `base` is one without room. */
export function axisRange(
  { scale, from, to }: FigureAxis,
  values: Iterable<number>,
  base?: number,
): AxisRange {
  const log = scale === "log";
  let low = Infinity, high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value) || (log && value <= 0)) continue;
    const bounded = Math.max(-LARGEST, Math.min(LARGEST, value));
    low = Math.min(low, bounded);
    high = Math.max(high, bounded);
  }
  if (low > high) [low, high] = log ? [1, 10] : [0, 1];
  if (log) {
    const room = Math.max(ROOM * (Math.log(high) - Math.log(low)), Math.log(1.2));
    const within = (value: number) => Math.max(1 / LARGEST, Math.min(LARGEST, value));
    const start = within(low * Math.exp(-room)), end = within(high * Math.exp(room));
    return range(from, to, start, end > start ? end : 2 * start, log);
  }
  const size = Math.max(Math.abs(low), Math.abs(high));
  const span = high - low;
  const isSpan = span > Math.max(SMALLEST_SPAN * size, LEAST_SPAN);
  const room = isSpan ? ROOM * span : size > LEAST_SPAN ? 0.1 * size : 1;
  const end = high === base && isSpan ? high : high + room;
  return range(from, to, low === base ? low : low - room, end, log);
}

/** The given ends where they make sense, the others where not. */
function range(
  from: number | undefined,
  to: number | undefined,
  low: number,
  high: number,
  log: boolean,
): AxisRange {
  const fine = (value: number | undefined): value is number =>
    value !== undefined && (!log || value >= 1 / LARGEST) && Math.abs(value) <= LARGEST;
  const start = fine(from) ? from : low, end = fine(to) ? to : high;
  const isSpan = log ? start < end : end - start > LEAST_SPAN;
  return isSpan ? { from: start, to: end, log } : { from: low, to: high, log };
}

/** Both linear ranges, the one with room to spare widened, so that a unit has one length. */
export function equalRanges(
  x: AxisRange,
  y: AxisRange,
  width: number,
  height: number,
): readonly [AxisRange, AxisRange] {
  if (x.log || y.log) return [x, y];
  const unit = Math.max((x.to - x.from) / width, (y.to - y.from) / height);
  const widen = ({ from, to }: AxisRange, length: number): AxisRange => {
    const center = from + (to - from) / 2;
    return { from: center - unit * length / 2, to: center + unit * length / 2, log: false };
  };
  return [widen(x, width), widen(y, height)];
}

/** Whether an axis can show a value. */
export function canShow({ log }: AxisRange, value: number): boolean {
  return !log || value > 0;
}

/** Where a value lies in a range: 0 at its start, 1 at its end. */
export function placeIn({ from, to, log }: AxisRange, value: number): number {
  return log
    ? (Math.log(value) - Math.log(from)) / (Math.log(to) - Math.log(from))
    : (value - from) / (to - from);
}

/**
 * Ticks at round numbers.
 *
 * @param most largest number of ticks that may be
 */
export function ticksOf(range: AxisRange, most: number): Tick[] {
  if (range.log) {
    const ticks = logTicks(range, most);
    if (ticks.length >= 2) return ticks;
  }
  const step = roundStep((range.to - range.from) / most);
  const ticks = linearTicks(range, most, step);
  // of two ticks the step may be longer than the range, and miss it
  return ticks.length > 0 ? ticks : linearTicks(range, most, roundStep(step / 2.5));
}

function linearTicks({ from, to }: AxisRange, most: number, step: number): Tick[] {
  const first = Math.ceil(from / step - 1e-9), last = Math.floor(to / step + 1e-9);
  const ticks: Tick[] = [];
  for (let i = first; i <= last && ticks.length <= most; i++) {
    ticks.push({ at: i * step, label: numberLabel(i * step, step) });
  }
  return ticks;
}

function logTicks({ from, to }: AxisRange, most: number): Tick[] {
  const first = Math.ceil(Math.log10(from) - 1e-9), last = Math.floor(Math.log10(to) + 1e-9);
  const every = Math.ceil((last - first + 1) / most);
  const few = Math.log10(to) - Math.log10(from) < FEW_DECADES && 3 * (last - first + 2) <= most + 3;
  const ticks: Tick[] = [];
  for (let power = first - 1; power <= last; power++) {
    for (const digit of few ? [1, 2, 5] : [1]) {
      const at = Number(`${digit}e${power}`);
      if (at < from || at > to || (power - first) % every !== 0) continue;
      ticks.push({ at, label: numberLabel(at, at) });
    }
  }
  return ticks;
}

/** The least of 1, 2 and 5 times a power of ten that is not below a number. */
function roundStep(least: number): number {
  const power = Math.floor(Math.log10(least));
  for (const digit of [1, 2, 5]) {
    const step = Number(`${digit}e${power}`);
    if (step >= least * (1 - 1e-9)) return step;
  }
  return Number(`1e${power + 1}`);
}

/** A number to the digits of a step, with a minus sign of full width. */
export function numberLabel(value: number, step: number): string {
  const size = Math.abs(value);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const text = size < step * 1e-6
    ? "0"
    : size >= 1e6 || digits > 5
    ? shortExponent(value, step)
    : value.toFixed(digits);
  return text.replace("-", "\u2212").replace("e-", "e\u2212");
}

function shortExponent(value: number, step: number): string {
  const digits = Math.floor(Math.log10(Math.abs(value)) + 1e-9) -
    Math.floor(Math.log10(step) + 1e-9);
  return value.toExponential(Math.max(0, Math.min(15, digits))).replace("e+", "e");
}
