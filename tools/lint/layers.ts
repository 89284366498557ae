/**
 * Lint rules of the tree: who may import what, and no pixel loop in a stage file.
 *
 * @module
 */

const CORE_FOLDERS: Readonly<Record<string, readonly string[]>> = {
  data: ["data"],
  kernels: ["kernels"],
  stage: ["stage", "data", "errors"],
  plugin: ["plugin", "stage", "data", "errors"],
  runner: ["runner", "plugin", "stage", "data", "errors", "kernels"],
  store: ["store", "data"],
  pipeline: ["pipeline", "stage", "data", "errors", "store"],
  host: ["host", "pipeline", "plugin", "runner", "stage", "store", "data", "errors"],
};

/** It loads a native package that lies outside of the import map, which only Node's loader can. */
const NATIVE_RUNTIME = "plugins/inference/_onnx_native.ts";

/** What is wrong with an import of one file by another, or `undefined`. Paths from the root. */
export function importProblem(file: string, specifier: string): string | undefined {
  const target = resolveImport(file, specifier);
  const [top, folder] = file.split("/");
  if (/^(jsr|https?):/.test(specifier)) return "only npm packages named in deno.json are imported";
  if (specifier.startsWith("npm:")) return "name npm packages in deno.json";
  if (top === "core") {
    if (target === undefined) {
      return specifier.startsWith("node:") && ["host", "store", "runner"].includes(folder)
        ? undefined
        : `core imports no package, and node: only in host/, store/ and runner/`;
    }
    if (!target.startsWith("core/")) return "core imports nothing outside core";
    const allowed = CORE_FOLDERS[folder];
    const [, to] = target.split("/");
    if (allowed !== undefined && !allowed.includes(to.replace(".ts", ""))) {
      return `core/${folder} imports only ${allowed.join(", ")}`;
    }
    return undefined;
  }
  if (file === NATIVE_RUNTIME && specifier === "node:module") return undefined;
  if (top === "plugins" && file !== "plugins/mod.ts") {
    if (specifier === "@core" || specifier === "@core/kernels") return undefined;
    if (specifier.startsWith("node:")) return "a stage touches no files: no node: modules";
    if (target === undefined) return undefined; // npm packages: one file each, see tools/tree.ts
    const dir = file.slice(0, file.lastIndexOf("/"));
    const sameFolder = target.slice(0, target.lastIndexOf("/")) === dir;
    return sameFolder ? undefined : "plugins import @core, @core/kernels and their own folder";
  }
  if (top === "cli.ts" || top === "cli" || top === "viewer") {
    if (target === undefined) return undefined;
    const own = target.startsWith("cli/") || target.startsWith("viewer/");
    const fine = own || target === "mod.ts" || target === "deno.json";
    return fine ? undefined : "the command line and the viewer import mod.ts and their own files";
  }
  if (top === "examples" && folder !== "plugins") {
    const fine = target === undefined ? specifier.startsWith("node:") : target === "mod.ts";
    return fine || specifier === "@core"
      ? undefined
      : "examples import mod.ts only (stages: @core)";
  }
  if (target !== undefined && /\/_[^/]*$/.test(target)) {
    const dir = target.slice(0, target.lastIndexOf("/"));
    const near = file.startsWith(`${dir}/`) || file.startsWith(`tests/${dir}/`) ||
      top === "benchmarks";
    return near ? undefined : "files with a leading underscore are private to their folder";
  }
  return undefined;
}

/** The file a relative import means, from the root; `undefined` for a package. */
function resolveImport(file: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  const parts = file.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}

/** The path of a linted file from the root of the project. */
function fromRoot(filename: string): string {
  const root = new URL("../../", import.meta.url).pathname;
  const path = filename.startsWith("file:") ? new URL(filename).pathname : filename;
  return path.startsWith(root) ? path.slice(root.length) : path;
}

const plugin: Deno.lint.Plugin = {
  name: "adatom",
  rules: {
    layers: {
      create(context) {
        const file = fromRoot(context.filename);
        const check = (node: Deno.lint.Node, specifier: unknown) => {
          if (typeof specifier !== "string") return;
          const problem = importProblem(file, specifier);
          if (problem !== undefined) context.report({ node, message: `${specifier}: ${problem}` });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source.value),
          ExportNamedDeclaration: (node) => check(node, node.source?.value),
          ExportAllDeclaration(node) {
            check(node, node.source.value);
            context.report({ node, message: "list the names that are exported" });
          },
          ImportExpression(node) {
            if (node.source.type === "Literal") check(node, node.source.value);
          },
        };
      },
    },
    "no-pixel-loop": {
      create(context) {
        const file = fromRoot(context.filename);
        const isStage = /^plugins\/(?!io\/)[^/]+\/[^_/][^/]*\.ts$/.test(file);
        if (!isStage) return {};
        return {
          MemberExpression(node) {
            const inner = node.object;
            const reads = node.computed && inner.type === "MemberExpression" &&
              inner.property.type === "Identifier" && inner.property.name === "data";
            if (!reads) return;
            context.report({
              node,
              message: "no pixel loop in a stage file: put it in a kernel (_name.ts beside it)",
            });
          },
        };
      },
    },
    "no-deno-in-core": {
      create(context) {
        const file = fromRoot(context.filename);
        const pure = /^core\/(?!host\/|runner\/process\/)/.test(file) || /^plugins\//.test(file);
        if (!pure) return {};
        return {
          MemberExpression(node) {
            if (node.object.type !== "Identifier" || node.object.name !== "Deno") return;
            context.report({
              node,
              message: "Deno.* is used in core/host and core/runner/process only",
            });
          },
        };
      },
    },
  },
};

export default plugin;
