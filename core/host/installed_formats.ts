/**
 * File formats of installed plugins: recognized by their declared signatures, read and written in the
 * sandbox.
 *
 * @module
 */
import type { Image } from "../data/image.ts";
import type { Table } from "../data/table.ts";
import { AdatomError } from "../errors.ts";
import type { FormatDescription } from "../plugin/description.ts";
import { cleanText, type Sandbox } from "../runner/process/sandbox.ts";
import { encodeParts } from "../data/encode.ts";
import { describeValue, isImage, isTable } from "../stage/check_value.ts";
import {
  type FormatContext,
  hasSignature,
  type ImageFormat,
  type TableFormat,
} from "../stage/format.ts";
import type { PluginOrigin } from "../stage/stage.ts";
import type { InstalledPlugin } from "./installed.ts";
import type { Format } from "./registry.ts";

/** The formats of an installed plugin. */
export function installedFormats(
  { manifest, origin }: InstalledPlugin,
  sandbox: Sandbox,
): Format[] {
  return manifest.formats.map((format) => {
    const { id, kind, title, extensions, signatures } = format;
    const common = {
      id,
      title,
      extensions,
      signatures,
      plugin: origin,
      recognizes: (head: Uint8Array) => hasSignature(head, signatures),
    };
    const read = (bytes: Uint8Array, context: FormatContext) =>
      readInSandbox(sandbox, origin, format, bytes, context);
    const write = (value: unknown) => writeInSandbox(sandbox, origin, format, value);
    return {
      ...common,
      kind,
      read,
      ...(format.writes ? { write } : {}),
    } as ImageFormat | TableFormat;
  });
}

async function readInSandbox(
  sandbox: Sandbox,
  plugin: PluginOrigin,
  { id, kind }: FormatDescription,
  bytes: Uint8Array,
  { name, path, warn }: FormatContext,
): Promise<Image[] | Table> {
  const task = { do: "read", format: id, name, path } as const;
  const answer = await sandbox.perform(plugin, task, [bytes]) as {
    value?: unknown;
    warnings?: unknown;
  };
  const { value, warnings } = answer ?? {};
  for (const warning of Array.isArray(warnings) ? warnings.slice(0, 100) : []) {
    warn(cleanText(String(warning?.code)), cleanText(String(warning?.message)));
  }
  const good = kind === "table"
    ? isTable(value)
    : Array.isArray(value) && value.length > 0 && value.every(isImage);
  if (good) return value as Image[] | Table;
  throw new AdatomError("OUTPUT_TYPE", {
    cannot: `read "${path}" with ${id} (plugin ${plugin.id} ${plugin.version})`,
    expected: kind === "table" ? "a table" : "a list of images",
    got: describeValue(value),
    hint: `report it to the author of ${plugin.id}`,
  });
}

async function writeInSandbox(
  sandbox: Sandbox,
  plugin: PluginOrigin,
  { id }: FormatDescription,
  value: unknown,
): Promise<Uint8Array> {
  const task = { do: "write", format: id } as const;
  const answer = await sandbox.perform(plugin, task, encodeParts(value)) as { bytes?: unknown };
  const bytes = answer?.bytes;
  if (bytes instanceof Uint8Array) return bytes;
  throw new AdatomError("OUTPUT_TYPE", {
    cannot: `write a file with ${id} (plugin ${plugin.id} ${plugin.version})`,
    expected: "the bytes of a file",
    got: describeValue(bytes),
    hint: `report it to the author of ${plugin.id}`,
  });
}
