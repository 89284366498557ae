/**
 * The declaration of a stage as plain data, without its code: what lists, help and manifests show.
 *
 * @module
 */
import type { ParamDeclaration } from "./params.ts";
import type { PortDeclaration } from "./ports.ts";
import type { AnyStage } from "./stage.ts";

/** A stage as plain data. */
export interface StageDescription {
  readonly id: string;
  readonly version: string;
  readonly api: string;
  readonly summary: string;
  readonly random: boolean;
  /** Whether it takes the parameters of its older major versions. */
  readonly migrates: boolean;
  readonly inputs: Readonly<Record<string, PortDeclaration>>;
  readonly outputs: Readonly<Record<string, PortDeclaration>>;
  readonly params: Readonly<Record<string, ParamDeclaration>>;
}

/** The declaration of a stage as plain data. */
export function describeStage(stage: AnyStage): StageDescription {
  const { id, version, api, summary, random = false, inputs, outputs, params, migrate } = stage;
  const migrates = migrate !== undefined;
  return { id, version, api, summary, random, migrates, inputs, outputs, params };
}
