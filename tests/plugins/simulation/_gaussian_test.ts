/**
 * Scenes of Gaussians are the same bytes in every version of the stage: sets made with them stay valid.
 */
import { type ParamsGiven, resolveParams } from "@core";
import { assertEquals } from "@assert";
import { digestValue } from "../../../core/store/digest.ts";
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
