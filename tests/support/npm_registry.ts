/**
 * An npm registry on this machine, with the packages a test gives it.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** A package: its name, version, and files beside `package.json`. */
export interface TestPackage {
  readonly name: string;
  readonly version: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
}

/** Runs something with a registry, whose address is given to `NPM_CONFIG_REGISTRY`. */
export async function withRegistry<T>(
  packages: readonly TestPackage[],
  action: (address: string) => Promise<T>,
): Promise<T> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const url = new URL(request.url);
    const path = decodeURIComponent(url.pathname.slice(1));
    const versions = packages.filter(({ name }) => name === path);
    if (versions.length > 0) return Response.json(packument(versions, url.origin));
    const one = packages.find((each) => path === tarballPath(each));
    return one === undefined
      ? new Response(null, { status: 404 })
      : new Response(new Uint8Array(tarball(one)));
  });
  try {
    return await action(`http://127.0.0.1:${server.addr.port}/`);
  } finally {
    await server.shutdown();
  }
}

function tarballPath({ name, version }: TestPackage): string {
  return `${name}/-/${name.replace(/^.*\//, "")}-${version}.tgz`;
}

function packument(versions: readonly TestPackage[], origin: string): unknown {
  const entries = versions.map((one) => {
    const { name, version } = one;
    const integrity = `sha512-${createHash("sha512").update(tarball(one)).digest("base64")}`;
    const dist = { tarball: `${origin}/${tarballPath(one)}`, integrity };
    return [version, { name, version, dist }] as const;
  });
  return {
    name: versions[0].name,
    "dist-tags": { latest: versions.at(-1)!.version },
    versions: Object.fromEntries(entries),
    time: Object.fromEntries(entries.map(([version]) => [version, "2020-01-01T00:00:00.000Z"])),
  };
}

function tarball({ name, version, files }: TestPackage): Uint8Array {
  const all = { "package.json": JSON.stringify({ name, version }), ...files };
  const encoder = new TextEncoder();
  const blocks = Object.entries(all).flatMap(([path, content]) => {
    const bytes = typeof content === "string" ? encoder.encode(content) : content;
    const padding = new Uint8Array((512 - bytes.length % 512) % 512);
    return [tarHeader(`package/${path}`, bytes.length), bytes, padding];
  });
  return gzipSync(new Uint8Array([...blocks, new Uint8Array(1024)].flatMap((b) => [...b])));
}

/** The header of a plain file in the ustar format. */
function tarHeader(path: string, size: number): Uint8Array {
  const header = new Uint8Array(512);
  const put = (at: number, text: string) => header.set(new TextEncoder().encode(text), at);
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0") + "\0";
  put(0, path);
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(0, 11));
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\x0000");
  put(148, octal(header.reduce((sum, byte) => sum + byte, 0), 6) + " ");
  return header;
}
