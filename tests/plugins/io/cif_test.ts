import { assertClose, assertEquals, assertFails, assertTrue } from "@assert";
import { cif } from "../../../plugins/io/cif.ts";
import { formatContext } from "../../support/reader.ts";

interface Crystal {
  readonly name: string;
  readonly cell: Readonly<Record<string, number>>;
  readonly atoms: readonly {
    readonly element: string;
    readonly u: number;
    readonly v: number;
    readonly w: number;
    readonly occupancy: number;
  }[];
}

const read = async (text: string) =>
  await cif.read(new TextEncoder().encode(text), formatContext("in/a.cif")) as unknown as Crystal;

const CELL = `data_quartz
_cell_length_a 4.9137(2)
_cell_length_b 4.9137(2)
_cell_length_c 5.4047(3)
_cell_angle_alpha 90
_cell_angle_beta 90.000
_cell_angle_gamma 120.
`;

const SITES = `loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
`;

/** Alpha quartz, space group 154. */
const QUARTZ = `# a comment
${CELL}
_chemical_name_mineral 'Quartz, it''s alpha'
_publ_section_title
;
 several lines; of text
loop_ _not_a_loop
;
_symmetry_space_group_name_H-M 'P 32 2 1'
loop_
_symmetry_equiv_pos_as_xyz
'x, y, z'
'-y, x-y, z+2/3'
'-x+y, -x, z+1/3'
'y, x, -z'
'x-y, -y, -z+1/3'
'-x, -x+y, -z+2/3'
loop_
_atom_site_label
_atom_site_type_symbol
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_occupancy
Si1 Si4+ 0.4697(1) 0 0.66667 1
O1 O2- 0.4135 0.2669 0.7858 .
`;

Deno.test("io.cif reads cell, operations and sites, and fills the cell", async () => {
  const { name, cell, atoms } = await read(QUARTZ);
  assertEquals(name, "quartz");
  assertClose(cell.a, 0.49137, 1e-12);
  assertClose(cell.c, 0.54047, 1e-12);
  assertEquals(cell.gamma, 120);
  // Silicon lies on a twofold axis, so six operations give three atoms.
  const of = (element: string) => atoms.filter((atom) => atom.element === element);
  assertEquals([of("Si").length, of("O").length, atoms.length], [3, 6, 9]);
  assertTrue(atoms.every(({ u, v, w }) => [u, v, w].every((f) => f >= 0 && f < 1)));
  const heights = of("Si").map(({ w }) => w).sort();
  [0, 1 / 3, 2 / 3].forEach((w, i) => assertClose(heights[i], w, 1e-5));
});

Deno.test("io.cif: every silicon of quartz has four oxygen at 0.161 nm", async () => {
  const { cell: { a, c }, atoms } = await read(QUARTZ);
  for (const si of atoms.filter(({ element }) => element === "Si")) {
    const bonds: number[] = [];
    for (const o of atoms.filter(({ element }) => element === "O")) {
      for (const i of [-1, 0, 1]) {
        for (const j of [-1, 0, 1]) {
          for (const k of [-1, 0, 1]) {
            const u = o.u - si.u + i, v = o.v - si.v + j, w = o.w - si.w + k;
            bonds.push(Math.hypot(a * (u - v / 2), a * v * Math.sqrt(0.75), c * w));
          }
        }
      }
    }
    bonds.sort((p, q) => p - q);
    // Published bonds are 0.1605 and 0.1614 nm.
    for (const bond of bonds.slice(0, 4)) assertClose(bond, 0.161, 0.001);
    assertTrue(bonds[4] > 0.25);
  }
});

Deno.test("io.cif: positions in several shapes, elements from labels, occupancy", async () => {
  const { atoms } = await read(`${CELL}loop_
_atom_site_label
_atom_site_occupancy
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
MO1 0.5 -.25 1.5e-1 2
"W1" 0.5 .75 0.15 0
Cx 0 0 0 0
D1 1 0.5 0.5 0.5
`);
  assertEquals(atoms.map(({ element }) => element), ["Mo", "W", "H"]);
  assertEquals([atoms[0].u, atoms[0].v, atoms[0].w], [0.75, 0.15, 0]);
  assertEquals(atoms[0].occupancy, 0.5);
});

