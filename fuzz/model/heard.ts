/**
 * What a stream of bytes says, by the reference decoder: messages, control frames, and how it ends (RFC 6455 §5, §7).
 *
 * The rule of this file: nothing of the engine takes part but the names of its violations. Text is judged by
 * `TextDecoder`, a Close payload by the numbers of the registry.
 */
import { isUtf8 } from 'node:buffer';
import type { FrameSink } from '../../src/frame/decoder.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import type { ViolationName } from '../../src/frame/violations.ts';
import { decodeByReference } from '../frame/reference.ts';
import { turnedAround } from './late-session.ts';

/** A message as a text that tells type and content. */
export type Said = string;

/** Half a surrogate pair becomes U+FFFD, as on the wire. */
export const saidOf = (message: string | Uint8Array): Said =>
  typeof message === 'string'
    ? `text ${Buffer.from(message).toString()}`
    : `binary ${Buffer.from(message).toString('latin1')}`;

export interface Close {
  readonly code: number;
  readonly reason: string;
}

export interface Heard {
  /** Whole messages, in order, up to the end. */
  readonly messages: readonly Said[];
  readonly pings: number;
  readonly pongs: number;
  /** The first Close. Nothing behind it counts. */
  readonly close: Close | undefined;
  readonly violation: ViolationName | undefined;
  /** Whether frames came behind the Close. */
  readonly behindClose: boolean;
}

class Listener implements FrameSink {
  readonly messages: Said[] = [];
  pings = 0;
  pongs = 0;
  close: Close | undefined;
  failed: ViolationName | undefined;
  behindClose = false;
  #isText = false;
  #turned = false;
  #parts: Buffer[] = [];
  #decoder = new TextDecoder('utf-8', { fatal: true });

  get #over(): boolean {
    if (this.close !== undefined) this.behindClose = true;
    return this.close !== undefined || this.failed !== undefined;
  }

  dataFrame(): void {
    throw new TypeError('the reference reports frames in pieces');
  }

  dataStart(opcode: number, rsv: number): void {
    if (this.#over || opcode === 0) return;
    this.#isText = opcode === 1;
    this.#turned = rsv !== 0;
    this.#parts = [];
    this.#decoder = new TextDecoder('utf-8', { fatal: true });
  }

  dataPiece(chunk: Uint8Array, start: number, end: number): void {
    if (this.#over) return;
    const piece = Buffer.from(chunk.subarray(start, end));
    this.#parts.push(piece);
    if (this.#isText && !this.#turned) this.#judge(piece, true);
  }

  dataEnd(fin: boolean): void {
    if (this.#over || !fin) return;
    const wire = Buffer.concat(this.#parts);
    if (this.#isText && this.#turned) this.#judge(turnedAround(wire), false);
    else if (this.#isText) this.#judge(Buffer.alloc(0), false);
    if (this.failed !== undefined) return;
    const bytes = this.#turned ? turnedAround(wire) : wire;
    this.messages.push(saidOf(this.#isText ? bytes.toString() : bytes));
  }

  controlFrame(opcode: number, payload: Uint8Array): void {
    if (this.#over) return;
    if (opcode === 9) this.pings += 1;
    else if (opcode === 10) this.pongs += 1;
    else this.#closeFrame(Buffer.from(payload));
  }

  violation(name: ViolationName): void {
    if (!this.#over) this.failed = name;
  }

  #judge(bytes: Uint8Array, stream: boolean): void {
    try {
      this.#decoder.decode(bytes, { stream });
    } catch {
      this.failed = 'textUtf8';
    }
  }

  #closeFrame(payload: Buffer): void {
    if (payload.length === 0) {
      this.close = { code: 1005, reason: '' };
    } else if (payload.length === 1) {
      this.failed = 'closePayloadLength';
    } else {
      const code = payload.readUInt16BE();
      const registered = code >= 1000 && code < 1015 && code !== 1004 && code !== 1005 && code !== 1006;
      if (!registered && (code < 3000 || code > 4999)) this.failed = 'closeCode';
      else if (!isUtf8(payload.subarray(2))) this.failed = 'closeReasonUtf8';
      else this.close = { code, reason: payload.toString('utf8', 2) };
    }
  }
}

/** Reads a stream from its first byte. */
export function hear(rules: FrameRules, stream: Uint8Array): Heard {
  const listener = new Listener();
  decodeByReference(rules, stream, listener);
  const { messages, pings, pongs, close, failed, behindClose } = listener;
  return { messages, pings, pongs, close, violation: failed, behindClose };
}
