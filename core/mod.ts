/**
 * What a plugin may import, as `@core`: data values, the stage contract and errors.
 *
 * @module
 */
export {
  AdatomError,
  adoptError,
  cancelledError,
  ERROR_CODES,
  type ErrorClass,
  type ErrorCode,
  type ErrorParts,
  type ErrorPlace,
  type ErrorRecord,
  EXIT_CODES,
  isAdatomError,
  nearestName,
  unknownNameHint,
} from "./errors.ts";
export {
  countNonFinite,
  createImage,
  type Exposures,
  type Image,
  type ImageInit,
  SAMPLE_TYPES,
  type SampleType,
} from "./data/image.ts";
export { nanometersPer, type PixelSize, pixelSizeNm, samePixelSize } from "./data/units.ts";
export {
  createTable,
  numberColumn,
  selectRows,
  selectValues,
  type Table,
  type TableColumn,
  withColumns,
  wordColumn,
} from "./data/table.ts";
export { withNanometers } from "./data/calibrated.ts";
export { PEAK_COLUMNS, type Peaks } from "./data/peaks.ts";
export {
  COLUMN_COLUMNS,
  COLUMN_STATUSES,
  type Columns,
  type ColumnStatus,
} from "./data/columns.ts";
export {
  cellVectors,
  type Crystal,
  CRYSTAL_PORT,
  type CrystalAtom,
  type CrystalCell,
} from "./data/crystal.ts";
export { atomicNumber, ELEMENTS } from "./data/elements.ts";
export { type Drift, DRIFT_COLUMNS } from "./data/drift.ts";
export type { Model } from "./data/model.ts";
export {
  type Figure,
  FIGURE_COLORS,
  FIGURE_PORT,
  type FigureAxis,
  type FigureGuide,
  type FigurePanel,
  type FigureSeries,
} from "./data/figure.ts";
export {
  composeTransforms,
  inverseTransform,
  isInvertible,
  isTranslation,
  type Transform,
  TRANSFORM_COLUMNS,
  transformCovariances,
  transformErrors,
  transformOfDrift,
  transformPoints,
} from "./data/transform.ts";
export {
  type BooleanParam,
  describeAllowed,
  type Described,
  type ListParam,
  type NumberParam,
  type ParamDeclaration,
  type ParamDeclarations,
  paramFromText,
  type ParamsGiven,
  type ParamValue,
  type ParamValues,
  type ResolvedParams,
  resolveParams,
  type StringParam,
} from "./stage/params.ts";
export type {
  AnyValue,
  ExposuresPort,
  ImagePort,
  InputValues,
  Json,
  JsonPort,
  ModelPort,
  OptionalNames,
  OutputValues,
  PortBase,
  PortDeclaration,
  PortDeclarations,
  PortKind,
  PortValue,
  Single,
  SpecialTablePort,
  TableOf,
  TablePort,
} from "./stage/ports.ts";
export { type Context, type PoolTask, poolTask } from "./stage/context.ts";
export {
  type AnyStage,
  API_VERSION,
  defineStage,
  type Permissions,
  type PluginOrigin,
  type Stage,
} from "./stage/stage.ts";
export type { FromSchema, FromTypes, RequiredNames, Schema, SchemaType } from "./stage/schema.ts";
export {
  defineFormat,
  type FormatContext,
  type FormatInit,
  type ImageFormat,
  type JsonFormat,
  type Signature,
  type TableFormat,
  type Writable,
} from "./stage/format.ts";
export { definePlugin, type Plugin } from "./plugin/plugin.ts";
