/**
 * The incremental frame decoder: chunks of any size in, frames out (RFC 6455 §5).
 *
 * The rule of this file: two states, header and payload. The header state carries at most 13 bytes between chunks;
 * the payload state carries nothing, because pieces are unmasked where they lie and handed on at once. An oversized
 * claim is refused at the header, before a byte of it is stored.
 */
import {
  checkHeader,
  createHeader,
  decodeHeader,
  type FrameRules,
  type MessageProgress,
  maxHeaderSize,
} from './header.ts';
import { mask, rotateKey, wordsOf } from './mask.ts';
import { maxControlPayload, opcodes } from './opcodes.ts';
import type { Region } from './region.ts';
import type { ViolationName } from './violations.ts';

/** Bits that say "nothing is known about these bytes", for payload that was not unmasked. */
export const unknownBits = -1;
/** From this chunk size on a word view of all of it is made at the first frame. */
const worthAView = 128;

/**
 * Takes what the decoder finds. Payload is `chunk[start, end)`, unmasked in place, valid during the call; whoever
 * keeps it copies it or owns the chunk. `bits` is the OR of the payload's bytes as {@link mask} gives it.
 */
export interface FrameSink {
  /** A data frame that lies whole in the chunk. */
  dataFrame(
    opcode: number,
    fin: boolean,
    rsv: number,
    chunk: Uint8Array,
    start: number,
    end: number,
    bits: number,
  ): void;
  /** A data frame of `length` bytes begins; its payload follows in pieces, until `length` bytes have come. */
  dataStart(opcode: number, rsv: number, length: number): void;
  dataPiece(chunk: Uint8Array, start: number, end: number, bits: number): void;
  /** A data frame announced by `dataStart` is complete. */
  dataEnd(fin: boolean): void;
  /** A control frame. */
  controlFrame(opcode: number, payload: Uint8Array): void;
  /**
   * Whole messages, many at once: the first `count` that `region.scanned` tells of. A sink without this is told of
   * every frame by `dataFrame`.
   *
   * @returns how many it took: at least one, and all unless it set `stopped`
   */
  burst?(region: Region, count: number): number;
  /** The peer broke a rule. The decoder has stopped and decodes nothing more. */
  violation(name: ViolationName, actual: number): void;
}

/** Headers are read into this one object. */
const scratch = createHeader();

/** Decoder of one direction of one connection. */
export class FrameDecoder implements MessageProgress {
  /** Who is told of frames. It may be exchanged while the decoder is `idle`. */
  sink: FrameSink;
  /** Set by the sink to have `push` return after the current frame; cleared by whoever wants to go on. */
  stopped = false;
  unfinished = false;
  size = 0;
  fragments = 0;

  readonly #rules: FrameRules;
  #carry: Uint8Array | undefined;
  #carried = 0;
  /** The frame whose payload comes in pieces. */
  #opcode = 0;
  #fin = false;
  #length = 0;
  #masked = false;
  #key = 0;
  /** Payload bytes of it that have not come yet. */
  #missing = 0;
  #control: Uint8Array | undefined;
  #words: Int32Array | undefined;
  #region: Region | undefined;

  constructor(rules: FrameRules, sink: FrameSink) {
    this.#rules = rules;
    this.sink = sink;
  }

  /** Whether the stream may end here: no frame is half received and no message unfinished. */
  get idle(): boolean {
    return this.#carried === 0 && this.#missing === 0 && !this.unfinished;
  }

  /**
   * Decodes `chunk[start, end)`, changing it in place.
   *
   * @param region the memory that the chunk lies in, when it is `region.bytes` itself
   * @returns the offset up to which it was consumed: `end`, or less after the sink set `stopped` (or a violation)
   */
  push(chunk: Uint8Array, start = 0, end = chunk.length, region?: Region): number {
    // Not only at the end: a sink that throws must not leave the words of its chunk to the next one.
    this.#words = undefined;
    this.#region = region;
    let at = start;
    while (at < end && !this.stopped) {
      if (this.#missing > 0) {
        at = this.#payload(chunk, at, end);
      } else {
        at = this.#frame(chunk, at, end);
        // Behind a frame that has ended there may be many more.
        if (region !== undefined && at < end && !this.stopped && this.idle) at = this.#burst(region, at, end);
      }
    }
    this.#words = undefined;
    return at;
  }

