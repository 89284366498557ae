/**
 * Assertions for tests and doc examples: a thin layer over `node:assert/strict`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { AdatomError, type ErrorCode } from "../../core/errors.ts";

/** Fails unless the condition holds. */
export function assertTrue(condition: boolean, message?: string): asserts condition {
  assert.ok(condition, message);
}

/** Fails unless both are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assert.deepStrictEqual(actual, expected, message);
}

/** Fails unless `|actual - expected| <= tolerance`. */
export function assertClose(
  actual: number,
  expected: number,
  tolerance: number,
  message?: string,
): void {
  const text = `${
    message ? `${message}: ` : ""
  }${actual} is not within ${tolerance} of ${expected}`;
  assert.ok(Math.abs(actual - expected) <= tolerance, text);
}

/** Fails unless `actual <= limit`. */
export function assertAtMost(actual: number, limit: number, message?: string): void {
  assert.ok(actual <= limit, `${message ? `${message}: ` : ""}${actual} is above ${limit}`);
}

/** Fails unless `actual >= limit`. */
export function assertAtLeast(actual: number, limit: number, message?: string): void {
  assert.ok(actual >= limit, `${message ? `${message}: ` : ""}${actual} is below ${limit}`);
}

/** Fails unless the text holds the part (or matches the pattern). */
export function assertIncludes(text: string, part: string | RegExp): void {
  const found = typeof part === "string" ? text.includes(part) : part.test(text);
  assert.ok(found, `expected to find ${part} in:\n${text}`);
}

/** Runs something that must fail with this code, and gives the error to look at. */
export async function assertFails(
  action: () => unknown,
  code: ErrorCode,
  message?: string,
): Promise<AdatomError> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof AdatomError)) throw error;
    assert.equal(error.code, code, error.message);
    if (message !== undefined) assert.equal(error.message, message);
    return error;
  }
  assert.fail(`expected the error ${code}, but nothing failed`);
}
