/**
 * A list of whole numbers that grows.
 *
 * @module
 */

/** A list of whole numbers that grows; read `items` up to `length`. */
export class IntList {
  /** Room for the numbers. */
  items = new Int32Array(1024);
  /** How many there are. */
  length = 0;
  /** Appends a number. */
  push(item: number): void {
    if (this.length === this.items.length) {
      const more = new Int32Array(2 * this.length);
      more.set(this.items);
      this.items = more;
    }
    this.items[this.length++] = item;
  }
}
