import { assertEquals, assertTrue } from "@assert";
import { ownFloats, sharedFloats } from "../../../plugins/inference/_kept_floats.ts";

for (const [name, store] of Object.entries({ ownFloats, sharedFloats })) {
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
    const huge = store.take(2 ** 23 + 1), small = store.take(10_000); // 32 MB and 4 bytes
    store.give(huge, small);
    assertTrue(store.take(10_000).buffer === small.buffer);
    assertTrue(store.take(2 ** 23 + 1).buffer !== huge.buffer);
  });
}
