/**
 * UTF-8 validation (RFC 3629) that can be fed in pieces and fails at the first byte that no valid text can have.
 *
 * The rule of this file: after a lead byte only the next byte's range is special (no overlong forms, no surrogates,
 * nothing above U+10FFFF); every later byte is 0x80–0xBF. So the state is a count and a range.
 */

/** Checks one whole piece, as Node's `buffer.isUtf8` does. */
export type IsUtf8 = (bytes: Uint8Array) => boolean;

/** Below this many bytes the byte loop is faster than a call into native code. */
const nativeThreshold = 32;

/** Incremental validator. Give it a native whole-piece check to make large pieces cheap. */
export class Utf8Validator {
  /** Continuation bytes that the sequence begun last still needs. */
  #missing = 0;
  #lowest = 0x80;
  #highest = 0xbf;
  readonly #isUtf8: IsUtf8 | undefined;

  constructor(isUtf8?: IsUtf8) {
    this.#isUtf8 = isUtf8;
  }

  /** Whether no sequence is unfinished: text may end here. */
  get complete(): boolean {
    return this.#missing === 0;
  }

  /** Makes ready for another text. */
  reset(): void {
    this.#missing = 0;
    this.#lowest = 0x80;
    this.#highest = 0xbf;
  }

  /** Takes the next piece. @returns false as soon as a byte is impossible; the validator is then of no more use. */
  push(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    let at = start;
    if (this.#isUtf8 !== undefined && end - start >= nativeThreshold) {
      // Finish the sequence that the last piece began, then leave all whole sequences to the native check.
      const joined = at + this.#missing;
      if (!this.#scan(bytes, at, joined)) return false;
      at = joined;
      const cut = wholeSequences(bytes, at, end);
      if (!this.#isUtf8(bytes.subarray(at, cut))) return false;
      at = cut;
    }
    return this.#scan(bytes, at, end);
  }

  #scan(bytes: Uint8Array, start: number, end: number): boolean {
    let missing = this.#missing;
    let lowest = this.#lowest;
    let highest = this.#highest;
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] as number;
      if (missing > 0) {
        if (byte < lowest || byte > highest) return false;
        lowest = 0x80;
        highest = 0xbf;
        missing -= 1;
      } else if (byte >= 0x80) {
        if (byte < 0xc2 || byte > 0xf4) return false;
        missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
        if (byte === 0xe0) lowest = 0xa0;
        else if (byte === 0xf0) lowest = 0x90;
        else if (byte === 0xed) highest = 0x9f;
        else if (byte === 0xf4) highest = 0x8f;
      }
    }
    this.#missing = missing;
    this.#lowest = lowest;
    this.#highest = highest;
    return true;
  }
}

/** Where the last sequence of `bytes[start, end)` begins if it is unfinished, else `end`. */
export function wholeSequences(bytes: Uint8Array, start: number, end: number): number {
  const first = Math.max(start, end - 3);
  for (let at = end - 1; at >= first; at -= 1) {
    const byte = bytes[at] as number;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) {
      const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
      return at + length > end ? at : end;
    }
  }
  return end;
}

/** Whether all of `bytes[start, end)` is UTF-8; the pure twin of Node's `buffer.isUtf8`. */
export function isUtf8(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  const validator = new Utf8Validator();
  return validator.push(bytes, start, end) && validator.complete;
}
