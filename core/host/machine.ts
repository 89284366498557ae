/**
 * What the machine adds to a request before it is looked up or run: models of ours that the caller did
 * not name, and the provider of neural inference where he left it to us.
 *
 * @module
 */
import type { Model } from "../data/model.ts";
import type { ParamDeclarations } from "../stage/params.ts";
import type { PortDeclaration } from "../stage/ports.ts";
import type { StepRequest } from "./step.ts";

/** What a host knows of the machine and the installation. */
export interface Machine {
  /** The model of ours of a name; the same object every time, whose digest is remembered. */
  shippedModel(name: string): Model;
  /** The provider that "auto" means here. */
  provider(): Promise<string>;
}

/**
 * The request with shipped models as inputs and the machine's provider as parameter, both of which are
 * part of the cache key; the very same request where it lacks nothing.
 *
 * @throws AdatomError of the machine, when a model is not there
 */
export async function completeRequest(
  request: StepRequest,
  machine: Machine | undefined,
): Promise<StepRequest> {
  if (machine === undefined) return request;
  const { stage, inputs, params } = request;
  const models = Object.entries(stage.inputs as Readonly<Record<string, PortDeclaration>>)
    .flatMap(([name, port]) =>
      port.kind === "model" && port.shipped !== undefined && inputs[name] === undefined
        ? [[name, machine.shippedModel(port.shipped)] as const]
        : []
    );
  const open = Object.entries(stage.params as ParamDeclarations).filter(([name, param]) =>
    param.type === "string" && param.machine === "provider" &&
    (params[name] === undefined || params[name] === "auto")
  );
  if (models.length === 0 && open.length === 0) return request;
  const provider = open.length > 0 ? await machine.provider() : "";
  return {
    ...request,
    inputs: { ...inputs, ...Object.fromEntries(models) },
    params: { ...params, ...Object.fromEntries(open.map(([name]) => [name, provider])) },
  };
}
