/**
 * The recorder: every stage call of a script becomes a step, so that the record is a pipeline file.
 *
 * @module
 */
import type { PortDeclaration } from "../stage/ports.ts";
import type { AnyStage } from "../stage/stage.ts";
import { rangeOf } from "../stage/version.ts";
import { PIPELINE_FORMAT, PIPELINE_SCHEMA, type PipelineDocument } from "./document.ts";

/** One recorded call. */
export interface RecordedCall {
  readonly stage: AnyStage;
  readonly params: Readonly<Record<string, unknown>>;
  /** The inputs taken one exposure at a time; none for a plain call. */
  readonly scattered: readonly string[];
  /** Digests by port. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** Collects calls. */
export interface Recorder {
  add(call: RecordedCall): void;
  /** The pipeline so far, and the digest of each of its inputs. */
  document(
    name: string,
  ): { readonly document: PipelineDocument; readonly inputs: Record<string, string> };
}

interface Mutable {
  inputs: Record<string, { kind: PortDeclaration["kind"] } & Record<string, unknown>>;
  steps: {
    id: string;
    stage: string;
    in: Record<string, string>;
    params?: Record<string, unknown>;
    scatter?: "t";
  }[];
}

/** Makes a recorder. */
export function createRecorder(): Recorder {
  const calls: RecordedCall[] = [];
  return {
    add: (call) => void calls.push(call),
    document(name) {
      const made: Mutable = { inputs: {}, steps: [] };
      const sources = new Map<string, string>(); // digest -> reference
      const digests: Record<string, string> = {};
      const produced: { reference: string; port: string; step: string }[] = [];
      for (const call of calls) {
        const step = uniqueName(
          call.stage.id.slice(call.stage.id.lastIndexOf(".") + 1),
          made.steps.map((s) => s.id),
        );
        const links: Record<string, string> = {};
        for (const [port, digest] of Object.entries(call.inputs)) {
          let reference = sources.get(digest);
          if (reference === undefined) {
            const input = uniqueName(port, Object.keys(made.inputs));
            made.inputs[input] = inputType(call, port);
            digests[input] = digest;
            reference = `$inputs.${input}`;
            sources.set(digest, reference);
          }
          links[port] = reference;
        }
        const params = Object.keys(call.params).length > 0 ? { params: { ...call.params } } : {};
        made.steps.push({
          id: step,
          stage: `${call.stage.id}@${rangeOf(call.stage.version)}`,
          in: links,
          ...params,
          ...(call.scattered.length > 0 ? { scatter: "t" as const } : {}),
        });
        for (const [port, digest] of Object.entries(call.outputs)) {
          const reference = `${step}.${port}`;
          if (!sources.has(digest)) sources.set(digest, reference);
          produced.push({ reference, port, step });
        }
      }
      const outputs: Record<string, string> = {};
      for (const { reference, port, step } of produced) {
        const alone = produced.filter((other) => other.port === port).length === 1;
        outputs[alone ? port : `${step}-${port}`] = reference;
      }
      const document: PipelineDocument = {
        $schema: PIPELINE_SCHEMA,
        format: PIPELINE_FORMAT,
        name,
        inputs: made.inputs,
        steps: made.steps,
        outputs,
      };
      return { document, inputs: digests };
    },
  };
}

/** The declaration a pipeline input needs so that this call can take it. */
function inputType(
  call: RecordedCall,
  name: string,
): { kind: PortDeclaration["kind"] } & Record<string, unknown> {
  const port: PortDeclaration = call.stage.inputs[name];
  const { nonFinite: _n, optional: _o, ...type } = port as PortDeclaration & {
    nonFinite?: string;
    optional?: true;
  };
  if (!call.scattered.includes(name)) return { ...type };
  return port.kind === "image"
    ? { ...type, kind: "exposures", axes: "tyx" }
    : { ...type, axes: "t" };
}

function uniqueName(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  for (let i = 2;; i++) if (!taken.includes(`${name}-${i}`)) return `${name}-${i}`;
}
