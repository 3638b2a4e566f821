/**
 * Masking (RFC 6455 §5.3): XOR with a repeated 4-byte key, in place, whole words where they are aligned.
 *
 * The rule of this file: a key is one 32-bit number whose lowest byte belongs to the next byte of payload. Masking
 * and unmasking are the same operation.
 */

/** Below this many bytes making a word view costs more than the byte loop saves (measured: bench/codec.ts). */
const viewThreshold = 48;
/** The same with the view at hand. */
const wordThreshold = 8;

const keyBytes = new Uint8Array(4);
const keyWord = new Int32Array(keyBytes.buffer);

/** The key for the payload that follows `count` bytes masked with `key`. */
export function rotateKey(key: number, count: number): number {
  const shift = (count & 3) << 3;
  return shift === 0 ? key : (key >>> shift) | (key << (32 - shift));
}

/** All of the buffer behind `bytes` as 32-bit words; for {@link mask}, once per chunk rather than once per frame. */
export const wordsOf = (bytes: Uint8Array): Int32Array =>
  new Int32Array(bytes.buffer, 0, bytes.buffer.byteLength >>> 2);

/**
 * Masks or unmasks `bytes[start, end)` in place.
 *
 * @param words the result of {@link wordsOf} for these bytes, when the caller has it; made here when it pays
 * @returns the bitwise OR of all resulting bytes, in any byte of the number: no bit of 0x80808080 set means that the
 *   result is ASCII, which tells text apart without a second pass
 */
export function mask(bytes: Uint8Array, start: number, end: number, key: number, words?: Int32Array): number {
  if (end - start < (words === undefined ? viewThreshold : wordThreshold)) {
    return maskBytes(bytes, start, end, key);
  }
  const base = bytes.byteOffset;
  const aligned = start + (-(base + start) & 3);
  const first = (base + aligned) >>> 2;
  const last = (base + end) >>> 2;
  const wordKey = rotateKey(key, aligned - start);
  const bits =
    maskBytes(bytes, start, aligned, key) | maskWords(words ?? wordsOf(bytes), first, last, wordKey);
  return bits | maskBytes(bytes, aligned + ((last - first) << 2), end, wordKey);
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  let rotated = key;
  let bits = 0;
  for (let at = start; at < end; at += 1) {
    const byte = (bytes[at] as number) ^ (rotated & 0xff);
    bytes[at] = byte;
    bits |= byte;
    rotated = (rotated >>> 8) | (rotated << 24);
  }
  return bits;
}

function maskWords(words: Int32Array, first: number, last: number, key: number): number {
  // The key as this machine stores words, whatever its byte order.
  keyBytes[0] = key;
  keyBytes[1] = key >>> 8;
  keyBytes[2] = key >>> 16;
  keyBytes[3] = key >>> 24;
  const native = keyWord[0] as number;
  let bits = 0;
  let index = first;
  for (const unrolled = last - 3; index < unrolled; index += 4) {
    const a = (words[index] as number) ^ native;
    const b = (words[index + 1] as number) ^ native;
    const c = (words[index + 2] as number) ^ native;
    const d = (words[index + 3] as number) ^ native;
    words[index] = a;
    words[index + 1] = b;
    words[index + 2] = c;
    words[index + 3] = d;
    bits |= a | b | c | d;
  }
  for (; index < last; index += 1) {
    const word = (words[index] as number) ^ native;
    words[index] = word;
    bits |= word;
  }
  return bits;
}

/** Whether a result of {@link mask} says that every byte was below 0x80. */
export const isAsciiBits = (bits: number): boolean => (bits & 0x80808080) === 0;
