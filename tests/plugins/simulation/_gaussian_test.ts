/**
 * Scenes of Gaussians are the same bytes in every version of the stage: sets made with them stay valid.
 */
import { type ParamsGiven, resolveParams } from "@core";
import { createRandom } from "@core/kernels";
import { assertClose, assertEquals } from "@assert";
import { digestValue } from "../../../core/store/digest.ts";
import {
  addGaussiansInPlace,
  addWarpedGaussiansInPlace,
  firstFrom,
  REACH_SIGMAS,
} from "../../../plugins/simulation/_gaussian.ts";
import { scene } from "../../../plugins/simulation/scene.ts";
import { testContext } from "../../support/context.ts";

/** Settings, and the digests that version 1.0.0 made of all its outputs. */
const SCENES: readonly (readonly [ParamsGiven<typeof scene.params>, string])[] = [
  [{}, "b4a669194d04f97fb900fb810116d64a199f80e2b54797f1f3ebb56f3462da59"],
  [{
    structure: "1T''",
    exposures: 3,
    driftTotal: 8,
    scanDrift: 0.5,
    substitutions: 0.1,
  }, "25a604cb20fb5118191a49f376a5ece6a7b8ec3e96e2dd57e61465335b43cfe2"],
  [{
    structure: "hexagonal",
    sampleType: "float32",
    exposures: 2,
    poisson: false,
    rotation: 10,
  }, "fe91a1910f16e3925a22b0c3e7e3387b26b94af0d780ceb07122aaed756c4732"],
  [{
    structure: "square",
    sampleType: "uint8",
    exposures: 2,
    faintHeight: 0.1,
    contamination: 0,
  }, "6b1683a7bd72c5b05c482ab1719741e18a198eda54baaf5c20c17bfa426ddc81"],
];

for (const [given, digest] of SCENES) {
  Deno.test(`addGaussiansInPlace: scene 1.0.0 of ${JSON.stringify(given)}`, async () => {
    const { values } = resolveParams(scene.params, { width: 96, height: 80, ...given }, scene.id);
    assertEquals(digestValue(await scene.run({}, values as never, testContext(3))), digest);
  });
}

const WIDTH = 31, HEIGHT = 19;

Deno.test("addWarpedGaussiansInPlace draws the formula at the beam's places", () => {
  const random = createRandom(6);
  for (let round = 0; round < 20; round++) {
    const n = 6,
      of = (low: number, span: number) =>
        Float64Array.from({ length: n }, () => low + span * random());
    const x = of(-5, WIDTH + 10), y = of(-5, HEIGHT + 10), tops = of(0, 3);
    const rowShift = Float64Array.from({ length: HEIGHT }, () => random() - 0.5);
    const shape = { xx: 0.3 + random(), xy: 0.3 * (random() - 0.5), yy: 0.3 + random() };
    const bent = Float64Array.from({ length: WIDTH }, (_, u) => u + 4 * Math.exp(-u / 7));
    const straight = Float64Array.from({ length: WIDTH }, (_, u) => u);
    const canvas = () => [new Float64Array(WIDTH * HEIGHT), WIDTH, HEIGHT, x, y, tops, 2] as const;
    const warped = canvas(), plain = canvas(), along = canvas();
    addWarpedGaussiansInPlace(...warped, shape, rowShift, bent, 0, n);
    addWarpedGaussiansInPlace(...along, shape, rowShift, straight, 0, n);
    addGaussiansInPlace(...plain, shape, rowShift, 0, n);
    for (let i = 0; i < WIDTH * HEIGHT; i++) {
      const u = i % WIDTH, v = Math.floor(i / WIDTH);
      let sum = 0;
      for (let k = 0; k < n; k++) {
        const dx = bent[u] - x[k] - rowShift[v], dy = v - y[k];
        const distance = shape.xx * dx * dx + 2 * shape.xy * dx * dy + shape.yy * dy * dy;
        if (distance <= REACH_SIGMAS ** 2) sum += 2 * tops[k] * Math.exp(-distance / 2);
      }
      assertClose(warped[0][i], sum, 1e-12);
      // The other kernel cuts rows a little earlier and multiplies its way along them.
      assertClose(along[0][i], plain[0][i], 1e-6);
    }
  }
});

Deno.test("firstFrom finds the first place that is not below a value", () => {
  const values = Float64Array.of(-1, 0, 0, 2.5);
  assertEquals([-2, -1, -0.5, 0, 1, 2.5, 3].map((v) => firstFrom(values, v)), [
    0,
    0,
    1,
    1,
    3,
    3,
    4,
  ]);
  assertEquals(firstFrom(new Float64Array(0), 1), 0);
});
