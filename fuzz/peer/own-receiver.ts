/**
 * Our decoder with the least that makes messages of its frames, to be compared with another engine's receiver.
 *
 * The rule of this file: text is checked as it comes and fails at the first impossible byte, as our connections do.
 */
import { decodeClosePayload } from '../../src/frame/close.ts';
import { FrameDecoder, type FrameSink } from '../../src/frame/decoder.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import { opcodes } from '../../src/frame/opcodes.ts';
import { Utf8Validator } from '../../src/frame/utf8.ts';
import { type ViolationName, violations } from '../../src/frame/violations.ts';

/** What was found, and where and why it stopped. */
export interface OwnOutcome {
  /** In the words of `PeerEvent`. */
  readonly events: string[];
  readonly violation: ViolationName | undefined;
  /** For `textUtf8`: whether all of the message had come. */
  readonly messageComplete: boolean;
}

class Receiver implements FrameSink {
  readonly events: string[] = [];
  readonly decoder: FrameDecoder;
  failed: ViolationName | undefined;
  messageComplete = false;
  #isText = false;
  #payload = '';
  readonly #validator = new Utf8Validator();

  constructor(rules: FrameRules) {
    this.decoder = new FrameDecoder(rules, this);
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
    if (this.failed === undefined) this.dataEnd(fin);
    else this.messageComplete = fin;
  }

  dataStart(opcode: number, _rsv: number, _length: number): void {
    if (opcode === opcodes.continuation) return;
    this.#isText = opcode === opcodes.text;
    this.#payload = '';
    this.#validator.reset();
  }

  dataPiece(chunk: Uint8Array, start: number, end: number, _bits: number): void {
    this.#payload += Buffer.from(chunk.subarray(start, end)).toString('hex');
    if (this.#isText && !this.#validator.push(chunk, start, end)) this.violation('textUtf8');
  }

  dataEnd(fin: boolean): void {
    if (!fin || this.failed !== undefined) return;
    if (this.#isText && !this.#validator.complete) {
      this.messageComplete = true;
      this.violation('textUtf8');
    } else {
      this.events.push(`${this.#isText ? 'text' : 'binary'} ${this.#payload}`);
    }
  }

  controlFrame(opcode: number, payload: Uint8Array): void {
    if (opcode !== opcodes.close) {
      this.events.push(
        `${opcode === opcodes.ping ? 'ping' : 'pong'} ${Buffer.from(payload).toString('hex')}`,
      );
      return;
    }
    const close = decodeClosePayload(payload);
    if (typeof close === 'string') {
      this.violation(close);
    } else {
      this.events.push(`close ${close.code} ${Buffer.from(close.reason).toString('hex')}`);
      this.decoder.stopped = true;
    }
  }

  violation(name: ViolationName): void {
    this.failed = name;
    this.events.push(`fail ${violations[name].closeCode}`);
    this.decoder.stopped = true;
  }
}

/** Feeds the chunks, which are changed. */
export function receive(rules: FrameRules, chunks: readonly Uint8Array[]): OwnOutcome {
  const receiver = new Receiver(rules);
  for (const chunk of chunks) {
    if (receiver.decoder.push(chunk) < chunk.length) break;
  }
  const { events, failed, messageComplete } = receiver;
  return { events, violation: failed, messageComplete };
}
