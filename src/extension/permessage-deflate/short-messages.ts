/**
 * Compresses short messages: each to one block of fixed codes, with the last bytes sent as a window (RFC 1951 §3.2.6,
 * RFC 7692 §7.2.1).
 *
 * A zlib context takes about 100 KiB, and a message touches a few hundred lines all over it; where many connections
 * take turns, waiting for those lines costs several times what compressing does. All that this compressor has is its
 * window, some more room, and 4 KiB of hashes. The rule of this file: a match is believed only after its bytes were
 * compared, so the hashes may be as stale as they like and are never cleared.
 */
import { distanceBits, distanceExtra, lengthCodes, literalCodes, longestMatch } from './fixed-codes.ts';

/** Longest message that can be taken, in bytes. */
export const longestShort = 1024;

const hashBits = 11;
/** Bytes that are hashed, and the shortest match that is looked for: one of three saves little. */
const least = 4;
/** Up to this length of a match, it is tried whether one that begins a byte later is longer. */
const lazyBelow = 16;
/** A stored block's header, and the next block's. */
const storedOverhead = 6;

/** Where all of them write: literals take nine bits at most, and a block has a beginning and an end. */
const output = new Uint8Array(longestShort + (longestShort >> 3) + 16);

/** One connection's compressor; without context takeover it can serve any number of connections. */
export class ShortCompressor {
  readonly #window: number;
  readonly #bytes: Uint8Array;
  /** The same bytes, to be read four at a time. */
  readonly #words: DataView;
  /** For each hash the position where it was seen last, its lower 16 bits. */
  readonly #seen = new Uint16Array(1 << hashBits);
  /** What is added to an index of `#bytes` to make a position. */
  #offset = 0;
  /** Index of the oldest byte that may be referred to. */
  #oldest = 0;
  /** Index after the last byte. */
  #end = 0;
  /** Bits that are not written yet, lowest first, how many they are, and where they go. */
  #bits = 0;
  #pending = 0;
  #to = 0;

  /** @param windowBits base-2 logarithm of the farthest distance */
  constructor(windowBits: number) {
    this.#window = 2 ** windowBits;
    this.#bytes = new Uint8Array(this.#window + Math.max(this.#window, longestShort));
    this.#words = new DataView(this.#bytes.buffer);
  }

  /** Forgets what was sent. */
  reset(): void {
    this.#oldest = this.#end;
  }

  /** There is nothing to free. */
  close(): void {}

  /**
   * Compresses a message.
   *
   * @param length the message's true length in bytes, 1 to {@link longestShort}
   * @returns what goes on the wire, in memory that the next call writes to, of this compressor or another
   */
  deflate(message: Uint8Array, length: number): Uint8Array {
    this.#makeRoom(length);
    const start = this.#end;
    this.#bytes.set(message, start);
    this.#end = start + length;
    // BFINAL 0 and BTYPE 01.
    this.#bits = 0b010;
    this.#pending = 3;
    this.#to = 0;
    this.#literals(this.#matches(start, this.#end), this.#end);
    // The block's end, seven zeros; the next one's header, three; and up to the end of a byte.
    this.#put(0, 10);
    this.#put(0, -this.#pending & 7);
    return this.#to <= length + storedOverhead ? output.subarray(0, this.#to) : this.#stored(start, length);
  }

  #makeRoom(length: number): void {
    const bytes = this.#bytes;
    if (this.#end + length <= bytes.length) {
      return;
    }
    const kept = Math.min(this.#window, this.#end - this.#oldest);
    const from = this.#end - kept;
    bytes.copyWithin(0, from, this.#end);
    this.#offset = (this.#offset + from) & 0xffff;
    this.#oldest = 0;
    this.#end = kept;
  }

  /** Writes all that repeats, and what lies between. @returns where the last match ends */
  #matches(start: number, end: number): number {
    const words = this.#words;
    const last = end - least;
    let written = start;
    for (let at = start; at <= last; ) {
      let distance = this.#look(at);
      let length = distance === 0 ? 0 : matchLength(words, at - distance, at, end);
      if (length < least) {
        at += 1;
        continue;
      }
      let noted = at + 1;
      if (length < lazyBelow && noted <= last) {
        const other = this.#look(noted);
        const longer = other === 0 ? 0 : matchLength(words, noted - other, noted, end);
        if (longer > length) {
          at = noted;
          distance = other;
          length = longer;
        }
        noted += 1;
      }
      this.#literals(written, at);
      const code = lengthCodes[length] ?? 0;
      this.#put(code >> 4, code & 15);
      const extra = distanceExtra(distance - 1);
      this.#put(distanceBits(distance - 1, extra), 5 + extra);
      at += length;
      written = at;
      this.#note(noted, Math.min(at, last + 1));
    }
    return written;
  }

  /** Where the four bytes at an index were seen last, as a distance, or 0; and notes them. They may not be the same. */
  #look(at: number): number {
    const hash = hashOf(this.#words.getInt32(at, true));
    const position = (at + this.#offset) & 0xffff;
    const distance = (position - (this.#seen[hash] ?? 0)) & 0xffff;
    this.#seen[hash] = position;
    return distance <= this.#window && at - distance >= this.#oldest ? distance : 0;
  }

  /** Notes where the bytes of a match are. */
  #note(from: number, to: number): void {
    const words = this.#words;
    const seen = this.#seen;
    const offset = this.#offset;
    for (let at = from; at < to; at += 1) {
      seen[hashOf(words.getInt32(at, true))] = at + offset;
    }
  }

  /** Writes bytes as they are. */
  #literals(from: number, to: number): void {
    const bytes = this.#bytes;
    for (let at = from; at < to; at += 1) {
      const code = literalCodes[bytes[at] ?? 0] ?? 0;
      this.#put(code >> 4, code & 15);
    }
  }

  /** Writes bits, up to 24 of them. */
  #put(value: number, count: number): void {
    let bits = this.#bits | (value << this.#pending);
    let pending = this.#pending + count;
    for (; pending >= 8; pending -= 8) {
      output[this.#to] = bits;
      this.#to += 1;
      bits >>>= 8;
    }
    this.#bits = bits;
    this.#pending = pending;
  }

  /** A message that fixed codes would make longer, as a stored block (RFC 1951 §3.2.4). */
  #stored(start: number, length: number): Uint8Array {
    output.set([0, length, length >> 8, ~length, ~length >> 8]);
    output.set(this.#bytes.subarray(start, start + length), 5);
    output[5 + length] = 0;
    return output.subarray(0, length + storedOverhead);
  }
}

const hashOf = (word: number): number => Math.imul(word, 0x9e3779b1) >>> (32 - hashBits);

/** How many bytes are the same, up to the longest match. */
const matchLength = (words: DataView, from: number, at: number, end: number): number => {
  const most = Math.min(longestMatch, end - at);
  let length = 0;
  for (; length + 4 <= most; length += 4) {
    const difference = words.getInt32(from + length, true) ^ words.getInt32(at + length, true);
    if (difference !== 0) {
      // The lowest bit that differs is in the first byte that does.
      return length + ((31 - Math.clz32(difference & -difference)) >> 3);
    }
  }
  while (length < most && words.getUint8(from + length) === words.getUint8(at + length)) {
    length += 1;
  }
  return length;
};
