/**
 * An annotated set of the bench's own: scenes at several doses and fields of view.
 *
 * @module
 */
import { AdatomError } from "../../core/errors.ts";
import type { Host } from "../../core/host/host.ts";
import { pixelSizeNm } from "../../core/mod.ts";
import { simulation } from "../../plugins/mod.ts";
import { makeSample, type Sample } from "./samples.ts";
import type { PositionTable, TruthRules } from "./truth.ts";

/** What to simulate; everything has a default. */
export interface SimulationPlan {
  /** Expected counts at the tops of heavy columns. */
  readonly doses: readonly number[];
  /** Widths of what is seen, nm. */
  readonly fieldsNm: readonly number[];
  readonly structures: readonly string[];
  /** Sides of the images, px. */
  readonly size: number;
  /** Every structure at every dose and field; else structures take turns, as on a chessboard. */
  readonly full: boolean;
}

/** Structures the simulation knows. */
type Structure = (typeof simulation.scene.params.structure.enum)[number];

/** Thesis figure 8's range of fields, at doses from unreadable to clear. */
export const DEFAULT_SIMULATION: SimulationPlan = {
  doses: [1, 3, 10, 30],
  fieldsNm: [9, 18, 27, 36],
  structures: ["2H", "1T''"],
  size: 1024,
  full: false,
};

/** Spacings below this, px, are no images of columns. */
const LEAST_SPACING = 2;

/**
 * Simulates the set. Structures take turns over doses and fields, so that each dose and each field
 * sees all of them equally often.
 *
 * @throws AdatomError PARAM_RANGE, or CANCELLED
 */
export async function simulateSamples(
  host: Host,
  plan: SimulationPlan,
  rules: TruthRules,
  { seed, signal, onImage }: {
    readonly seed: number;
    readonly signal: AbortSignal;
    readonly onImage: (name: string, fraction: number) => void;
  },
): Promise<Sample[]> {
  const structures = checkPlan(plan);
  const samples: Sample[] = [];
  const spacingNm = new Map<Structure, number>();
  const each = plan.full ? plan.structures.length : 1;
  const count = plan.doses.length * plan.fieldsNm.length * each;
  for (const [d, dose] of plan.doses.entries()) {
    for (const [f, fieldNm] of plan.fieldsNm.entries()) {
      const { full, size } = plan;
      for (const structure of full ? structures : [structures[(d + f) % structures.length]]) {
        const name = `${structure.replaceAll("'", "")}_${dose}_counts_${fieldNm}_nm`;
        onImage(name, samples.length / count);
        const nm = spacingNm.get(structure) ?? await measureSpacing(host, structure, signal);
        spacingNm.set(structure, nm);
        const spacing = nm * size / fieldNm;
        checkSpacing(spacing, fieldNm);
        const { exposures, truth } = await host.run(simulation.scene, {}, {
          structure,
          spacing,
          width: size,
          height: size,
          exposures: 1,
          countsMin: dose,
          countsMax: dose,
        }, { seed: seed + samples.length, signal });
        const [image] = exposures.images;
        const table = truth[0] as unknown as PositionTable;
        samples.push(makeSample(name, { ...image, name }, table, "bright", rules, dose));
      }
    }
  }
  return samples;
}

/** The structures of a plan that can be simulated. */
function checkPlan({ doses, fieldsNm, structures, size }: SimulationPlan): readonly Structure[] {
  const lists: readonly (readonly [string, readonly (number | string)[]])[] = [
    ["doses", doses],
    ["fields of view", fieldsNm],
    ["structures", structures],
  ];
  for (const [what, values] of lists) {
    const bad = values.find((v) => typeof v === "number" && !(v > 0 && Number.isFinite(v)));
    if (values.length > 0 && bad === undefined) continue;
    throw new AdatomError("PARAM_RANGE", {
      cannot: "simulate a set",
      expected: `${what} greater than 0`,
      got: bad === undefined ? "none" : `${bad}`,
    });
  }
  const known: readonly string[] = simulation.scene.params.structure.enum.filter((name) =>
    name !== "crystal" && name !== "none"
  );
  const strange = structures.find((name) => !known.includes(name));
  if (strange !== undefined) {
    throw new AdatomError("PARAM_RANGE", {
      cannot: "simulate a set",
      expected: `structures among ${known.join(", ")}`,
      got: `"${strange}"`,
    });
  }
  if (Number.isInteger(size) && size >= 64 && size <= 8192) return structures as Structure[];
  throw new AdatomError("PARAM_RANGE", {
    cannot: "simulate a set",
    expected: "images of 64 to 8192 px a side",
    got: `${size}`,
  });
}

function checkSpacing(spacing: number, fieldNm: number): void {
  if (spacing >= LEAST_SPACING) return;
  throw new AdatomError("PARAM_RANGE", {
    cannot: `simulate a field of ${fieldNm} nm`,
    expected: `columns at least ${LEAST_SPACING} px apart`,
    got: `${spacing.toFixed(2)} px`,
    hint: "choose smaller fields or a larger size",
  });
}

/** The distance of a structure's heavy columns, nm, as a small scene's pixel size tells it. */
async function measureSpacing(
  host: Host,
  structure: Structure,
  signal: AbortSignal,
): Promise<number> {
  const spacing = 10;
  const small = { structure, spacing, width: 16, height: 16, exposures: 1 } as const;
  const { exposures } = await host.run(simulation.scene, {}, small, { seed: 1, signal });
  return spacing * pixelSizeNm(exposures.images[0].pixelSize)!.x;
}
