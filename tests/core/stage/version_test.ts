import { assertEquals } from "@assert";
import fc from "fast-check";
import {
  compareVersions,
  inRange,
  isRange,
  parseVersion,
  rangeOf,
} from "../../../core/stage/version.ts";

const part = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 999_999_999 }));
const version = fc.tuple(part, part, part).map((parts) => parts.join("."));

Deno.test("parseVersion takes three plain numbers and nothing else", () => {
  assertEquals(parseVersion("10.0.3"), [10, 0, 3]);
  const wrong = "1 1.2 1.2.3.4 v1.2.3 1.2.3-beta 01.2.3 1.02.3 1.2.x -1.2.3 1.2.3000000000 1..3";
  for (const text of ["", " 1.2.3", "1.2.3\n", ...wrong.split(" ")]) {
    assertEquals(parseVersion(text), undefined, text);
  }
});

Deno.test("compareVersions orders by numbers, not by letters", () => {
  const sorted = ["0.9.10", "0.10.0", "1.0.0", "1.0.2", "1.0.10", "2.0.0"];
  assertEquals([...sorted].reverse().sort(compareVersions), sorted);
  assertEquals(compareVersions("1.2.3", "1.2.3"), 0);
  fc.assert(fc.property(version, version, (a, b) => {
    assertEquals(Math.sign(compareVersions(a, b)) + Math.sign(compareVersions(b, a)), 0);
    assertEquals(compareVersions(a, b) === 0, a === b);
  }));
});

/** Version, range, and whether the one lies in the other. */
const RANGES: readonly (readonly [version: string, range: string, inside: boolean])[] = [
  ["1.2.3", "1.2.3", true],
  ["1.2.4", "1.2.3", false],
  ["1.0.0", "^1", true],
  ["1.9.9", "^1", true],
  ["2.0.0", "^1", false],
  ["0.9.0", "^1", false],
  ["1.2.0", "^1.2", true],
  ["1.10.0", "^1.2", true],
  ["1.1.9", "^1.2", false],
  ["1.2.3", "^1.2.3", true],
  ["1.3.0", "^1.2.3", true],
  ["1.2.2", "^1.2.3", false],
  ["0.2.0", "^0.1", true],
  ["nonsense", "^1", false],
  ["1.2.3", "*", false],
  ["1.2.3", ">=1", false],
  ["1.2.3", "1", false],
  ["1.2.3", "^1.2.3.4", false],
  ["1.2.3", "", false],
];

Deno.test("inRange takes the very version, and for ^ any of its major that is not older", () => {
  for (const [version, range, inside] of RANGES) {
    assertEquals(inRange(version, range), inside, `${version} in ${range}`);
  }
  assertEquals(["^1", "^1.2", "^1.2.3", "1.2.3"].filter(isRange).length, 4);
  assertEquals(["~1.2", "1.2", "^", "^1.", "^v1", "1.2.3 || 2.0.0"].filter(isRange), []);
});

Deno.test("rangeOf gives a range that holds its version and no older minor one", () => {
  fc.assert(fc.property(version, version, (one, other) => {
    assertEquals(inRange(one, rangeOf(one)), true);
    const [p, q] = [parseVersion(one)!, parseVersion(other)!];
    assertEquals(inRange(other, rangeOf(one)), p[0] === q[0] && q[1] >= p[1]);
  }));
});
