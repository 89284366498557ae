/**
 * Readers and writers: they see bytes and nothing else; the host opens and writes the files.
 *
 * @module
 */
import type { Image } from "../data/image.ts";
import type { Table } from "../data/table.ts";
import { AdatomError } from "../errors.ts";
import type { Json } from "./ports.ts";
import type { PluginOrigin } from "./stage.ts";

/** What a reader may use beside the bytes. */
export interface FormatContext {
  /** The file's name without folder and extension; names of images start with it. */
  readonly name: string;
  /** The path as the user gave it, for messages. */
  readonly path: string;
  /** Records a warning, such as a color picture turned to gray. */
  warn(code: string, message: string): void;
}

/** Bytes a file has at a place, written as text in which each character (up to U+00FF) is a byte. */
export interface Signature {
  /** Offset from the start of the file; 0 unless told. */
  readonly at?: number;
  readonly bytes: string;
}

/** The host shows a format this many bytes of a file to recognize it by. */
export const HEAD_BYTES = 512;

/** A file format that holds images. */
export interface ImageFormat {
  /** `io.<name>` */
  readonly id: string;
  readonly kind: "image";
  /** For people: `TIFF`. */
  readonly title: string;
  /** Lower case, without the dot; the first one is used for writing. */
  readonly extensions: readonly string[];
  /** What its files start with; a plugin's format is recognized by these and no code. */
  readonly signatures?: readonly Signature[];
  /** Set by the host on formats of installed plugins. */
  readonly plugin?: PluginOrigin;
  /** Whether a file that starts with these bytes (up to 512 of them) is of this format. */
  recognizes(head: Uint8Array): boolean;
  /** All images of a file in their order: the pages of a stack, one image of a picture. */
  read(bytes: Uint8Array, context: FormatContext): Promise<Image[]>;
  /** The file for some images of one size, in their source sample type. */
  write?(images: readonly Image[]): Uint8Array | Promise<Uint8Array>;
}

/** A file format that holds a table of points. */
export interface TableFormat {
  readonly id: string;
  readonly kind: "table";
  readonly title: string;
  readonly extensions: readonly string[];
  readonly signatures?: readonly Signature[];
  readonly plugin?: PluginOrigin;
  recognizes(head: Uint8Array): boolean;
  /** The table; point formats give the columns `x` and `y`. */
  read(bytes: Uint8Array, context: FormatContext): Promise<Table>;
  write?(table: Table): Uint8Array | Promise<Uint8Array>;
}

/** A file format that holds a value of a JSON port with a `type`, such as a crystal. */
export interface JsonFormat {
  readonly id: string;
  readonly kind: "json";
  /** The `type` of the ports it is read for. */
  readonly type: string;
  readonly title: string;
  /** Its files are known by these; any other file is read as JSON. */
  readonly extensions: readonly string[];
  readonly signatures?: readonly Signature[];
  readonly plugin?: undefined;
  recognizes(head: Uint8Array): boolean;
  read(bytes: Uint8Array, context: FormatContext): Promise<Json>;
  readonly write?: undefined;
}

/** A format that is written as well as read. */
export type Writable<F extends ImageFormat | TableFormat> = F & {
  readonly write: NonNullable<F["write"]>;
};

/** A format as an author declares it: `recognizes` follows from the signatures. */
export type FormatInit<F extends ImageFormat | TableFormat = ImageFormat | TableFormat> =
  & Omit<F, "recognizes" | "signatures">
  & { readonly signatures?: readonly Signature[] };

/**
 * Declares a file format of a plugin and checks the declaration.
 *
 * @throws AdatomError PLUGIN_DECLARATION when the declaration contradicts itself
 *
 * @example
 * ```ts
 * import { createTable, defineFormat } from "@core";
 * import { assertTrue } from "@assert";
 *
 * const points = defineFormat({
 *   id: "lab.points",
 *   kind: "table",
 *   title: "Points of the lab",
 *   extensions: ["pts"],
 *   signatures: [{ bytes: "PTS 1" }],
 *   read(bytes) {
 *     const numbers = new TextDecoder().decode(bytes).split("\n").slice(1).map(Number);
 *     const x = Float64Array.from(numbers.filter((_, i) => i % 2 === 0));
 *     const y = Float64Array.from(numbers.filter((_, i) => i % 2 === 1));
 *     return Promise.resolve(createTable({ x, y }, { x: "px", y: "px" }));
 *   },
 * });
 * assertTrue(points.recognizes(new TextEncoder().encode("PTS 1\n")));
 * ```
 */
export function defineFormat(
  init: FormatInit<TableFormat> & { readonly kind: "table" },
): TableFormat;
/** Declares a file format of images. */
export function defineFormat(
  init: FormatInit<ImageFormat> & { readonly kind: "image" },
): ImageFormat;
export function defineFormat(init: FormatInit): ImageFormat | TableFormat {
  const wrong = (expected: string, got: string) =>
    new AdatomError("PLUGIN_DECLARATION", {
      cannot: `declare format "${init.id}"`,
      expected,
      got,
    });
  if (!FORMAT_ID.test(init.id)) throw wrong('an id like "lab.points"', `"${init.id}"`);
  if (!(init.title.length > 1)) throw wrong("a title for people", `"${init.title}"`);
  const [bad] = init.extensions.filter((extension) => !/^[a-z0-9]+$/.test(extension));
  if (bad !== undefined) throw wrong("extensions in lower case without the dot", `"${bad}"`);
  const { signatures = [] } = init;
  if (signatures.length + init.extensions.length === 0) {
    throw wrong("a signature or an extension to know its files by", "none");
  }
  for (const { at = 0, bytes } of signatures) {
    // deno-lint-ignore no-control-regex
    if (bytes.length < LEAST_SIGNATURE || /[^\x00-\xff]/.test(bytes)) {
      const expected = `signatures of at least ${LEAST_SIGNATURE} bytes, a character each`;
      throw wrong(expected, JSON.stringify(bytes));
    }
    if (at + bytes.length > HEAD_BYTES) {
      throw wrong(
        `signatures in the first ${HEAD_BYTES} bytes`,
        `one that ends at ${at + bytes.length}`,
      );
    }
  }
  return { ...init, recognizes: (head) => hasSignature(head, signatures) } as
    | ImageFormat
    | TableFormat;
}

/** Fewer bytes would take files of others by chance. */
const LEAST_SIGNATURE = 3;

const FORMAT_ID = /^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/;

/** Whether a file that starts with these bytes has one of some signatures. */
export function hasSignature(head: Uint8Array, signatures: readonly Signature[]): boolean {
  return signatures.some(({ at = 0, bytes }) => {
    if (at + bytes.length > head.length) return false;
    for (let i = 0; i < bytes.length; i++) {
      if (head[at + i] !== bytes.charCodeAt(i)) return false;
    }
    return true;
  });
}
