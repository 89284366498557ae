/**
 * The reference program's results for FindFoci, and the function that runs a case of them.
 *
 * @module
 */
export {
  type ReferenceCase,
  type ReferenceRow,
  runReferenceCase,
} from "../plugins/peaks/reference_case.ts";
