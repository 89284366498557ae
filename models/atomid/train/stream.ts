/**
 * Streams training patches to stdout, for train.py: see patches.py for the records.
 *
 * `deno run -A models/atomid/train/stream.ts SEED FIRST PARAMS` makes batch after batch of patches,
 * beginning with batch FIRST of the seed's series, until nobody reads any more. PARAMS are those of
 * the stage `simulation.patches` as JSON.
 */
import { createHost, simulation } from "../../../mod.ts";

const [seed, first] = Deno.args.slice(0, 2).map(Number);
const params = JSON.parse(Deno.args[2]);
const { count, size } = params;
using host = createHost({ cache: false });
const pixels = size * size;
const record = new Uint8Array(8 + 9 * pixels);
const header = new Float32Array(record.buffer, 0, 2);
const image = new Float32Array(record.buffer, 8, pixels);
const target = new Float32Array(record.buffer, 8 + 4 * pixels, pixels);
const weights = record.subarray(8 + 8 * pixels);
const kinds = ["lattice", "grains", "bilayer", "particle", "atoms", "empty"];
const out = Deno.stdout.writable.getWriter();
for (let batch = first;; batch++) {
  const { patches, targets, weights: counted, conditions } = await host.run(
    simulation.patches,
    {},
    params,
    { seed: seed * 1_000_000 + batch },
  );
  for (let i = 0; i < count; i++) {
    header[0] = kinds.indexOf(conditions.columns.kind[i]);
    header[1] = conditions.columns.spacing[i];
    image.set(patches.images[i].data);
    target.set(targets.images[i].data);
    weights.set(counted.images[i].data);
    await out.ready;
    await out.write(record.slice());
  }
}
