/**
 * Makes streams of frames that are mostly right (RFC 6455 §5.2).
 *
 * The rule of this file: each fault is rare enough that a stream often gets far, and common enough that every rule is
 * broken thousands of times in a second. The input is written into one buffer and copied out once.
 */
import type { Random } from '../random.ts';

const room = 140_000;
const buffer = new Uint8Array(room);
const dataOpcodes = [1, 1, 2] as const;
const controlOpcodes = [8, 9, 9, 10] as const;
const edges = [
  0, 1, 2, 4, 8, 9, 47, 48, 49, 63, 64, 124, 125, 126, 127, 128, 200, 201, 255, 256, 300,
] as const;
const boundaries = [0, 125, 126, 127, 65_535, 65_536] as const;
/** Text of every kind of sequence, so that it is cut within one. */
const text = Buffer.from('aé€😀zߢ࠯\u{ffff}\u{10ffff}');

/** What is no UTF-8 and nearly is: surrogates, overlong forms, beyond U+10FFFF, pieces. */
const hostileText = [
  [0xed, 0xa0, 0x80],
  [0xed, 0xbf, 0xbf],
  [0xc0, 0xaf],
  [0xc1, 0xbf],
  [0xe0, 0x9f, 0xbf],
  [0xf0, 0x8f, 0xbf, 0xbf],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80, 0x80, 0x80],
  [0xe2, 0x28, 0xa1],
  [0x80],
  [0xff],
] as const;

function payloadLength(random: Random): number {
  const kind = random.below(8_192);
  if (kind < 6_000) return random.below(10);
  if (kind < 7_600) return random.below(64);
  if (kind < 8_191) return random.pick(edges);
  return 65_530 + random.below(12);
}

/** Writes a length in a form that is usually the shortest. @returns the offset after it */
function writeLength(random: Random, at: number, maskBit: number, length: number): number {
  const shortest = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const form = random.once(64) ? random.pick([2, 8] as const) : shortest;
  // Sometimes a boundary is claimed and not kept.
  const claimed = form !== shortest && random.once(4) ? random.pick(boundaries) : length;
  buffer[at] = maskBit | (form === 0 ? length : form === 2 ? 126 : 127);
  let left = claimed;
  for (let index = form; index > 0; index -= 1) {
    buffer[at + index] = left;
    left = Math.floor(left / 256);
  }
  // A claim far beyond what follows, up to the most significant bit.
  if (form === 8 && random.once(2))
    buffer[at + 1 + random.below(6)] = random.pick([1, 0x7f, 0x80, 0xff] as const);
  return at + 1 + form;
}

function fillPayload(random: Random, at: number, length: number, opcode: number): void {
  const kind = random.below(4);
  if (kind === 0) {
    buffer.fill(0x41, at, at + length);
  } else if (kind === 1) {
    const shift = random.below(text.length);
    for (let index = 0; index < length; index += 1) {
      buffer[at + index] = text[(shift + index) % text.length] ?? 0;
    }
  } else {
    let bits = random.bits();
    for (let index = 0; index < length; index += 1) {
      buffer[at + index] = bits >>> 11;
      bits = Math.imul(bits, 0x2c1b3c6d) + index;
    }
  }
  if (kind < 2 && length >= 4 && random.once(64)) {
    buffer.set(random.pick(hostileText), at + random.below(length - 3));
  }
  if (opcode === 8 && length >= 2 && !random.once(4)) {
    const code = random.pick([1000, 1001, 1005, 1011, 1014, 3000, 4999, 5000] as const);
    buffer[at] = code >>> 8;
    buffer[at + 1] = code;
  }
}

function maskPayload(random: Random, at: number, length: number): number {
  const zero = random.once(16);
  for (let index = 0; index < 4; index += 1) buffer[at + index] = zero ? 0 : random.bits();
  for (let index = 0; index < length; index += 1) {
    const place = at + 4 + index;
    buffer[place] = (buffer[place] ?? 0) ^ (buffer[at + (index & 3)] ?? 0);
  }
  return at + 4 + length;
}

/**
 * Makes an input: a byte for the rules, then up to six frames, sometimes damaged or cut off.
 *
 * @param rules 0 to 31, see `rulesOf`
 */
export function generateFrames(random: Random, rules = random.below(32)): Uint8Array {
  buffer[0] = rules;
  let at = 1;
  let unfinished = false;
  for (let count = 1 + random.below(6); count > 0 && at < room - 66_000; count -= 1) {
    const isControl = random.once(4);
    const right = !random.once(48);
    const opcode = !right
      ? random.below(16)
      : isControl
        ? random.pick(controlOpcodes)
        : unfinished
          ? 0
          : random.pick(dataOpcodes);
    const fin = isControl ? !random.once(64) : !random.once(2);
    if (!isControl) unfinished = !fin;
    const rsv = random.once(24)
      ? random.below(8) << 4
      : (rules & 4) !== 0 && opcode !== 0 && !isControl
        ? 0x40
        : 0;
    const wished = payloadLength(random);
    const length = isControl && !random.once(32) ? Math.min(wished, 125) : wished;
    const masked = ((rules & 1) !== 0) !== random.once(64);
    buffer[at] = (fin ? 0x80 : 0) | rsv | opcode;
    at = writeLength(random, at + 1, masked ? 0x80 : 0, length);
    fillPayload(random, masked ? at + 4 : at, length, opcode);
    at = masked ? maskPayload(random, at, length) : at + length;
  }
  if (random.once(8)) buffer[1 + random.below(at - 1)] = random.bits();
  const end = random.once(3) ? 1 + random.below(at) : at;
  return buffer.slice(0, end);
}
