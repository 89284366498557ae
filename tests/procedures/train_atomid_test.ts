import { assertEquals, assertFails, assertIncludes, assertTrue } from "@assert";
import { join } from "node:path";
import { type AtomidTrainRequest, trainAtomid } from "../../mod.ts";
import { runCli } from "../support/cli.ts";
import { withFolder } from "../support/toy_host.ts";

/** A program in the place of Python that has all modules and does as a script says. */
async function standIn(folder: string, script: string): Promise<string> {
  const path = join(folder, "python");
  const text = `#!/bin/sh\nif [ "$1" = -c ]; then exit 0; fi\n${script}\n`;
  await Deno.writeTextFile(path, text);
  await Deno.chmod(path, 0o755);
  return path;
}

/** Writes what it was called with, a row of each kind, and the network. */
const WORKS = `
echo "$@" >> "$(dirname "$0")/calls"
case "$1" in
*train.py) echo '{"step":50,"loss":0.5}'; echo '{"step":60,"f1":0.9,"spacingError":0.02}' ;;
*) touch "$3/model.onnx" ;;
esac`;

/** PyTorch is there only where ADATOM_PYTHON names an interpreter that has it. */
const python = Deno.env.get("ADATOM_PYTHON");

Deno.test("trainAtomid trains, tells of each row, and exports", async () => {
  await withFolder(async (folder) => {
    const rows: unknown[] = [];
    const out = join(folder, "network");
    const { validation, files } = await trainAtomid({
      out,
      python: await standIn(folder, WORKS),
      params: { steps: 60, lattices: "2H", features: [8, 16] },
      onRow: (row) => rows.push(row),
    });
    assertEquals(rows, [{ step: 50, loss: 0.5 }, { step: 60, f1: 0.9, spacingError: 0.02 }]);
    assertEquals(validation.f1, 0.9);
    assertEquals(files, ["model.onnx", "training.json"]);
    const [train, exported] = (await Deno.readTextFile(join(folder, "calls"))).split("\n");
    assertIncludes(train, `--out ${out} --steps 60 --seed 1 --lattices 2H --loss shipped`);
    assertIncludes(train, "--spacing 5 42 --features 8 16");
    assertIncludes(exported, `export.py ${out}/checkpoint.pt ${out}`);
  });
});

Deno.test("trainAtomid resumes the same training and refuses the folder of another", async () => {
  await withFolder(async (folder) => {
    const request: AtomidTrainRequest = {
      out: join(folder, "network"),
      python: await standIn(folder, WORKS),
      params: { steps: 60 },
    };
    await trainAtomid(request);
    await Deno.writeTextFile(join(request.out, "checkpoint.pt"), "what it has learned");
    await trainAtomid(request);
    assertTrue((await Deno.stat(join(request.out, "checkpoint.pt"))).isFile);
    await assertFails(
      () => trainAtomid({ ...request, params: { steps: 90 } }),
      "OUTPUT_EXISTS",
      `Cannot train into "${request.out}": expected an empty folder, or one of the same training, got ` +
        "other files; name another folder, or use --overwrite",
    );
    await trainAtomid({ ...request, params: { steps: 90 }, overwrite: true });
    const left = Array.from(Deno.readDirSync(request.out), ({ name }) => name).sort();
    assertEquals(left, ["model.onnx", "training.json"]);
  });
});

Deno.test("trainAtomid says what Python lacks", async () => {
  await withFolder(async (folder) => {
    const hint = "`python3 -m venv trainer`, `trainer/bin/pip install -r " +
      "models/atomid/train/requirements.txt`, then --python trainer/bin/python";
    const expected = "Python with torch, onnx, numpy, scipy, tifffile, yaml";
    await assertFails(
      () => trainAtomid({ out: join(folder, "a"), python: join(folder, "none") }),
      "PYTHON_MISSING",
      `Cannot train a network: expected ${expected}, got no program "${
        join(folder, "none")
      }"; ${hint}`,
    );
    const bare = join(folder, "bare");
    await Deno.writeTextFile(bare, "#!/bin/sh\necho 'No module named torch' >&2\nexit 1\n");
    await Deno.chmod(bare, 0o755);
    await assertFails(
      () => trainAtomid({ out: join(folder, "a"), python: bare }),
      "PYTHON_MISSING",
      `Cannot train a network: expected ${expected}, got No module named torch; ${hint}`,
    );
  });
});

Deno.test("trainAtomid gives the last words of a program that fails", async () => {
  await withFolder(async (folder) => {
    const program = await standIn(
      folder,
      "echo 'Traceback' >&2; echo 'ValueError: no exposure' >&2; exit 1",
    );
    await assertFails(
      () => trainAtomid({ out: join(folder, "a"), python: program }),
      "TRAINING_FAILED",
      "Cannot train a network with train.py: expected the program to end well, got ValueError: no " +
        "exposure; run it by itself to see all it says",
    );
  });
});

Deno.test("a training that is cancelled lets the program keep what it has", async () => {
  await withFolder(async (folder) => {
    const program = await standIn(
      folder,
      `
trap 'touch "$(dirname "$0")/kept"; exit 130' TERM
echo '{"step":50,"loss":0.5}'
while :; do sleep 0.05; done`,
    );
    const abort = new AbortController();
    await assertFails(
      () =>
        trainAtomid({
          out: join(folder, "a"),
          python: program,
          signal: abort.signal,
          onRow: () => abort.abort(),
        }),
      "CANCELLED",
    );
    assertTrue((await Deno.stat(join(folder, "kept"))).isFile);
  });
});

Deno.test("adatom train atomid ends in a table, and checks its parameters", async () => {
  await withFolder(async (folder) => {
    const program = await standIn(folder, WORKS);
    const out = join(folder, "network");
    const good = await runCli([
      "train",
      "atomid",
      "--python",
      program,
      "--out",
      out,
      "--steps",
      "60",
    ]);
    assertEquals(good.code, 0, good.err);
    assertIncludes(good.out, "held-out F1     0.9000");
    assertIncludes(good.out, "spacing error   2.0 %");
    const bad = await runCli(["train", "atomid", "--out", out, "--steps", "0"]);
    assertEquals(bad.code, 2);
  });
});

Deno.test({
  name: "two steps of training end in a network of any size",
  ignore: python === undefined,
  async fn() {
    await withFolder(async (folder) => {
      const { files } = await trainAtomid({
        out: folder,
        python: python!,
        params: { steps: 2, features: [4, 4, 4, 4], lattices: "2H", spacingMin: 8, spacingMax: 12 },
        overwrite: true,
      });
      for (const name of ["model.onnx", "rdf.yaml", "test_input.npy", "checkpoint.pt"]) {
        assertTrue(files.includes(name), name);
      }
    });
  },
});
