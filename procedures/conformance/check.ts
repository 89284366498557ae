/**
 * What the checks of the contract say when they fail: an error with one sentence for the author.
 *
 * @module
 */
import { AdatomError, type ErrorCode } from "../../core/errors.ts";

/** Fails with `Expected <expected>, got <got>` unless the condition holds. */
export function expectThat(
  condition: boolean,
  expected: string,
  got: string,
): asserts condition {
  if (!condition) throw new Error(`Expected ${expected}, got ${got}`);
}

/** Fails unless the action ends with an error of this code. */
export async function expectError(
  action: () => Promise<unknown>,
  code: ErrorCode,
  what: string,
): Promise<void> {
  let got = "a result";
  try {
    await action();
  } catch (error) {
    if (error instanceof AdatomError && error.code === code) return;
    got = describeError(error);
  }
  expectThat(false, `${code} ${what}`, got);
}

/**
 * Fails unless the action gives a result, or an error that tells the user what to change; not one of
 * a stage that fell over, broke its declaration or met a bug of the host.
 */
export async function expectResultOrTypedError(
  action: () => Promise<unknown>,
  what: string,
): Promise<void> {
  try {
    await action();
  } catch (error) {
    const typed = error instanceof AdatomError && error.class !== "stage" &&
      error.class !== "contract" && error.class !== "host";
    if (typed) return;
    throw new Error(
      `Expected a result or a typed error ${what}, got ${describeError(error)}`,
      { cause: error },
    );
  }
}

function describeError(error: unknown): string {
  if (error instanceof AdatomError) return `${error.code}: ${error.message}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
