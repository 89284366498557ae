/**
 * What counts as plain data: values that are the same after a way through JSON.
 *
 * @module
 */

/** Where a value is not plain JSON data, or `undefined` when all of it is. */
export function plainFault(value: unknown, path = ""): string | undefined {
  const at = `at "${path || "/"}"`;
  if (value === null || typeof value === "boolean" || typeof value === "string") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : `${value} ${at}`;
  if (typeof value !== "object") return `${typeof value} ${at}`;
  if (!Array.isArray(value) && ![Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return `an object of a class ${at}`;
  }
  if (Object.getOwnPropertySymbols(value).length > 0) return `a symbol ${at}`;
  const items = Array.isArray(value) ? Array.from(value).entries() : Object.entries(value);
  for (const [name, item] of items) {
    const fault = plainFault(item, `${path}/${name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}
