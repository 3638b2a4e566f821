/**
 * The text of one message on its way to be whole (RFC 6455 §5.4, §5.6): checked as it comes, decoded a little later.
 *
 * The rule of this file: text is decoded part by part, and only so many parts wait for the end of the message, so that
 * the end of a large one costs no more than that of one that is not; a part ends with a whole character. Full parts lie
 * in lent memory, which costs far less than fresh memory that the system has to give page by page.
 */
import { isAsciiBits } from '../frame/mask.ts';
import { Utf8Validator, wholeSequences } from '../frame/utf8.ts';
import { EncodedText } from './encoded-text.ts';
import type { Runtime } from './port.ts';

const smallest = 1_024;
/** Bytes of one part. */
export const textPart = 65_536;
/**
 * Full parts that wait to be decoded. What is decoded early is in the way of every collection until the message is
 * whole: V8 copies such strings twice.
 */
export const waitingParts = 16;
/** The bytes of a text up to this size are kept until it is delivered, for whoever sends it on. */
export const relayLimit = 4_194_304;

interface Part {
  readonly bytes: Uint8Array;
  /** The memory that they lie in. */
  readonly slab: Uint8Array;
  readonly ascii: boolean;
}

export class GatheredText {
  readonly #runtime: Runtime;
  #validator: Utf8Validator | undefined;
  /** The part that is being filled, and whether it is ASCII so far. */
  #part: Uint8Array | undefined;
  #held = 0;
  #ascii = true;
  /** The parts before it whose bytes are held, and how many of them are decoded. */
  #parts: Part[] = [];
  #decoded = 0;
  /** All that is decoded. */
  #text = '';
  /** Bytes of all full parts. */
  #size = 0;
  /** Whether the bytes of what is decoded are kept. */
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
    this.#parts = [];
    this.#decoded = 0;
    this.#text = '';
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
      if (part !== undefined && this.#held === textPart) this.#endPart(part);
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
    const text = this.#validator?.complete === false ? undefined : this.#whole();
    const part = this.#part;
    const { releaseSlab, remember } = this.#runtime;
    const parts = this.#parts.map(({ bytes }) => bytes);
    const slabs = this.#parts.map(({ slab }) => slab);
    if (part?.length === textPart) slabs.push(part);
    if (text !== undefined && part !== undefined && parts.length > 0) {
      parts.push(part.subarray(0, this.#held));
      remember(text, new EncodedText(parts, slabs, releaseSlab));
    } else {
      for (const slab of slabs) releaseSlab(slab);
    }
    this.reset();
    return text;
  }

  #whole(): string {
    while (this.#decoded < this.#parts.length) this.#decodeNext();
    const part = this.#part;
    return part === undefined ? this.#text : this.#text + this.#decode(part, this.#held, this.#ascii);
  }

  #decode(bytes: Uint8Array, end: number, ascii: boolean): string {
    return ascii ? this.#runtime.decodeLatin1(bytes, 0, end) : this.#runtime.decodeUtf8(bytes, 0, end);
  }

  /** The part is full, and the next one begins. The beginning of a character at its end goes there. */
  #endPart(slab: Uint8Array): void {
    const ascii = this.#ascii;
    const end = ascii ? textPart : wholeSequences(slab, 0, textPart);
    this.#parts.push({ bytes: slab.subarray(0, end), slab, ascii });
    this.#size += end;
    // A small one, since nobody knows whether more will come.
    const next = this.#runtime.allocate(smallest);
    const rest = slab.subarray(end);
    next.set(rest);
    this.#part = next;
    this.#held = rest.length;
    this.#ascii = rest.length === 0;
    if (this.#parts.length - this.#decoded > waitingParts) this.#decodeNext();
  }

  /** Decodes the oldest part that waits. */
  #decodeNext(): void {
    const part = this.#parts[this.#decoded];
    if (part === undefined) return;
    const { bytes, ascii } = part;
    const text = this.#decode(bytes, bytes.length, ascii);
    this.#text += text;
    this.#decoded += 1;
    // With the bytes of a text whose string is larger than these, a text would take more than twice what came.
    const wide = !ascii && text.length * 2 > bytes.length;
    this.#keeps &&= this.#size <= relayLimit && !wide;
    if (this.#keeps) return;
    for (const { slab } of this.#parts.splice(0, this.#decoded)) this.#runtime.releaseSlab(slab);
    this.#decoded = 0;
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
