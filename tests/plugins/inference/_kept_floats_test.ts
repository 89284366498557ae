import { assertEquals, assertTrue } from "@assert";
import {
  inSharedMemory,
  ownFloats,
  sharedFloats,
} from "../../../plugins/inference/_kept_floats.ts";

for (
  const [name, store, most] of [
    ["ownFloats", ownFloats, 2 ** 23],
    ["sharedFloats", sharedFloats, 2 ** 26],
  ] as const
) {
  Deno.test(`${name}: the smallest piece that suffices is used again, by one at a time`, () => {
    const large = store.take(1000), small = store.take(100);
    store.give(large, small);
    const again = store.take(90), more = store.take(90);
    assertEquals([again.length, more.length], [90, 90]);
    assertTrue(again.buffer === small.buffer);
    assertTrue(more.buffer === large.buffer);
    assertTrue(store.take(90).buffer !== large.buffer);
    store.give(again, more);
  });

  Deno.test(`${name}: what is kept is bounded, the largest goes first`, () => {
    const huge = store.take(most + 1), small = store.take(10_000);
    store.give(huge, small);
    assertTrue(store.take(10_000).buffer === small.buffer);
    assertTrue(store.take(most + 1).buffer !== huge.buffer);
  });
}

Deno.test("inSharedMemory copies numbers to where all workers see them", () => {
  const values = Float32Array.of(1, 2, 3), shared = inSharedMemory(values);
  assertEquals(shared, values);
  assertTrue(shared.buffer instanceof SharedArrayBuffer);
});
