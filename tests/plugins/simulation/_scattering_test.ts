import { assertAtLeast, assertAtMost, assertClose, assertTrue } from "@assert";
import { ELEMENTS } from "@core";
import { atomSigma, scatteringOf } from "../../../plugins/simulation/_scattering.ts";

const usual = { voltage: 80, detectorInner: 60, detectorOuter: 200 };

/** The local exponent of Z. */
const exponent = (low: string, high: string, z: number, detection = usual) =>
  Math.log(scatteringOf(high, 1, 0, detection) / scatteringOf(low, 1, 0, detection)) / Math.log(z);

Deno.test("scatteringOf grows with Z up to lead, by an exponent from 1 to 2", () => {
  for (let i = 1; i < 82; i++) {
    const power = exponent(ELEMENTS[i - 1], ELEMENTS[i], (i + 1) / i);
    assertTrue(power > 1 && power < 2.01, `${ELEMENTS[i]}: ${power}`);
  }
});

Deno.test("scatteringOf at large angles is Rutherford's Z^2 for light atoms", () => {
  const far = { voltage: 80, detectorInner: 300, detectorOuter: 1000 };
  assertClose(exponent("C", "O", 8 / 6, far), 2, 0.05);
  assertAtMost(exponent("C", "O", 8 / 6, { ...usual, detectorInner: 30 }), 1.75);
});

Deno.test("scatteringOf counts atoms, and chances of atoms", () => {
  const one = scatteringOf("Sr", 1, 0.39, usual);
  assertClose(scatteringOf("Sr", 0.25, 0.39, usual), one / 4, 1e-12 * one);
  // Two sulfur atoms of MoS2: 2.34 of one by multislice calculations.
  const pair = scatteringOf("S", 2, 0.313, usual) / scatteringOf("S", 1, 0, usual);
  assertClose(pair, 2.34, 0.05);
  // Far from each other they know nothing of each other.
  const far = scatteringOf("S", 2, 3, usual) / scatteringOf("S", 1, 0, usual);
  assertClose(far, 2, 1e-9);
});

Deno.test("scatteringOf is more for a lower inner angle", () => {
  assertAtLeast(
    scatteringOf("Mo", 1, 0, { ...usual, detectorInner: 40 }),
    scatteringOf("Mo", 1, 0, usual),
  );
});

Deno.test("atomSigma is 9 pm for 60 mrad at 80 kV and less for larger angles", () => {
  assertClose(atomSigma(usual), 0.009, 0.0002);
  assertClose(atomSigma({ ...usual, detectorInner: 120 }), atomSigma(usual) / 2, 1e-12);
});
