import { createRandom } from "@core/kernels";
import { assertClose, assertEquals, assertTrue } from "@assert";
import {
  beamPlaces,
  imageX,
  scanFraction,
  scanView,
  viewPoints,
} from "../../../plugins/simulation/_scan.ts";

const WIDTH = 60, HEIGHT = 45;
const random = createRandom(4);
const between = (low: number, high: number) => low + (high - low) * random();
const draw = () => ({
  counts: 1,
  sigmaX: between(2, 4),
  sigmaY: between(1, 2),
  angle: between(0, Math.PI),
  driftX: between(-9, 9),
  driftY: between(-9, 9),
  moveX: between(-6, 6),
  moveY: between(-6, 6),
});

/** Rounding of a few products. */
const ROUNDING = 1e-10;

Deno.test("scanView shows a column where the beam meets it", () => {
  for (let round = 0; round < 50; round++) {
    const conditions = draw();
    const { driftX, driftY, moveX, moveY } = conditions;
    const px = Float64Array.of(between(0, WIDTH)), py = Float64Array.of(between(0, HEIGHT));
    const x = new Float64Array(1), y = new Float64Array(1);
    viewPoints(scanView(conditions, WIDTH, HEIGHT), px, py, x, y);
    const moved = scanFraction(x[0], y[0], WIDTH, HEIGHT) - 0.5;
    assertClose(x[0], px[0] + driftX + moved * moveX, ROUNDING);
    assertClose(y[0], py[0] + driftY + moved * moveY, ROUNDING);
  }
});

Deno.test("scanView shears columns as the motion does", () => {
  for (let round = 0; round < 50; round++) {
    const conditions = draw();
    const { driftX, driftY, moveX, moveY, sigmaX, sigmaY, angle } = conditions;
    const view = scanView(conditions, WIDTH, HEIGHT);
    const px = between(0, WIDTH), py = between(0, HEIGHT);
    const x = new Float64Array(1), y = new Float64Array(1);
    viewPoints(view, Float64Array.of(px), Float64Array.of(py), x, y);
    const u = x[0] + between(-4, 4), v = y[0] + between(-4, 4);
    // What the beam meets at (u, v): the place of the specimen under it, in the column's own frame.
    const moved = scanFraction(u, v, WIDTH, HEIGHT) - 0.5;
    const expected = ellipse(
      u - driftX - moved * moveX - px,
      v - driftY - moved * moveY - py,
      sigmaX,
      sigmaY,
      angle,
    );
    const { xx, xy, yy } = view.shape;
    const du = u - x[0], dv = v - y[0];
    assertClose(xx * du * du + 2 * xy * du * dv + yy * dv * dv, expected, ROUNDING);
    assertClose(ellipse(du, dv, view.sigmaX, view.sigmaY, view.angle), expected, ROUNDING);
  }
});

Deno.test("scanFraction is a half on the mean of all pixels", () => {
  let sum = 0;
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) sum += scanFraction(x, y, WIDTH, HEIGHT);
  }
  assertClose(sum / (WIDTH * HEIGHT), 0.5, ROUNDING);
});

function ellipse(dx: number, dy: number, sigmaX: number, sigmaY: number, angle: number): number {
  const c = Math.cos(angle), s = Math.sin(angle);
  return ((c * dx + s * dy) / sigmaX) ** 2 + ((c * dy - s * dx) / sigmaY) ** 2;
}

Deno.test("imageX is where the beam meets a place while it flies back", () => {
  for (const [flyback, decay] of [[3, 10], [9.9, 10], [0.01, 0.5], [99, 1000]]) {
    const rest = (u: number) => u + flyback * Math.exp(-u / decay);
    const x = Float64Array.from({ length: 300 }, () => between(-20, 400));
    imageX(x, flyback, decay).forEach((u, i) => {
      if (u > -Infinity) assertClose(rest(u), x[i], 1e-9 * 400);
      // Left of what the beam reaches there is nothing: the least of the way, by its derivative.
      else assertTrue(x[i] <= decay * (1 + Math.log(flyback / decay)));
    });
    // Pixels and places are the same function, read both ways.
    imageX(beamPlaces(50, flyback, decay)!, flyback, decay).forEach((u, i) => {
      assertClose(u, i, 1e-6);
    });
  }
});

Deno.test("without flyback pixels are where they seem", () => {
  const x = Float64Array.of(1.5, -3);
  assertEquals(imageX(x, 0, 10), x);
  assertEquals(beamPlaces(8, 0, 10), undefined);
});
