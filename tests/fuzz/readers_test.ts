/**
 * Whatever bytes a reader is given, it gives a result or a typed error, and no more pixels than such
 * a file could hold.
 */
import { assertAtMost, assertTrue } from "@assert";
import fc from "fast-check";
import {
  AdatomError,
  type ImageFormat,
  type JsonFormat,
  type Table,
  type TableFormat,
} from "../../core/mod.ts";
import { bmp } from "../../plugins/io/bmp.ts";
import { cif } from "../../plugins/io/cif.ts";
import { csv } from "../../plugins/io/csv.ts";
import { imagejRoi, writeRoi, writeRoiSet } from "../../plugins/io/imagej_roi.ts";
import { jpeg } from "../../plugins/io/jpeg.ts";
import { npy } from "../../plugins/io/npy.ts";
import { npz } from "../../plugins/io/npz.ts";
import { png } from "../../plugins/io/png.ts";
import { tiff } from "../../plugins/io/tiff.ts";
import { formatContext, goldenFile } from "../support/reader.ts";

/** No compression that is read turns one byte into more pixels than this. */
const PIXELS_PER_BYTE = 4096;

const RUNS = 150;

const files = (...names: string[]) => names.map(goldenFile);
const text = (...tables: string[]) => tables.map((table) => new TextEncoder().encode(table));
const points: Table<"x" | "y"> = {
  length: 3,
  columns: { x: Float64Array.of(1.25, 2.5, 300), y: Float64Array.of(0.1, 4, 7) },
  units: {},
};

type AnyFormat = ImageFormat | TableFormat | JsonFormat;

const subjects: readonly (readonly [AnyFormat, readonly Uint8Array[]])[] = [
  [
    tiff,
    files(
      "u8.tif",
      "u16_be_deflate_predictor.tif",
      "i16_big.tif",
      "f32_be_tiles.tif",
      "u8_lzw.tif",
      "u8_packbits.tif",
      "u8_jpeg.tif",
      "rgb_planar.tif",
      "palette.tif",
      "imagej.tif",
      "ome.tif",
      "thumbnail.tif",
    ),
  ],
  [png, files("gray8.png", "gray16.png", "gray1.png", "palette4.png", "rgb.png")],
  [jpeg, files("gray.jpg", "progressive.jpg", "rgb.jpg")],
  [bmp, files("gray.bmp", "rgb.bmp", "rgba.bmp", "two_colors.bmp")],
  [npy, files("f8.npy", "fortran_i2_be.npy", "f2_v3.npy", "i8.npy", "bool.npy")],
  [npz, files("several.npz")],
  [imagejRoi, [writeRoi(points), writeRoiSet(points)]],
  [
    csv,
    text(
      "x,y,height,status\n1,2,3,ok\n4,5,,weak\n",
      " \tX\tY\n1\t1.5\t2.5\n2\t3.5\t4.5\n",
      '# note\nx;y;"a ""b"""\n1,5;2,5;"c\nd"\n',
      "1 2 3\n4 5 6\n",
    ),
  ],
  [
    cif,
    text(
      "data_a\n_cell_length_a 3.1\n_cell_length_b 3.1\n_cell_length_c 12\n_cell_angle_alpha 90\n" +
        "_cell_angle_beta 90\n_cell_angle_gamma 120\nloop_\n_symmetry_equiv_pos_as_xyz\n'x,y,z'\n" +
        "'-y,x-y,z'\n-x,-y,1/2+z\nloop_\n_atom_site_label\n_atom_site_fract_x\n" +
        "_atom_site_fract_y\n_atom_site_fract_z\nMo1 0.3333 .6667 0.25\nS 0.3 0.6 0.62(1)\n",
      "# c\ndata_b\n_t\n;\ntext\n;\n_q 'it''s'\n_r \"a b\"\nloop_\n_x\n_y\n1 2\n3 4\n",
    ),
  ],
];

