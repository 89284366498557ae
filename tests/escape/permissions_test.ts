import { assertEquals } from "@assert";
import { join } from "node:path";
import process from "node:process";
import { withFolder } from "../support/toy_host.ts";
import { stageCode } from "./hostile.ts";
import { noteOf, withPlugin } from "./plugin_host.ts";

Deno.test("a plugin reads what it was allowed to read, and nothing else", async () => {
  await withFolder(async (allowed) => {
    Deno.writeTextFileSync(join(allowed, "table.txt"), "allowed");
    const code = stageCode(`note = Deno.readTextFileSync("${allowed}/table.txt");
  const attempts = [() => Deno.readTextFileSync("/etc/hosts"), () => Deno.env.get("HOME"),
    () => Deno.writeTextFileSync("${allowed}/x", ""), () => Deno.listen({ port: 0 }),
    () => import("http://127.0.0.1:1/x.js"), () => import("npm:is-odd@3.0.1"),
    () => new Deno.Command("/bin/true").outputSync(), () => Deno.readDirSync("${allowed}/.."),
    () => Deno.readTextFileSync("${allowed}/../x"), () => import("file:///etc/hosts")];
  for (const attempt of attempts) { try { await attempt(); note += " and " + attempt; } catch { /* refused */ } }`);
    await withPlugin(code, { permissions: { read: [allowed] } }, async (work) => {
      assertEquals(await noteOf(work), "allowed");
    });
  });
});

Deno.test("a plugin writes where it was allowed to write, and nowhere else", async () => {
  await withFolder(async (allowed) => {
    const code = stageCode(`Deno.writeTextFileSync("${allowed}/made.txt", "made");
  try { note += Deno.readTextFileSync("${allowed}/made.txt"); } catch { /* refused */ }
  try { Deno.writeTextFileSync("${allowed}-beside", ""); note += "beside"; } catch { /* refused */ }`);
    await withPlugin(code, { permissions: { write: [allowed] } }, async (work) => {
      assertEquals(await noteOf(work), "");
      assertEquals(Deno.readTextFileSync(join(allowed, "made.txt")), "made");
    });
  });
});

Deno.test("a plugin reaches the host it was allowed to reach, and no other", async () => {
  const answer = { port: 0, hostname: "127.0.0.1", onListen: () => {} };
  const server = Deno.serve(answer, () => new Response("served"));
  const other = Deno.serve(answer, () => new Response("other"));
  const code = stageCode(
    `note = await (await fetch("http://127.0.0.1:${server.addr.port}/")).text();
  for (const address of ["http://127.0.0.1:${other.addr.port}/", "file:///etc/hosts"]) {
    try { note += await (await fetch(address)).text(); } catch { /* refused */ }
  }
  try { await import("http://127.0.0.1:${server.addr.port}/x.js"); note += "imported"; } catch { /* refused */ }`,
  );
  const permissions = { net: [`127.0.0.1:${server.addr.port}`] };
  await withPlugin(code, { permissions }, async (work) => {
    assertEquals(await noteOf(work), "served");
  });
  await Promise.all([server.shutdown(), other.shutdown()]);
});

Deno.test("a plugin sees the variable it was allowed to see, and no other", async () => {
  process.env.ADATOM_ESCAPE_SEEN = "seen";
  process.env.ADATOM_ESCAPE_HIDDEN = "hidden";
  const code = stageCode(`note = Deno.env.get("ADATOM_ESCAPE_SEEN");
  for (const name of ["ADATOM_ESCAPE_HIDDEN", "HOME", "DENO_DIR"]) {
    try { note += Deno.env.get(name); } catch { /* refused */ }
  }
  try { note += Deno.readTextFileSync("/proc/self/environ"); } catch { /* refused */ }`);
  await withPlugin(code, { permissions: { env: ["ADATOM_ESCAPE_SEEN"] } }, async (work) => {
    assertEquals(await noteOf(work), "seen");
  });
  delete process.env.ADATOM_ESCAPE_SEEN;
  delete process.env.ADATOM_ESCAPE_HIDDEN;
});
