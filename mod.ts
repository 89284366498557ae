/**
 * Adatom: a plugin host for atomic-resolution electron microscopy.
 *
 * Scripts, the command line and the viewer import this module and nothing else of Adatom.
 *
 * @module
 */
export {
  AdatomError,
  type AnyStage,
  type AnyValue,
  API_VERSION,
  type Columns,
  createImage,
  createTable,
  defineStage,
  describeAllowed,
  type Drift,
  type ErrorCode,
  type ErrorParts,
  type ErrorRecord,
  type Exposures,
  type Figure,
  type Image,
  isAdatomError,
  type Json,
  type Model,
  type ParamDeclaration,
  type ParamDeclarations,
  paramFromText,
  type Peaks,
  type PixelSize,
  type PortDeclaration,
  type Stage,
  type Table,
  unknownNameHint,
} from "./core/mod.ts";
export { hanging, kebabCase, paramHelp, paramsSchema, stageHelp } from "./core/host/describe.ts";
export { describeStage, type StageDescription } from "./core/stage/declaration.ts";
export {
  filesInFolder,
  type FileWarning,
  isFolder,
  readText,
  type SourceFile,
  writeBytes,
} from "./core/host/files.ts";
export type {
  CallOptions,
  Host,
  HostEvent,
  PipelineResult,
  ScatterInputs,
  ScatterOutputs,
} from "./core/host/host.ts";
export { figureSvg } from "./core/host/figure_svg.ts";
export { discardUnfinished } from "./core/host/output_folder.ts";
export { parseJson } from "./core/host/port_files.ts";
export { type Format, type Registry } from "./core/host/registry.ts";
export { RUN_FORMAT, type RunRecord } from "./core/host/run_record.ts";
export type { PluginUse, StepReport } from "./core/host/step.ts";
export type { RunnerPlace } from "./core/runner/runner.ts";
export type { SandboxLimits } from "./core/runner/process/sandbox.ts";
export type { Migration } from "./core/pipeline/migrate.ts";
export type { LockEntry } from "./core/host/installed.ts";
export type { FormatDescription, PluginDescription } from "./core/plugin/description.ts";
export { MANIFEST_FORMAT, type PluginManifest } from "./core/plugin/manifest.ts";
export {
  type PipelineParamInfo,
  pipelineParams,
  type PipelineParamsGiven,
  type Plan,
  type PlannedStep,
} from "./core/pipeline/check.ts";
export {
  PIPELINE_FORMAT,
  type PipelineDocument,
  type PipelineInput,
  type PipelineParam,
  type PipelineStep,
} from "./core/pipeline/document.ts";
export { pipelineSchema } from "./core/pipeline/json_schema.ts";
export type { StepExplanation } from "./core/pipeline/explain.ts";
export type { Digest } from "./core/store/digest.ts";
export {
  alignment,
  annotation,
  evaluation,
  inference,
  lattice,
  peaks,
  quality,
  refinement,
  simulation,
} from "./plugins/mod.ts";
export {
  createFindFociPreview,
  findfociDefaults,
  type FindFociParams,
  findfociParams,
  type FindFociPreview,
  PREVIEW_STEPS,
  type PreviewParams,
  type PreviewResult,
  type PreviewStep,
} from "./plugins/peaks/findfoci_preview.ts";
export {
  type BenchDetector,
  benchDetectors,
  type BenchOutcome,
  type BenchRequest,
  type BenchResult,
} from "./procedures/bench_detectors/bench_detectors.ts";
export {
  type Detector,
  DETECTORS,
  detectorsNamed,
  detectorWithParams,
} from "./procedures/bench_detectors/detectors.ts";
export type { Polarity, ReadRules } from "./procedures/bench_detectors/samples.ts";
export type { PairFigures, Score, ScoreRules } from "./procedures/bench_detectors/score.ts";
export { DEFAULT_SIMULATION, type SimulationPlan } from "./procedures/bench_detectors/simulate.ts";
export type { MeasureRules } from "./procedures/bench_detectors/stage_finder.ts";
export type {
  BenchImage,
  BenchRow,
  Group,
  Mean,
  Metric,
  SummaryRow,
} from "./procedures/bench_detectors/summary.ts";
export type { TruthRules } from "./procedures/bench_detectors/truth.ts";
export { createHost, DEFAULT_SEED, type HostOptions } from "./procedures/create_host.ts";
export { type DoctorCheck, examineInstallation } from "./procedures/doctor.ts";
export {
  type ExposureSet,
  findSets,
  LABEL_FINDERS,
  labelExposures,
  type LabelFinder,
  labelingPipeline,
  labelingWith,
  type LabelRequest,
  type LabelSummary,
} from "./procedures/label.ts";
export type { CheckRow, OnRow } from "./procedures/plugins/check.ts";
export {
  bundlePlugin,
  checkPluginFolder,
  newPlugin,
  type NewPluginRequest,
} from "./procedures/plugins/folder.ts";
export {
  install,
  type InstallPlan,
  listPlugins,
  permissionWords,
  planInstall,
  type PluginRow,
  removePlugin,
  verifyPlugin,
} from "./procedures/plugins/install.ts";
export type { PluginBundle } from "./procedures/plugins/build.ts";
export type { FoundPlugin } from "./procedures/plugins/source.ts";
export { type TestOptions, testPlugin, testProblem } from "./procedures/plugins/test.ts";
export { bilayersDescriptor } from "./procedures/export_bilayers.ts";
export {
  CRATE_METADATA,
  CRATE_PIPELINE,
  exportRoCrate,
  type RoCrate,
} from "./procedures/export_ro_crate.ts";
export type { CrateEntity } from "./procedures/ro_crate_entity.ts";
export { modelsFolder, type ReadModel, readModel, shippedModel } from "./procedures/read_model.ts";
export {
  benchDecode,
  benchModel,
  type BenchPicture,
  listModels,
  MODEL_TOLERANCE,
  type ModelBenchRow,
  modelProblem,
  type ModelRow,
  type ModelTestRow,
  testModel,
} from "./procedures/models.ts";
export { chooseProvider, examineProviders } from "./procedures/providers.ts";
export type { Provider, ProviderState } from "./plugins/inference/provider.ts";
export { parsePipeline, readPipeline } from "./procedures/read_pipeline.ts";
export {
  type ReplayedResult,
  type ReplayOutcome,
  replayProblem,
  type ReplayRequest,
  replayRun,
} from "./procedures/replay.ts";
export {
  explainFiles,
  pipelineOfStage,
  runToFolder,
  type RunToFolderRequest,
  type RunToFolderResult,
} from "./procedures/run_to_folder.ts";
export {
  findLabeled,
  type LabeledFile,
  trainFindFoci,
  type TrainRequest,
  type TrainResult,
} from "./procedures/train_findfoci.ts";
export {
  type AtomidTraining,
  atomidTraining,
  type AtomidTrainRequest,
  type AtomidTrainResult,
  trainAtomid,
} from "./procedures/train_atomid.ts";
export { cacheFolder, pluginsFolder } from "./procedures/user_folders.ts";
export type { SetOptions, SplitSide } from "./plugins/io/labeled_set.ts";
export { VERSION } from "./procedures/version.ts";
