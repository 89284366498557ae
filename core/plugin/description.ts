/**
 * Descriptions of plugins as plain data, made from their code.
 *
 * @module
 */
import { describeStage, type StageDescription } from "../stage/declaration.ts";
import type { ImageFormat, Signature, TableFormat } from "../stage/format.ts";
import type { Permissions } from "../stage/stage.ts";
import type { Plugin } from "./plugin.ts";

/** A file format as plain data. */
export interface FormatDescription {
  readonly id: string;
  readonly kind: "image" | "table";
  readonly title: string;
  readonly extensions: readonly string[];
  readonly signatures: readonly Signature[];
  readonly writes: boolean;
}

/** What the code of a plugin says about itself. */
export interface PluginDescription {
  readonly id: string;
  readonly version: string;
  readonly api: string;
  readonly summary: string;
  readonly license: string;
  readonly homepage?: string;
  readonly permissions: Permissions;
  readonly stages: readonly StageDescription[];
  readonly formats: readonly FormatDescription[];
}

/** The description of a plugin as plain data, always in the same order. */
export function describePlugin(plugin: Plugin): PluginDescription {
  const { id, version, api, summary, license, homepage, permissions = {} } = plugin;
  return {
    id,
    version,
    api,
    summary,
    license,
    ...(homepage === undefined ? {} : { homepage }),
    permissions,
    stages: (plugin.stages ?? []).map(describeStage),
    formats: (plugin.formats ?? []).map(describeFormat),
  };
}

/** The description of a file format as plain data. */
export function describeFormat(format: ImageFormat | TableFormat): FormatDescription {
  const { id, kind, title, extensions, signatures = [], write } = format;
  return { id, kind, title, extensions, signatures, writes: write !== undefined };
}
