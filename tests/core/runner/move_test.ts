import { assertEquals } from "@assert";
import { movable } from "../../../core/runner/move.ts";

Deno.test("movable is each piece of a thread's own memory, once", () => {
  const own = new ArrayBuffer(16), other = new Float64Array(3);
  const value = {
    halves: [new Float32Array(own, 0, 2), new Float32Array(own, 8, 2)],
    inside: { other, shared: new Uint8Array(new SharedArrayBuffer(4)) },
    text: "none",
    nothing: null,
  };
  assertEquals(movable(value), [own, other.buffer]);
  assertEquals(movable(undefined), []);
});

Deno.test("what is moved leaves no memory behind", async () => {
  const { port1, port2 } = new MessageChannel();
  const sent = { row: Float32Array.of(1, 2, 3) };
  const received = new Promise((resolve) => port2.onmessage = ({ data }) => resolve(data));
  port1.postMessage(sent, movable(sent));
  assertEquals(await received, { row: Float32Array.of(1, 2, 3) });
  assertEquals(sent.row.length, 0);
  port1.close();
  port2.close();
});
