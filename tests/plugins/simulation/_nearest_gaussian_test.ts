import { createRandom } from "@core/kernels";
import { assertClose } from "@assert";
import { nearestGaussian } from "../../../plugins/simulation/_nearest_gaussian.ts";

Deno.test("nearestGaussian finds a Gaussian again", () => {
  const random = createRandom(2), size = 96, perPixel = 4;
  for (let round = 0; round < 8; round++) {
    const sigmaX = 1.5 + 1.5 * random(), sigmaY = sigmaX * (0.6 + 0.3 * random());
    const angle = Math.PI * random(), c = Math.cos(angle), s = Math.sin(angle);
    const values = Float32Array.from({ length: size * size }, (_, i) => {
      const x = (i % size - 48) / perPixel, y = (Math.floor(i / size) - 48) / perPixel;
      return Math.exp(-0.5 * (((c * x + s * y) / sigmaX) ** 2 + ((c * y - s * x) / sigmaY) ** 2));
    });
    const found = nearestGaussian({ values, size, perPixel });
    // The sums end at four widths.
    assertClose(found.sigmaX, sigmaX, 1e-3 * sigmaX);
    assertClose(found.sigmaY, sigmaY, 1e-3 * sigmaY);
    assertClose(Math.sin(2 * (found.angle - angle)), 0, 1e-3);
  }
});
