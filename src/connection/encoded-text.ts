/**
 * The UTF-8 of one text, in parts that several connections may be writing at the same time.
 *
 * The rule of this file: memory that was lent for it goes back when its last user gives it back. A user who can not tell
 * when the bytes are no longer read does not give it back, and the collector takes the memory.
 */
export class EncodedText {
  readonly parts: readonly Uint8Array[];
  /** Bytes of all parts. */
  readonly size: number;
  #users = 1;
  #slabs: readonly Uint8Array[];
  readonly #release: ((slab: Uint8Array) => void) | undefined;

  /**
   * Whoever makes it is its first user.
   *
   * @param slabs the lent memory that the parts lie in
   * @param release takes a slab back
   */
  constructor(
    parts: readonly Uint8Array[],
    slabs: readonly Uint8Array[] = [],
    release?: (slab: Uint8Array) => void,
  ) {
    this.parts = parts;
    this.size = parts.reduce((size, part) => size + part.length, 0);
    this.#slabs = slabs;
    this.#release = release;
  }

  /** Another user. */
  share(): this {
    this.#users += 1;
    return this;
  }

  /** One user less, who does not read the parts any more. */
  giveBack(): void {
    this.#users -= 1;
    if (this.#users > 0) return;
    for (const slab of this.#slabs) this.#release?.(slab);
    this.#slabs = [];
  }
}
