/**
 * Pure numerics that stages share, as `@core/kernels`.
 *
 * @module
 */
export { createRandom, normalRandom, poissonRandom } from "./random.ts";
export { type CellList, createCellList, nearestInCells, neighborsInCells } from "./cell_list.ts";
export {
  createKdTree,
  type KdTree,
  meanNearestDistance,
  medianNearestDistance,
  nearestDistances,
  nearestNeighbor,
  nearestNeighbors,
  neighborsWithin,
} from "./k_d_tree.ts";
export { MAX_CANDIDATE_PAIRS, mutualNearest, strictMatching } from "./matching.ts";
export {
  createFft2Plan,
  createFftPlan,
  createFftScratch,
  fastLength,
  fft2InPlace,
  type Fft2Plan,
  type FftChirp,
  fftInPlace,
  type FftPass,
  type FftPlan,
  type FftScratch,
  fftSeriesInPlace,
  inverseFft2InPlace,
  inverseFftInPlace,
  unpackTwoRealInPlace,
} from "./fft.ts";
export {
  autocorrelationMaxima,
  type AutocorrelationMaximum,
  type BraggPeaks,
  findBraggPeaks,
  frequencyAt,
  noisePower,
  repeatVectors,
  tukeyWindow,
  windowInto,
} from "./lattice_spectrum.ts";
export { type LatticeVector, latticeVectors } from "./lattice_vectors.ts";
export {
  createSpectrumPlan,
  halfIndex,
  type HalfLayout,
  type HalfScratch,
  type HalfSpectrum,
  spectraOfPair,
  type SpectrumPlan,
} from "./image_spectrum.ts";
export {
  addSpectraInPlace,
  braggPower,
  createSpectrumSet,
  type SharedBand,
  sharedBand,
  type SpectrumSet,
  windowOverlap,
} from "./shared_band.ts";
export {
  correlationAt,
  type CorrelationGrid,
  correlationsAt,
  type Correlator,
  createCorrelationGrid,
  createCorrelator,
  expandAt,
  type Expansion,
  type Extremum,
  moveBackInPlace,
  placePair,
  type Point,
  refineExtremum,
  type SearchGrid,
  searchNear,
  searchWide,
  setOwn,
  setPair,
} from "./band_correlation.ts";
export {
  eliminateInPlace,
  factorInPlace,
  fitLine,
  inverseOfFactor,
  solveInPlace,
} from "./least_squares.ts";
export { medianInPlace, robustFit, tukeyWeight } from "./robust_regression.ts";
export {
  addGaussianInPlace,
  axesOfPrecision,
  COLUMN_STRIDE,
  ColumnField,
  columnSums,
  crossMatrix,
  crossSums,
  NORMAL_SIZE,
  normalEquations,
  precisionOfAxes,
  replaceGaussianInPlace,
  SUMS_LENGTH,
  SumsField,
} from "./gaussian_column.ts";
export { confidenceMap } from "./confidence_map.ts";
export { boxBlurTwice, gaussianBlur, gaussianKernel } from "./gaussian_blur.ts";
export { autoThreshold, THRESHOLD_METHODS, type ThresholdMethod } from "./auto_threshold.ts";
export { maximumFilter } from "./maximum_filter.ts";
export { resample } from "./resample.ts";
