/**
 * The built-in stages and file formats: add a stage to its group here and it is everywhere.
 *
 * @module
 */
import type { AnyStage, ImageFormat, JsonFormat, TableFormat } from "@core";
import { average } from "./alignment/average.ts";
import { drift } from "./alignment/drift.ts";
import { transformPoints } from "./alignment/transform_points.ts";
import { autoLabel } from "./annotation/auto_label.ts";
import { deduplicate } from "./annotation/deduplicate.ts";
import { selectSublattice } from "./annotation/select_sublattice.ts";
import { transfer } from "./annotation/transfer.ts";
import { verify } from "./annotation/verify.ts";
import { localization } from "./evaluation/localization.ts";
import { match } from "./evaluation/match.ts";
import { atomid } from "./inference/atomid.ts";
import { decode } from "./inference/decode.ts";
import { onnx } from "./inference/onnx.ts";
import { bmp } from "./io/bmp.ts";
import { cif } from "./io/cif.ts";
import { csv } from "./io/csv.ts";
import { imagejRoi } from "./io/imagej_roi.ts";
import { jpeg } from "./io/jpeg.ts";
import { npy } from "./io/npy.ts";
import { npz } from "./io/npz.ts";
import { png } from "./io/png.ts";
import { tiff } from "./io/tiff.ts";
import { spacing } from "./lattice/spacing.ts";
import { dog } from "./peaks/dog.ts";
import { doh } from "./peaks/doh.ts";
import { findMaxima } from "./peaks/find_maxima.ts";
import { findfoci } from "./peaks/findfoci.ts";
import { findfociTrain } from "./peaks/findfoci_train.ts";
import { findfociStack } from "./peaks/findfoci_stack.ts";
import { localMaxima } from "./peaks/local_maxima.ts";
import { log } from "./peaks/log.ts";
import { rank } from "./quality/rank.ts";
import { auto } from "./refinement/auto.ts";
import { centerOfMass } from "./refinement/center_of_mass.ts";
import { gaussian } from "./refinement/gaussian.ts";
import { matchedPeak } from "./refinement/matched_peak.ts";
import { patches } from "./simulation/patches.ts";
import { scene } from "./simulation/scene.ts";

/** Scenes and training patches with exact truth. */
export const simulation = { scene, patches } as const;
/** Where the specimen moved to, and what follows from it. */
export const alignment = { drift, average, transformPoints } as const;
/** How good an exposure is. */
export const quality = { rank } as const;
/** Properties of the lattice. */
export const lattice = { spacing } as const;
/** Local maxima: candidates for columns. */
export const peaks = {
  findfoci,
  findfociStack,
  findfociTrain,
  findMaxima,
  localMaxima,
  log,
  dog,
  doh,
} as const;
/** Columns from peaks. */
export const refinement = { gaussian, centerOfMass, matchedPeak, auto } as const;
/** Neural networks. */
export const inference = { atomid, decode, onnx } as const;
/** The steps of the labeling procedure, and labels to train on. */
export const annotation = { selectSublattice, transfer, verify, deduplicate, autoLabel } as const;
/** Found against true. */
export const evaluation = { match, localization } as const;

/** Every built-in stage, in the order lists show them. */
export const builtinStages: readonly AnyStage[] = [
  simulation,
  alignment,
  quality,
  lattice,
  peaks,
  refinement,
  inference,
  annotation,
  evaluation,
].flatMap((group) => Object.values(group));

/** Every built-in file format; the first that recognizes a file reads it. */
export const builtinFormats: readonly (ImageFormat | TableFormat | JsonFormat)[] = [
  tiff,
  png,
  jpeg,
  bmp,
  npy,
  npz,
  imagejRoi,
  csv,
  cif,
];
