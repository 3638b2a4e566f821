/**
 * Messages that came before the end and found no room in the inbox, in nearly no more memory than they came in.
 *
 * The rule of this file: a message that waits here is bytes in a block, not an object; it is made when it is taken. A
 * peer's last 64 KiB can be ten thousand messages, and as objects they would be a megabyte.
 */
import type { Runtime } from './port.ts';
import { Queue } from './queue.ts';
import type { Message } from './types.ts';

/** Bytes of one block. */
const blockSize = 4_096;
/** A message's size, and whether it is text, in front of its bytes. */
const headerSize = 2;
const textBit = 0x8000;
/** Longer messages are kept as they are. */
const longest = 1_024;

class Block {
  readonly bytes: Uint8Array;
  readonly headers: DataView;
  /** Where the next message is taken from, and where one is put. */
  at = 0;
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.headers = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}

export class Rest {
  readonly #runtime: Runtime;
  readonly #items = new Queue<Message | Block>();
  #last: Block | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  push(message: Message): void {
    const isText = typeof message === 'string';
    const size = isText ? this.#runtime.byteLength(message) : message.length;
    if (size > longest) {
      this.#last = undefined;
      this.#items.push(message);
      return;
    }
    const block = this.#blockFor(headerSize + size);
    const { bytes, end } = block;
    block.headers.setUint16(end, isText ? size | textBit : size);
    if (isText) this.#runtime.writeUtf8(message, bytes, end + headerSize);
    else bytes.set(message, end + headerSize);
    block.end += headerSize + size;
  }

  #blockFor(size: number): Block {
    if (this.#last !== undefined && this.#last.end + size <= blockSize) return this.#last;
    const block = new Block(this.#runtime.allocate(blockSize));
    this.#last = block;
    this.#items.push(block);
    return block;
  }

  get empty(): boolean {
    return this.#items.length === 0;
  }

  /** The next message, undefined when there is none. */
  take(): Message | undefined {
    const first = this.#items.first;
    if (!(first instanceof Block)) {
      this.#items.take();
      return first;
    }
    const { bytes, at } = first;
    const header = first.headers.getUint16(at);
    const start = at + headerSize;
    first.at = start + (header & ~textBit);
    if (first.at === first.end) {
      if (first === this.#last) this.#last = undefined;
      this.#items.take();
    }
    return (header & textBit) === 0
      ? this.#runtime.copy(bytes, start, first.at)
      : this.#runtime.decodeUtf8(bytes, start, first.at);
  }
}
