/**
 * Readers and writers: they see bytes and nothing else; the host opens and writes the files.
 *
 * @module
 */
import type { Image } from "../data/image.ts";
import type { Table } from "../data/table.ts";

/** What a reader may use beside the bytes. */
export interface FormatContext {
  /** The file's name without folder and extension; names of images start with it. */
  readonly name: string;
  /** The path as the user gave it, for messages. */
  readonly path: string;
  /** Records a warning, such as a color picture turned to gray. */
  warn(code: string, message: string): void;
}

/** A file format that holds images. */
export interface ImageFormat {
  /** `io.<name>` */
  readonly id: string;
  readonly kind: "image";
  /** For people: `TIFF`. */
  readonly title: string;
  /** Lower case, without the dot; the first one is used for writing. */
  readonly extensions: readonly string[];
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
  recognizes(head: Uint8Array): boolean;
  /** The table; point formats give the columns `x` and `y`. */
  read(bytes: Uint8Array, context: FormatContext): Promise<Table>;
  write?(table: Table): Uint8Array | Promise<Uint8Array>;
}

/** A format that is written as well as read. */
export type Writable<F extends ImageFormat | TableFormat> = F & {
  readonly write: NonNullable<F["write"]>;
};
