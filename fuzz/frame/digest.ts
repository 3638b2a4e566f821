/**
 * What a decoder found, as one number.
 *
 * The rule of this file: the number does not depend on the cuts. A frame in pieces counts like one that is whole, so
 * equal numbers mean equal events, but for one chance in 2^32, and a run of millions costs no memory. Where bursts are
 * taken it does not depend on the fragments of a message either, for a burst has joined them.
 */
import { type FrameSink, unknownBits } from '../../src/frame/decoder.ts';
import { isAsciiBits } from '../../src/frame/mask.ts';
import { opcodes } from '../../src/frame/opcodes.ts';
import {
  type Region,
  scannedLength,
  scannedNotAscii,
  scannedText,
  scannedWords,
} from '../../src/frame/region.ts';
import { type ViolationName, violations } from '../../src/frame/violations.ts';

const numbers = new Map(Object.keys(violations).map((name, index) => [name, index]));

export class FrameDigest implements FrameSink {
  value = 0;
  events = 0;
  /** Whether frames are masked: of bytes that are not, a burst tells more than a single frame does. */
  masked = true;
  readonly #ofMessages: boolean;
  #bits = 0;

  /** @param ofMessages whether it is the same for a message in one frame and in fragments */
  constructor(ofMessages = false) {
    this.#ofMessages = ofMessages;
  }

  /** Begins again. */
  reset(): void {
    this.value = 0x811c9dc5 | 0;
    this.events = 0;
  }

  #add(value: number): void {
    this.value = Math.imul(this.value ^ value, 0x01000193) ^ (this.value >>> 15);
  }

  #addBytes(bytes: Uint8Array, start: number, end: number): void {
    let value = this.value;
    for (let at = start; at < end; at += 1) {
      value = Math.imul(value ^ (bytes[at] ?? 0), 0x01000193) ^ (value >>> 15);
    }
    this.value = value;
  }

  dataFrame(
    opcode: number,
    fin: boolean,
    rsv: number,
    chunk: Uint8Array,
    start: number,
    end: number,
    bits: number,
  ): void {
    this.dataStart(opcode, rsv, end - start);
    this.dataPiece(chunk, start, end, bits);
    this.dataEnd(fin);
  }

  dataStart(opcode: number, rsv: number, length: number): void {
    if (this.#ofMessages) {
      if (opcode !== opcodes.continuation) this.#messageStart(opcode | rsv);
      return;
    }
    this.events += 1;
    this.#bits = 0;
    this.#add(opcode | rsv | 0x100);
    this.#add(length);
    this.#add(length / 0x1_0000_0000);
  }

  #messageStart(kind: number): void {
    this.events += 1;
    this.#bits = 0;
    this.#add(kind | 0x100);
  }

  dataPiece(chunk: Uint8Array, start: number, end: number, bits: number): void {
    if (end > start) this.#bits |= bits === unknownBits ? 0x80 : bits;
    this.#addBytes(chunk, start, end);
  }

  dataEnd(fin: boolean): void {
    if (this.#ofMessages && !fin) return;
    this.#add((fin ? 0x200 : 0x300) | (isAsciiBits(this.#bits) ? 1 : 0));
  }

  /** Of some bursts only a part is taken: the decoder makes the rest again what it was, and begins anew. */
  burst(region: Region, count: number): number {
    const most = (this.value & 7) === 0 ? 1 + ((this.value >>> 3) % count) : count;
    for (let index = 0; index < most; index += 1) {
      const start = region.scanned[index * scannedWords] ?? 0;
      const kind = region.scanned[index * scannedWords + 1] ?? 0;
      const opcode = (kind & scannedText) === 0 ? opcodes.binary : opcodes.text;
      const bits = !this.masked ? unknownBits : (kind & scannedNotAscii) === 0 ? 0 : 0x80;
      this.dataFrame(opcode, true, 0, region.bytes, start, start + (kind >>> scannedLength), bits);
    }
    return most;
  }

  controlFrame(opcode: number, payload: Uint8Array): void {
    this.events += 1;
    this.#add(opcode | 0x400);
    this.#add(payload.length);
    this.#addBytes(payload, 0, payload.length);
  }

  violation(name: ViolationName, actual: number): void {
    this.events += 1;
    this.#add(numbers.get(name) ?? -1);
    this.#add(actual);
    this.#add(actual / 0x1_0000_0000);
  }
}
