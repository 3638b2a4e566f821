/**
 * From frames to messages (RFC 6455 §5.4): joins fragments, checks text as it comes, decodes it once.
 *
 * The rule of this file: memory follows bytes held, never bytes declared. Pieces are copied into one buffer that
 * doubles, bounded by what the message can still become, so ten thousand tiny fragments cost their own bytes.
 */
import { isAsciiBits } from '../frame/mask.ts';
import { opcodes } from '../frame/opcodes.ts';
import { Utf8Validator } from '../frame/utf8.ts';
import type { Runtime } from './port.ts';

const smallestBuffer = 1_024;
/**
 * From this size on a frame that goes on gets sixteen times the room: the system gives memory when it is first
 * written to, and moving tens of MiB each time they double would hold the event loop.
 */
const hugeMessage = 1_048_576;

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
  #validator: Utf8Validator | undefined;
  #isText = false;
  #transformed = false;
  #ascii = true;
  #buffer: Uint8Array | undefined;
  #held = 0;
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
    this.#ascii = true;
    this.#held = 0;
    this.#validator?.reset();
  }

  /** @returns false when the message can no longer become valid */
  piece(chunk: Uint8Array, start: number, end: number, bits: number): boolean {
    const size = end - start;
    if (this.#isText && !this.#transformed) {
      const plain = isAsciiBits(bits) && (this.#validator === undefined || this.#validator.complete);
      if (!plain) {
        this.#validator ??= new Utf8Validator(this.#runtime.isUtf8);
        this.#ascii = false;
        if (!this.#validator.push(chunk, start, end)) {
          this.#messages.invalidText();
          return false;
        }
      }
    }
    if (size === 0) return true;
    const part = size === chunk.length ? chunk : new Uint8Array(chunk.buffer, chunk.byteOffset + start, size);
    this.#room(size).set(part, this.#held);
    this.#held += size;
    this.#missing -= size;
    return true;
  }

  /** The frame is complete. */
  end(fin: boolean): void {
    if (!fin) return;
    const held = this.#held;
    const buffer = this.#buffer ?? this.#runtime.allocate(0);
    this.#buffer = undefined;
    this.#held = 0;
    if (this.#transformed) this.#messages.transformed(this.#trim(buffer, held), this.#isText);
    else if (!this.#isText) this.#messages.binary(this.#trim(buffer, held));
    else if (this.#ascii) this.#messages.text(this.#runtime.decodeAscii(buffer, 0, held));
    else if (this.#validator?.complete === false) this.#messages.invalidText();
    else this.#messages.text(this.#runtime.decodeUtf8(buffer, 0, held));
  }

  /** What is held, in memory not much larger. */
  #trim(buffer: Uint8Array, held: number): Uint8Array {
    if (held === buffer.length) return buffer;
    const { view, copy } = this.#runtime;
    return held * 2 < buffer.length ? copy(buffer, 0, held) : view(buffer, 0, held);
  }

  /** A buffer with room for `size` more bytes. */
  #room(size: number): Uint8Array {
    const needed = this.#held + size;
    const buffer = this.#buffer;
    if (buffer !== undefined && buffer.length >= needed) return buffer;
    // Double, but never beyond what the current frame can still bring.
    const declared = this.#held + this.#missing;
    const doubled = Math.max(needed * 2, smallestBuffer);
    const capacity =
      declared > needed ? Math.min(needed < hugeMessage ? doubled : needed * 16, declared) : doubled;
    const next = this.#runtime.allocate(capacity);
    if (buffer !== undefined) next.set(buffer.subarray(0, this.#held));
    this.#buffer = next;
    return next;
  }
}