  /** Reads whole messages, many in one call, until something else comes. */
  #burst(region: Region, start: number, end: number): number {
    const { sink } = this;
    if (sink.burst === undefined) return start;
    let at = start;
    while (at < end && !this.stopped) {
      const count = region.scan(at, end, this.#rules);
      if (count === 0) break;
      const taken = sink.burst(region, count);
      at = region.behindScanned(taken - 1);
      // What the sink left is as it came.
      if (taken < count && this.#rules.peerMasks) region.unscan(taken, count);
    }
    return at;
  }

  #frame(chunk: Uint8Array, start: number, end: number): number {
    const header = scratch;
    let at: number;
    if (this.#carried === 0) {
      const size = decodeHeader(chunk, start, end, header);
      if (size === 0) return this.#keep(chunk, start, end);
      at = start + size;
    } else {
      const had = this.#carried;
      const kept = this.#keep(chunk, start, Math.min(end, start + maxHeaderSize - had));
      const size = decodeHeader(this.#carry as Uint8Array, 0, this.#carried, header);
      if (size === 0) return kept;
      at = start + size - had;
      this.#carried = 0;
    }

    const violation = checkHeader(header, this.#rules, this);
    if (violation !== undefined) {
      this.stopped = true;
      const actual = violation === 'messageTooBig' ? this.size + header.length : header.length;
      this.sink.violation(violation, violation === 'tooManyFragments' ? this.fragments + 1 : actual);
      return at;
    }
    // Read before the sink is called: it may lead to another decoder, which reads its headers into the same object.
    const { opcode, fin, rsv, length, masked, key } = header;
    const whole = end - at >= length;
    if (!whole) {
      this.#opcode = opcode;
      this.#fin = fin;
      this.#length = length;
      this.#masked = masked;
      this.#missing = length;
      this.#key = key;
    }
    if (opcode >= opcodes.close) {
      if (!whole) return at;
      const to = at + length;
      if (masked) this.#unmask(chunk, at, to, key);
      this.sink.controlFrame(opcode, chunk.subarray(at, to));
      return to;
    }

    if (fin) {
      this.unfinished = false;
      this.size = 0;
      this.fragments = 0;
    } else {
      this.unfinished = true;
      this.size += length;
      this.fragments += 1;
    }
    if (!whole) {
      this.sink.dataStart(opcode, rsv, length);
      return at;
    }
    const to = at + length;
    const bits = masked ? this.#unmask(chunk, at, to, key) : unknownBits;
    this.sink.dataFrame(opcode, fin, rsv, chunk, at, to, bits);
    return to;
  }

  #payload(chunk: Uint8Array, start: number, end: number): number {
    const to = Math.min(end, start + this.#missing);
    const bits = this.#masked ? this.#unmask(chunk, start, to, this.#key) : unknownBits;
    const had = this.#length - this.#missing;
    this.#missing -= to - start;
    if (this.#opcode >= opcodes.close) {
      this.#control ??= new Uint8Array(maxControlPayload);
      this.#control.set(chunk.subarray(start, to), had);
      if (this.#missing === 0) this.sink.controlFrame(this.#opcode, this.#control.subarray(0, this.#length));
    } else {
      this.sink.dataPiece(chunk, start, to, bits);
      if (this.#missing === 0) this.sink.dataEnd(this.#fin);
    }
    this.#key = rotateKey(this.#key, to - start);
    return to;
  }

  /** Unmasks a piece with the current frame's key. The word view is made once per chunk. */
  #unmask(chunk: Uint8Array, start: number, end: number, key: number): number {
    if (this.#region !== undefined) return this.#region.mask(start, end, key);
    if (chunk.length >= worthAView) this.#words ??= wordsOf(chunk);
    return mask(chunk, start, end, key, this.#words);
  }

  #keep(chunk: Uint8Array, start: number, end: number): number {
    this.#carry ??= new Uint8Array(maxHeaderSize);
    for (let at = start; at < end; at += 1) {
      this.#carry[this.#carried] = chunk[at] as number;
      this.#carried += 1;
    }
    return end;
  }
}