/** Pixels of images, rows of a table, atoms of a crystal. */
function sizeOf(value: Awaited<ReturnType<AnyFormat["read"]>>): number {
  if (Array.isArray(value)) return value.reduce((sum, image) => sum + image.data.length, 0);
  const { length, atoms } = value as { length?: number; atoms?: readonly unknown[] };
  return length ?? atoms!.length;
}

async function survives(format: AnyFormat, bytes: Uint8Array): Promise<void> {
  const before = bytes.slice();
  try {
    format.recognizes(bytes.subarray(0, 512));
    const value = await format.read(bytes, formatContext("a.bin"));
    const pixels = sizeOf(value);
    assertAtMost(pixels, PIXELS_PER_BYTE * bytes.length);
  } catch (error) {
    if (!(error instanceof AdatomError)) throw error;
    assertTrue(error.message.startsWith("Cannot read "), error.message);
  }
  assertTrue(before.every((byte, i) => byte === bytes[i]), "a reader changed its input");
}

for (const [format, seeds] of subjects) {
  const seed = fc.constantFrom(...seeds);

  Deno.test(`${format.id} survives changed bytes`, async () => {
    // Interesting values more often than chance has them: sizes of 0 and of many.
    const byte = fc.oneof(fc.constantFrom(0, 1, 127, 128, 255), fc.nat(255));
    const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), byte);
    await fc.assert(
      fc.asyncProperty(seed, fc.array(change, { minLength: 1, maxLength: 6 }), (bytes, changes) => {
        const changed = bytes.slice();
        for (const [place, value] of changes) {
          changed[Math.floor(place * (bytes.length - 1))] = value;
        }
        return survives(format, changed);
      }),
      { numRuns: RUNS },
    );
  });

  Deno.test(`${format.id} survives being cut, and random bytes behind its first ones`, async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.uint8Array({ maxLength: 200 }),
        async (bytes, place, tail) => {
          const kept = bytes.slice(0, Math.floor(place * bytes.length));
          await survives(format, kept);
          await survives(format, Uint8Array.from([...kept, ...tail]));
        },
      ),
      { numRuns: RUNS },
    );
  });

  Deno.test(`${format.id} survives random bytes`, async () => {
    const bytes = fc.uint8Array({ maxLength: 300 });
    await fc.assert(fc.asyncProperty(bytes, (b) => survives(format, b)), { numRuns: RUNS });
  });
}

Deno.test("io.cif survives words of CIF in any order", async () => {
  const word = fc.constantFrom(
    ...[
      "data_a",
      "loop_",
      "\n",
      "\n;",
      "\n",
      "'x,y,z'",
      "-y,x,1/2+z",
      "'a b'",
      '"',
      "'",
      "# c",
      ".",
    ],
    ...[
      "_cell_length_a",
      "_cell_length_b",
      "_cell_length_c",
      "_cell_angle_alpha",
      "1.5(3)",
      "90",
      "0",
    ],
    ...["_cell_angle_beta", "_cell_angle_gamma", "_atom_site_label", "_atom_site_fract_x", "-1e9"],
    ...["_atom_site_fract_y", "_atom_site_fract_z", "_symmetry_equiv_pos_as_xyz", "Mo1", "?", "X"],
  );
  const cell = "data_a _cell_length_a 3 _cell_length_b 3 _cell_length_c 3 _cell_angle_alpha 90 " +
    "_cell_angle_beta 90 _cell_angle_gamma 90 loop_ _atom_site_label _atom_site_fract_x " +
    "_atom_site_fract_y _atom_site_fract_z ";
  const words = fc.tuple(fc.constantFrom("", cell), fc.array(word, { maxLength: 40 }));
  await fc.assert(
    fc.asyncProperty(
      words,
      ([start, rest]) => survives(cif, new TextEncoder().encode(start + rest.join(" "))),
    ),
    { numRuns: 600 },
  );
});
