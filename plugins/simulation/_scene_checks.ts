/**
 * What `simulation.scene` refuses to do.
 *
 * @module
 */
import { AdatomError } from "@core";
import type { Conditions } from "./_conditions.ts";
import { type Blur, MOST_SAMPLES, pictureSize } from "./_pictures.ts";
import type { Optics } from "./_probe.ts";
import type { SceneParams } from "./_scene_params.ts";

const ID = "simulation.scene";

/** Refuses parameters that contradict each other. */
export function requireOrder(params: SceneParams): void {
  const { countsMin, countsMax, vacancies, substitutions } = params;
  const conflict = (
    param: keyof SceneParams,
    cannot: string,
    expected: string,
    got: string,
    hint: string,
  ) => new AdatomError("PARAM_CONFLICT", { cannot, expected, got, hint }, { stage: ID, param });
  if (countsMin > countsMax) {
    const expected = `countsMin of at most countsMax, ${countsMax} counts`;
    const cannot = "spread the counts of the exposures";
    throw conflict("countsMin", cannot, expected, `${countsMin} counts`, "exchange them");
  }
  if (vacancies + substitutions > 1) {
    const expected = "vacancies and substitutions of at most 1 together";
    const got = `${vacancies} and ${substitutions}`;
    throw conflict("substitutions", "replace heavy columns", expected, got, "lower one of them");
  }
  const { flyback, flybackDecay, convergence, detectorInner, detectorOuter } = params;
  if (flyback >= flybackDecay) {
    const expected =
      `a flyback below its decay, ${flybackDecay} px, so that no place is seen twice`;
    throw conflict("flyback", "scan rows", expected, `${flyback} px`, "lower flyback");
  }
  if (params.formation !== "probe") return;
  if (!(convergence < detectorInner && detectorInner < detectorOuter)) {
    const expected = "a convergence below the detector's inner angle, and that below the outer one";
    const got = `${convergence}, ${detectorInner} and ${detectorOuter} mrad`;
    throw conflict("detectorInner", "see a dark field", expected, got, "change one of them");
  }
}

/** A specimen that moves as fast as the beam scans would be seen twice, or not at all. */
export function requireSlowMotion(
  conditions: readonly Conditions[],
  { width, height }: SceneParams,
): void {
  for (const [e, { moveX, moveY }] of conditions.entries()) {
    if (Math.abs(moveX / (width * height) + moveY / height) < 0.5) continue;
    throw new AdatomError("PARAM_CONFLICT", {
      cannot: "scan a moving specimen",
      expected: `motion along y of less than half the image's height, ${height / 2} px, in a scan`,
      got: `${Math.abs(moveY).toPrecision(3)} px in exposure ${e}`,
      hint: "lower scanDrift or driftTotal",
    }, { stage: ID, param: "scanDrift" });
  }
}

/** How far the widest probe reaches, px; refuses one that is wider than can be handled. */
export function probePixels(
  optics: readonly Optics[],
  blur: Blur,
  pixel: number,
  depth: number,
): number {
  let widest = 0;
  for (const [e, lens] of optics.entries()) {
    const { size, step } = pictureSize(lens, blur, pixel, depth);
    if (size > MOST_SAMPLES) {
      const nm = (size * step).toPrecision(3);
      throw new AdatomError("PARAM_CONFLICT", {
        cannot: "form a probe",
        expected: `one of at most ${MOST_SAMPLES} samples, ${
          (MOST_SAMPLES * step).toPrecision(3)
        } nm`,
        got: `${nm} nm in exposure ${e}`,
        hint: "lower defocus, aberrations or tilt",
      }, { stage: ID, param: "defocus" });
    }
    widest = Math.max(widest, size * step / 2 / pixel);
  }
  return widest;
}
