/**
 * Runs bytes through a `FrameDecoder`, cut at any offsets, and writes down what it found.
 *
 * The rule of this file: the record does not depend on the cuts. A frame that came in pieces is written down as one
 * that came whole, and one that never ended as unfinished, so two records can be compared with `toEqual`.
 */
import { FrameDecoder, type FrameSink } from '../../src/frame/decoder.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import { isAsciiBits } from '../../src/frame/mask.ts';
import type { ViolationName } from '../../src/frame/violations.ts';

export type FrameEvent =
  | {
      kind: 'data';
      opcode: number;
      fin: boolean;
      rsv: number;
      payload: string;
      ascii: boolean;
    }
  | { kind: 'unfinished'; opcode: number; rsv: number; length: number; payload: string }
  | { kind: 'control'; opcode: number; payload: string }
  | { kind: 'violation'; name: ViolationName; actual: number };

/** What one run showed. */
export interface Outcome {
  readonly events: FrameEvent[];
  /** Bytes that were decoded. */
  readonly consumed: number;
  readonly idle: boolean;
  readonly unfinished: boolean;
  readonly size: number;
  readonly fragments: number;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** Bytes one after another. */
export const bytesOf = (...frames: (readonly number[] | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(frames.flatMap((frame) => [...frame]));

/** Rules of a server with limits that most tests do not meet. */
export const serverRules: FrameRules = {
  peerMasks: true,
  acceptUnmaskedFrames: false,
  rsv: 0,
  maxFrameSize: 1_000_000,
  maxMessageSize: 1_000_000,
  maxFragments: 1_000,
};

/** The same for a client. */
export const clientRules: FrameRules = { ...serverRules, peerMasks: false };

export class Recorder implements FrameSink {
  readonly events: FrameEvent[] = [];
  #begun: { opcode: number; rsv: number; length: number; payload: string; bits: number } | undefined;

  dataFrame(
    opcode: number,
    fin: boolean,
    rsv: number,
    chunk: Uint8Array,
    start: number,
    end: number,
    bits: number,
  ): void {
    if (this.#begun !== undefined) throw new Error('a frame within a frame');
    const payload = hex(chunk.subarray(start, end));
    this.events.push({ kind: 'data', opcode, fin, rsv, payload, ascii: isAsciiBits(bits) });
  }

  dataStart(opcode: number, rsv: number, length: number): void {
    if (this.#begun !== undefined) throw new Error('a frame within a frame');
    this.#begun = { opcode, rsv, length, payload: '', bits: 0 };
  }

  dataPiece(chunk: Uint8Array, start: number, end: number, bits: number): void {
    if (this.#begun === undefined) throw new Error('a piece of nothing');
    if (end <= start) throw new Error('an empty piece');
    this.#begun.payload += hex(chunk.subarray(start, end));
    this.#begun.bits |= bits;
  }

  dataEnd(fin: boolean): void {
    if (this.#begun === undefined) throw new Error('an end of nothing');
    const { opcode, rsv, length, payload, bits } = this.#begun;
    if (payload.length !== length * 2) throw new Error('fewer bytes than announced');
    this.#begun = undefined;
    this.events.push({ kind: 'data', opcode, fin, rsv, payload, ascii: isAsciiBits(bits) });
  }

  controlFrame(opcode: number, payload: Uint8Array): void {
    this.events.push({ kind: 'control', opcode, payload: hex(payload) });
  }

  violation(name: ViolationName, actual: number): void {
    this.events.push({ kind: 'violation', name, actual });
  }

  /** Writes down what has not ended. */
  finish(): FrameEvent[] {
    if (this.#begun !== undefined) {
      const { opcode, rsv, length, payload } = this.#begun;
      this.events.push({ kind: 'unfinished', opcode, rsv, length, payload });
    }
    return this.events;
  }
}

/** Decodes a copy of `bytes`, each piece between two cuts in memory of its own and at an odd offset in it. */
export function decode(rules: FrameRules, bytes: Uint8Array, cuts: readonly number[] = []): Outcome {
  const recorder = new Recorder();
  const decoder = new FrameDecoder(rules, recorder);
  let consumed = 0;
  let from = 0;
  for (const edge of [...cuts, bytes.length]) {
    const room = new Uint8Array(edge - from + 6);
    room.set(bytes.subarray(from, edge), 3);
    const end = 3 + edge - from;
    const at = decoder.push(room, 3, end);
    consumed += at - 3;
    if (at < end) break;
    if (room[2] !== 0 || room[end] !== 0) throw new Error('wrote beside the chunk');
    from = edge;
  }
  const { idle, unfinished, size, fragments } = decoder;
  return { events: recorder.finish(), consumed, idle, unfinished, size, fragments };
}

/** A cut at every offset. */
export const everyOffset = (length: number): number[] =>
  Array.from({ length: Math.max(0, length - 1) }, (_, index) => index + 1);

/** Ascending cuts, the same at each run; some pieces are empty. */
export function someOffsets(length: number, seed: number): number[] {
  const cuts: number[] = [];
  let state = seed;
  for (let at = 0; at < length; ) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    at += (state >>> 8) % 9;
    if (at < length) cuts.push(at);
  }
  return cuts;
}

/** Decodes whole, byte by byte and with random cuts, demands one outcome of all, and returns it. */
export function decodeEachWay(rules: FrameRules, bytes: Uint8Array): Outcome {
  const whole = decode(rules, bytes);
  const others = [
    everyOffset(bytes.length),
    someOffsets(bytes.length, 1),
    someOffsets(bytes.length, 20_261_125),
  ];
  for (const cuts of others) {
    const cut = decode(rules, bytes, cuts);
    if (JSON.stringify(cut) !== JSON.stringify(whole)) {
      throw new Error(`cut at ${cuts.join()}: ${JSON.stringify(cut)}, whole: ${JSON.stringify(whole)}`);
    }
  }
  return whole;
}

/** The name of the violation that ends the record, if one does. */
export function violationOf(outcome: Outcome): ViolationName | undefined {
  const last = outcome.events.at(-1);
  return last?.kind === 'violation' ? last.name : undefined;
}

/**
 * A header of any form: a length in a form that need not be the shortest, reserved bits, a key or none.
 *
 * @param form bytes of extended length: 0, 2 or 8
 */
export function rawHeader(first: number, length: bigint, form: 0 | 2 | 8, key?: readonly number[]): number[] {
  const maskBit = key === undefined ? 0 : 0x80;
  const extended = Array.from({ length: form }, (_, index) =>
    Number((length >> BigInt(8 * (form - 1 - index))) & 0xffn),
  );
  const second = form === 0 ? Number(length) : form === 2 ? 126 : 127;
  return [first, maskBit | second, ...extended, ...(key ?? [])];
}

/** A masked frame with the key zero, which makes payloads readable in tests. */
export const clientFrame = (first: number, payload: readonly number[] = []): number[] => [
  ...rawHeader(
    first,
    BigInt(payload.length),
    payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8,
    [0, 0, 0, 0],
  ),
  ...payload,
];