Deno.test("io.cif: isotropic displacements as U or B", async () => {
  const sites = `loop_
_atom_site_label
_atom_site_fract_x
_atom_site_fract_y
_atom_site_fract_z
_atom_site_B_iso_or_equiv
_atom_site_U_iso_or_equiv
`;
  const rows = "Sr 0 0 0 . 0.0081(2)\nTi .5 .5 .5 0.4421 ?\nO .5 .5 0 . .\n";
  const { atoms } = await read(CELL + sites + rows) as { atoms: readonly { motion?: number }[] };
  assertClose(atoms[0].motion!, 0.009, 1e-12);
  assertClose(atoms[1].motion!, Math.sqrt(0.4421 / (8 * Math.PI ** 2)) / 10, 1e-12);
  assertEquals("motion" in atoms[2], false);
});

Deno.test("io.cif: a first block without atoms is passed over", async () => {
  const { name } = await read(`data_global\n_journal x\n${CELL}${SITES}C 0 0 0\n`);
  assertEquals(name, "quartz");
});

/** What is wrong with a file, and the message. */
const WRONG: readonly (readonly [string, string, string, string])[] = [
  [
    "no atoms",
    CELL,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected a loop of _atom_site_fract_x, _y and _z, got 1 blocks without; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "no block",
    "hello",
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected data_ before anything else, got "hello" in line 1; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "a tag without a value",
    "data_a\n_cell_length_a\n_cell_length_b 3",
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected a value for _cell_length_a in line 2, got none; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "a value without a tag",
    "data_a\n_cell_length_a 3 4",
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected a tag or a loop, got "4" in line 2; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "half a row",
    `${CELL}${SITES}C 0 0 0\nC 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected rows of 4 values in the loop of line 8, got 7 values; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "an open text",
    "data_a\n_t\n;\nabc\n",
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected the end of the text of line 3, got the end of the file; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "no number",
    `${CELL.replace("4.9137(2)", "?")}${SITES}C 0 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected a number as _cell_length_a, got "?" in line 2; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "no length",
    `${CELL.replace("4.9137(2)", "0")}${SITES}C 0 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected _cell_length_a of more than 0.1 angstrom, got 0; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "no angle",
    `${CELL.replace("120.", "180")}${SITES}C 0 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected _cell_angle_gamma between 5 and 175 degrees, got 180; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "angles that do not close",
    `${CELL.replace("alpha 90", "alpha 20").replace("120.", "120")}${SITES}C 0 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected angles that a cell can have, got 20, 90, 120; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "no element",
    `${CELL}${SITES}Qq1 0 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected a chemical element as _atom_site_type_symbol or ' +
    '_atom_site_label, got "Qq1" in line 13; the file is damaged: copy it again from its source',
  ],
  [
    "an occupancy beyond 1",
    `${CELL}${SITES.replace("label", "label\n_atom_site_occupancy")}C 1.5 0 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected an occupancy from 0 to 1, got 1.5 in line 14; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "a displacement that is none",
    `${CELL}${SITES.replace("label", "label\n_atom_site_U_iso_or_equiv")}C -0.1 0 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected an isotropic displacement from 0 to 1 square angstrom, got ' +
    '"-0.1" in line 14; the file is damaged: copy it again from its source',
  ],
  [
    "a bad operation",
    `${CELL}_symmetry_equiv_pos_as_xyz 'x,y,q'\n${SITES}C 0 0 0\n`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected a symmetry operation such as "-x,y+1/2,z", got "x,y,q" in ' +
    "line 8; the file is damaged: copy it again from its source",
  ],
  [
    "a space group without operations",
    `${CELL}_space_group_name_H-M_alt 'F m -3 m'\n${SITES}C 0 0 0\n`,
    "FORMAT_UNSUPPORTED",
    'Cannot read "in/a.cif": expected the symmetry operations of the space group F m -3 m in a ' +
    "loop, got none; export the CIF with its symmetry operations, or in P1 with all atoms",
  ],
  [
    "too many atoms",
    `${CELL}${SITES}${"C 0 0 0\n".repeat(20_001)}`,
    "FORMAT_UNSUPPORTED",
    'Cannot read "in/a.cif": expected at most 20000 atoms in a cell, got 20001 sites and 1 ' +
    "operations; cut a smaller cell",
  ],
  [
    "a line without end",
    `data_a\n${"'a ".repeat(2000)}`,
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected lines of at most 4096 characters, got 6000 in line 2; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "a picture",
    "data_a\0",
    "FILE_CORRUPT",
    'Cannot read "in/a.cif": expected text, got a zero byte at byte 6; ' +
    "the file is damaged: copy it again from its source",
  ],
  [
    "nothing",
    "",
    "FILE_EMPTY",
    'Cannot read "in/a.cif": expected a CIF file, got an empty file; copy it again from its source',
  ],
];

for (const [what, text, code, message] of WRONG) {
  Deno.test(`io.cif refuses ${what}`, async () => {
    await assertFails(() => read(text), code as never, message);
  });
}
