/**
 * The text of one message on its way to be whole (RFC 6455 §5.4, §5.6): checked as it comes, decoded as it comes.
 *
 * The rule of this file: text is decoded part by part, in the turns in which it comes, so that the end of a large
 * message costs no more than any other piece of it; a part ends with a whole character. Full parts lie in lent memory,
 * which costs far less than fresh memory that the system has to give page by page.
 */
import { isAsciiBits } from '../frame/mask.ts';
import { Utf8Validator, wholeSequences } from '../frame/utf8.ts';
import { EncodedText } from './encoded-text.ts';
import type { Runtime } from './port.ts';

const smallest = 1_024;
/** Bytes of one part. */
export const textPart = 65_536;
/** The bytes of a text up to this size are kept until it is delivered, for whoever sends it on. */
export const relayLimit = 4_194_304;

export class GatheredText {
  readonly #runtime: Runtime;
  #validator: Utf8Validator | undefined;
  /** The part that is being filled, and whether it is ASCII so far. */
  #part: Uint8Array | undefined;
  #held = 0;
  #ascii = true;
  /** The parts before it, decoded; their bytes, and the memory these lie in. */
  #text = '';
  #parts: Uint8Array[] = [];
  #slabs: Uint8Array[] = [];
  #size = 0;
  /** Whether the bytes of the parts are kept. */
  #keeps = true;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Forgets a text that was not finished. */
  reset(): void {
    this.#validator?.reset();
    this.#part = undefined;
    this.#held = 0;
    this.#ascii = true;
    this.#text = '';
    this.#parts = [];
    this.#slabs = [];
    this.#size = 0;
    this.#keeps = true;
  }

  /**
   * Takes in a copy of `chunk[start, end)`.
   *
   * @param bits what unmasking told of the bytes
   * @param missing bytes that the frame declared and has not brought, these included
   * @returns false when the text can no longer become valid
   */
  push(chunk: Uint8Array, start: number, end: number, bits: number, missing: number): boolean {
    const validator = this.#validator;
    const ascii = isAsciiBits(bits);
    if (!(ascii && (validator === undefined || validator.complete))) {
      this.#validator ??= new Utf8Validator(this.#runtime.isUtf8);
      if (!this.#validator.push(chunk, start, end)) return false;
    }
    for (let at = start; at < end; ) {
      const part = this.#part;
      if (part !== undefined && this.#held === textPart) this.#decodePart(part);
      const size = Math.min(end - at, textPart - this.#held);
      this.#room(size, missing - (at - start)).set(chunk.subarray(at, at + size), this.#held);
      this.#held += size;
      if (!ascii) this.#ascii = false;
      at += size;
    }
    return true;
  }

  /** The whole text; nothing is held any more. Undefined when it ends within a character. */
  take(): string | undefined {
    const part = this.#part;
    const complete = this.#validator?.complete !== false;
    const text = complete
      ? this.#text + (part === undefined ? '' : this.#decoded(part, this.#held))
      : undefined;
    const parts = this.#parts;
    const { releaseSlab, remember } = this.#runtime;
    if (part?.length === textPart) this.#slabs.push(part);
    if (part !== undefined && text !== undefined && parts.length > 0) {
      parts.push(part.subarray(0, this.#held));
      remember(text, new EncodedText(parts, this.#slabs, releaseSlab));
    } else {
      this.#forgetBytes();
    }
    this.reset();
    return text;
  }

  #decoded(part: Uint8Array, end: number): string {
    return this.#ascii ? this.#runtime.decodeLatin1(part, 0, end) : this.#runtime.decodeUtf8(part, 0, end);
  }

  /** Decodes the part that is full. The beginning of a character at its end begins the next one. */
  #decodePart(part: Uint8Array): void {
    const end = this.#ascii ? textPart : wholeSequences(part, 0, textPart);
    const text = this.#decoded(part, end);
    this.#text += text;
    this.#size += end;
    // A small one, since nobody knows whether more will come.
    const next = this.#runtime.allocate(smallest);
    const rest = part.subarray(end);
    next.set(rest);
    this.#part = next;
    this.#held = rest.length;
    this.#parts.push(part.subarray(0, end));
    this.#slabs.push(part);
    // With the bytes of a text whose string is larger than these, a text would take more than twice what came.
    const wide = !this.#ascii && text.length * 2 > end;
    this.#keeps &&= this.#size <= relayLimit && !wide;
    if (!this.#keeps) this.#forgetBytes();
    this.#ascii = rest.length === 0;
  }

  #forgetBytes(): void {
    for (const slab of this.#slabs) this.#runtime.releaseSlab(slab);
    this.#parts = [];
    this.#slabs = [];
  }

  /** A part with room for `size` more bytes, but no more than the current frame can still bring. */
  #room(size: number, missing: number): Uint8Array {
    const needed = this.#held + size;
    const part = this.#part;
    if (part !== undefined && part.length >= needed) return part;
    const declared = this.#held + missing;
    const doubled = Math.min(Math.max(needed * 2, smallest), textPart);
    const capacity = declared > needed ? Math.min(doubled, declared) : doubled;
    const { allocate, takeSlab } = this.#runtime;
    const next = capacity === textPart ? takeSlab(capacity) : allocate(capacity);
    if (part !== undefined) next.set(part.subarray(0, this.#held));
    this.#part = next;
    return next;
  }
}
