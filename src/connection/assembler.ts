/**
 * From frames to messages (RFC 6455 §5.4): joins fragments, as text or as bytes.
 *
 * The rule of this file: it knows what kind of message is under way and how much its frame still brings; the bytes are
 * gathered elsewhere.
 */
import { opcodes } from '../frame/opcodes.ts';
import { GatheredBytes } from './gathered-bytes.ts';
import { GatheredText } from './gathered-text.ts';
import type { Runtime } from './port.ts';

/** Takes finished messages. */
export interface AssembledMessages {
  /** A text message, valid UTF-8. */
  text(text: string): void;
  /** A binary message, in memory that the receiver may keep. */
  binary(bytes: Uint8Array): void;
  /** A message that an extension has to undo first, in memory that may be kept. */
  transformed(bytes: Uint8Array, isText: boolean): void;
  /** A text message can no longer become valid. */
  invalidText(): void;
}

export class Assembler {
  readonly #runtime: Runtime;
  readonly #messages: AssembledMessages;
  #bytes: GatheredBytes | undefined;
  #text: GatheredText | undefined;
  #isText = false;
  #transformed = false;
  /** Bytes that the frame begun last declared and has not brought yet. */
  #missing = 0;

  constructor(runtime: Runtime, messages: AssembledMessages) {
    this.#runtime = runtime;
    this.#messages = messages;
  }

  /** Takes a fragment that lies whole in its chunk. */
  frame(
    opcode: number,
    fin: boolean,
    rsv: number,
    chunk: Uint8Array,
    start: number,
    end: number,
    bits: number,
  ): void {
    this.start(opcode, rsv, end - start);
    if (this.piece(chunk, start, end, bits)) this.end(fin);
  }

  /** A frame begins whose payload comes in pieces. */
  start(opcode: number, rsv: number, length: number): void {
    this.#missing = length;
    if (opcode === opcodes.continuation) return;
    this.#isText = opcode === opcodes.text;
    this.#transformed = rsv !== 0;
  }

  /** @returns false when the message can no longer become valid */
  piece(chunk: Uint8Array, start: number, end: number, bits: number): boolean {
    if (start === end) return true;
    const missing = this.#missing;
    this.#missing -= end - start;
    if (!this.#isText || this.#transformed) {
      this.#gatheredBytes().push(chunk, start, end, missing);
      return true;
    }
    if (this.#gatheredText().push(chunk, start, end, bits, missing)) return true;
    this.#messages.invalidText();
    return false;
  }

  /** The frame is complete. */
  end(fin: boolean): void {
    if (!fin) return;
    if (this.#isText && !this.#transformed) {
      const text = this.#gatheredText().take();
      if (text === undefined) this.#messages.invalidText();
      else this.#messages.text(text);
    } else {
      const bytes = this.#gatheredBytes().take();
      if (this.#transformed) this.#messages.transformed(bytes, this.#isText);
      else this.#messages.binary(bytes);
    }
  }

  #gatheredText(): GatheredText {
    this.#text ??= new GatheredText(this.#runtime);
    return this.#text;
  }

  #gatheredBytes(): GatheredBytes {
    this.#bytes ??= new GatheredBytes(this.#runtime);
    return this.#bytes;
  }
}
