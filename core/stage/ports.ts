/**
 * Ports: the typed inputs and outputs of a stage.
 *
 * @module
 */
import type { Columns } from "../data/columns.ts";
import type { Drift } from "../data/drift.ts";
import type { Exposures, Image } from "../data/image.ts";
import type { Model } from "../data/model.ts";
import type { Peaks } from "../data/peaks.ts";
import type { Table } from "../data/table.ts";
import type { FromSchema, Schema } from "./schema.ts";

/** Plain JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json };

/** What every port says about itself. */
export interface PortBase {
  /** One line: what the value means and in which unit. */
  readonly description: string;
  /** An input that may be left out. */
  readonly optional?: true;
}

/** One gray image. */
export interface ImagePort extends PortBase {
  readonly kind: "image";
  /** `yx`: one image; the axes are part of the type and never converted silently. */
  readonly axes: "yx";
  /** What the stage does with NaN and infinite pixels; `refuse` unless told. */
  readonly nonFinite?: "refuse" | "exclude";
}

/** Exposures of one region: a stack with the axes t (exposure), y, x. */
export interface ExposuresPort extends PortBase {
  readonly kind: "exposures";
  readonly axes: "tyx";
  /** `any`: images that need not be of one size or pixel size, as for training. */
  readonly sizes?: "any";
  readonly nonFinite?: "refuse" | "exclude";
}

/** A table of peaks, columns or drift; with axes `t` one table an exposure. */
export interface SpecialTablePort extends PortBase {
  readonly kind: "peaks" | "columns" | "drift";
  readonly axes?: "t";
}

/** A table with the number columns named here (unit by name) and the word columns `words`. */
export interface TablePort extends PortBase {
  readonly kind: "table";
  readonly columns: Readonly<Record<string, string>>;
  readonly words?: readonly string[];
  readonly axes?: "t";
}

/**
 * Plain JSON, such as metrics.
 *
 * With `type` it is a kind of its own: only an output of the same `type` can be connected to it.
 * With `schema` every value is checked, and TypeScript infers its type from the literal.
 */
export interface JsonPort extends PortBase {
  readonly kind: "json";
  readonly axes?: "t";
  /** `owner.name`, as in `lab.voronoi-cells`. */
  readonly type?: string;
  readonly schema?: Schema;
}

/**
 * A neural network as a file, so that its digest enters the cache key.
 *
 * With `shipped` the host gives the model of that name where none is given.
 */
export interface ModelPort extends PortBase {
  readonly kind: "model";
  readonly axes?: never;
  /** Name of a model of ours, given when the caller names none; for optional inputs. */
  readonly shipped?: string;
}

/** The declaration of one port. */
export type PortDeclaration =
  | ImagePort
  | ExposuresPort
  | SpecialTablePort
  | TablePort
  | ModelPort
  | JsonPort;

/** The kinds of ports. */
export type PortKind = PortDeclaration["kind"];

/** The declarations of a stage's inputs or outputs by name. */
export type PortDeclarations = Readonly<Record<string, PortDeclaration>>;

/** The table a table port describes. */
export type TableOf<D> = D extends
  { readonly columns: infer C extends Readonly<Record<string, string>> } ? Table<
    Extract<keyof C, string>,
    D extends { readonly words: readonly (infer W extends string)[] } ? W : never
  >
  : Table;

/** The value of a port for one exposure. */
export type Single<D> = D extends { readonly kind: "image" } ? Image
  : D extends { readonly kind: "exposures" } ? Exposures
  : D extends { readonly kind: "peaks" } ? Peaks
  : D extends { readonly kind: "columns" } ? Columns
  : D extends { readonly kind: "drift" } ? Drift
  : D extends { readonly kind: "model" } ? Model
  : D extends { readonly kind: "table" } ? TableOf<D>
  : D extends { readonly schema: infer S } ? FromSchema<S>
  : Json;

/** The value of a declared port. */
export type PortValue<D> = D extends { readonly axes: "t" } ? readonly Single<D>[] : Single<D>;

/** Any value a port can hold. */
export type AnyValue = Image | Exposures | Table | Model | Json | readonly (Table | Json)[];

/** Names of the ports that may be left out. */
export type OptionalNames<P> = {
  [name in keyof P]: P[name] extends { readonly optional: true } ? name : never;
}[keyof P];

/** The values of a stage's inputs; optional ports may be left out. */
export type InputValues<P extends PortDeclarations> =
  & { readonly [name in Exclude<keyof P, OptionalNames<P>>]: PortValue<P[name]> }
  & { readonly [name in OptionalNames<P>]?: PortValue<P[name]> | undefined };

/** The values of a stage's outputs. */
export type OutputValues<P extends PortDeclarations> = {
  readonly [name in keyof P]: PortValue<P[name]>;
};
