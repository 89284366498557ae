/**
 * The other files of a new plugin.
 *
 * Names stand in headings and blocks of code only, where `deno fmt` leaves them alone.
 *
 * @module
 */
import type { PluginNames } from "./_template_code.ts";

const FENCE = "```";

/** The Deno that Adatom is tested with. */
const DENO_VERSION = "2.9.6";

/** `examples/<stage>.json`: an example that is run and compared. */
export function exampleJson(
  { id }: PluginNames,
  { sigma, amount }: { readonly sigma: number; readonly amount: number },
): string {
  return `{
  "stage": "${id}",
  "inputs": { "image": "image.tif" },
  "params": { "sigma": ${sigma}, "amount": ${amount} },
  "expected": { "image": "expected.tif" },
  "tolerance": 1e-3
}
`;
}

/** `deno.json`: where `@core` is, for the editor and for `deno` itself. */
export function denoJson(coreAddress: string): string {
  return `{
  "license": "MIT",
  "imports": {
    "@core": ${JSON.stringify(coreAddress)},
    "@core/kernels": ${JSON.stringify(coreAddress.replace(/mod\.ts$/, "kernels/mod.ts"))}
  },
  "tasks": {
    "ok": "deno fmt --check && deno lint && deno check . && deno test"
  },
  "fmt": { "lineWidth": 100, "exclude": ["dist", "produced"] },
  "lint": { "exclude": ["dist", "produced"] }
}
`;
}

/** `README.md` */
export function readme({ id, file }: PluginNames): string {
  return `# ${id}

A plugin for Adatom, the plugin host for atomic-resolution electron microscopy. It sharpens images
by an unsharp mask.

## Work on it

With Node on the machine, in this folder:

${FENCE}sh
npx -y deno@${DENO_VERSION} task ok   # format, lint, types and unit tests
${FENCE}

In a checkout of Adatom, where \`adatom\` stands for \`npx -y deno@${DENO_VERSION} task adatom\` and PATH for the
path of this folder:

${FENCE}sh
adatom plugin check PATH    # the declaration and the contract every stage must keep
adatom plugin test PATH     # runs examples/*.json and compares with what they expect
adatom plugin bundle PATH   # dist/: the code in one file, with its manifest
adatom plugin add PATH      # installs it on this machine
${FENCE}

After that it is a stage like any other:

${FENCE}sh
adatom describe ${id}
adatom run ${id} --in image=image.tif --sigma 2 --out sharpened
${FENCE}

## What each file is

${FENCE}
plugin.ts                  the entry: id, version, license, list of stages and formats
${file}.ts
                           the stage: inputs, outputs, parameters, and the steps of its method
_sharpen.ts                its kernel: plain arrays in, plain arrays out
${file}_test.ts
                           unit tests against formulas
_test_context.ts           what tests hand to a stage as its context
examples/                  examples that are run and compared: small data, and a .json each
deno.json                  where @core is; format and lint
.github/workflows/ci.yml   checks and tests every push; set the variable ADATOM_REPOSITORY
LICENSE                    MIT
${FENCE}

A stage is a pure function of its inputs and parameters: no files, no network, no clock. What it
needs from Adatom comes from \`@core\` and \`@core/kernels\` and nowhere else.
`;
}

/** `LICENSE` */
export function mitLicense(year: number, author: string): string {
  return `MIT License

Copyright (c) ${year} ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
`;
}

/** `.gitignore` */
export function gitignore(): string {
  return `dist/
produced/
`;
}

/** `.github/workflows/ci.yml`: the same checks as on the author's machine, with a fresh Adatom. */
export function ciYml(): string {
  return `# Set the variable ADATOM_REPOSITORY (Settings, Secrets and variables, Actions, Variables) to the
# GitHub repository of Adatom, as owner/name, and ADATOM_REF to a tag to keep to one version of it.
name: ci
on: [push, pull_request]
permissions:
  contents: read
jobs:
  plugin:
    runs-on: ubuntu-latest
    env:
      NO_COLOR: "1"
      ADATOM_REPOSITORY: \${{ vars.ADATOM_REPOSITORY }}
    steps:
      - name: the variable is set
        run: test -n "$ADATOM_REPOSITORY"
      - uses: actions/checkout@v4
        with:
          path: plugin
      - uses: actions/checkout@v4
        with:
          repository: \${{ vars.ADATOM_REPOSITORY }}
          ref: \${{ vars.ADATOM_REF }}
          path: adatom
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - run: npx -y deno@${DENO_VERSION} task adatom plugin check ../plugin
        working-directory: adatom
      - run: npx -y deno@${DENO_VERSION} task adatom plugin test ../plugin
        working-directory: adatom
`;
}
