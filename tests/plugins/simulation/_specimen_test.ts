import { createRandom } from "@core/kernels";
import { assertClose, assertEquals } from "@assert";
import { growColumns, type Growth, leanOf } from "../../../plugins/simulation/_specimen.ts";
import { kindOf, type Site, type Structure } from "../../../plugins/simulation/_structures.ts";

const site = (u: number, v: number, z: number): Site => ({
  ...kindOf("Mo", 1, "Mo"),
  ...{ u, v, z, heavy: true },
});

const structure: Structure = {
  a: [0.5, 0],
  b: [0.1, 0.6],
  sites: [site(0, 0, 0), site(0, 0, 0.2)],
  substitute: kindOf("W", 1, "W"),
  layerDistance: 0.6,
};
const growth: Growth = {
  ...{ scale: 20, rotationRad: 0.3, tiltRad: 0, tiltAxisRad: 0.5, vacancies: 0, substitutions: 0 },
};
const box = { left: -10, top: -5, right: 60, bottom: 70 };

const grow = (change: Partial<Growth>, z = 0) =>
  growColumns(structure, { ...growth, ...change }, z, [0, 0], box, createRandom(1));

Deno.test("growColumns fills a box, whatever the tilt and the height of a layer", () => {
  const area = (box.right - box.left) * (box.bottom - box.top);
  for (const tiltRad of [0, 0.5, 1]) {
    for (const z of [0, 3, -3]) {
      const { x } = grow({ tiltRad }, z);
      const cell = 0.5 * 0.6 * 20 ** 2 * Math.cos(tiltRad);
      assertClose(x.length, 2 * area / cell, 0.12 * x.length);
    }
  }
});

Deno.test("growColumns: what lies above moves across the tilt axis, and is seen as leanOf says", () => {
  const { x, y, kind } = grow({ tiltRad: 0.2 });
  const lean = leanOf({ ...growth, tiltRad: 0.2 });
  // Across the axis, by the sine of the tilt.
  assertClose(lean.x * Math.cos(0.5) + lean.y * Math.sin(0.5), 0, 1e-12);
  assertClose(Math.hypot(lean.x, lean.y), Math.sin(0.2), 1e-12);
  let pairs = 0;
  for (let i = 0; i + 1 < x.length; i++) {
    if (kind[i] !== 0 || kind[i + 1] !== 1) continue;
    pairs++;
    assertClose(x[i + 1] - x[i], 20 * 0.2 * lean.x, 1e-9);
    assertClose(y[i + 1] - y[i], 20 * 0.2 * lean.y, 1e-9);
  }
  assertEquals(pairs > 30, true);
});
