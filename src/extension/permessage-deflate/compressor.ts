/**
 * Compresses one connection's messages in WebAssembly (`deflate.wat`; RFC 7692 §7.2.1).
 *
 * A zlib context takes about 100 KiB, and a message touches a few hundred lines all over it; where many connections
 * take turns, waiting for those lines costs several times what compressing does. All that a connection has here is a
 * slot of 12 KiB: hashes, a window, and room. The rule of this file: a slot belongs to one compressor at a time, and
 * bytes before `#oldest` are never referred to, so nothing of a slot's earlier owner can come out again; nor does
 * anything of a message that an error cut off, as where the caller's stack is full, here or on its way to the peer.
 */
import type { LentMessage } from '../types.ts';
import { deflateCode } from './deflate-code.ts';
import { type Instance, instancesOf } from './webassembly.ts';

/** As many bytes are compressed in one call, and the farthest distance. */
export const longestPart = 4096;
/** Characters of the longest text whose UTF-8 is sure to be one part. */
export const longestText = Math.floor(longestPart / 3);
/** Longest message that can be taken, in bytes: what is written fits the memory that is there for it. */
export const longestMessage = 64 * 1024;

/** What a stored block adds to a message, with the next block's header. */
export const storedOverhead = 6;

const hashesSize = 4096;
const slotSize = hashesSize + 2 * longestPart;
/** Where results and slots begin in the module's memory. */
const written = 0x12400;
const slots = 0x28000;
/** Pages of 64 KiB by which the memory grows: room for 85 slots. What is not used yet takes no memory. */
const pagesAtOnce = 16;

const instantiate = instancesOf(deflateCode, 'deflate');

/** An instance, and which of its slots are taken. All compressors of a thread use the same one. */
class Slots {
  readonly run: Instance['run'];
  readonly #memory: Instance['memory'];
  readonly #free: number[] = [];
  #end = slots;
  #taken = 0;
  /** All of the memory. */
  bytes: Buffer;
  /** What was made last. If it was not taken when the next message begins, it was cut off. */
  readonly made: { bytes: Uint8Array; start: number; end: number; readonly isAscii: boolean; taken: boolean };
  /** Who made it. */
  maker: Compressor | undefined;

  constructor({ run, memory }: Instance) {
    this.run = run;
    this.#memory = memory;
    this.bytes = Buffer.from(memory.buffer);
    this.made = { bytes: this.bytes, start: written, end: written, isAscii: false, taken: true };
  }

  /** Address of a slot that nobody has. @throws {RangeError} when there is no memory for it */
  take(): number {
    const at = this.#free.pop() ?? this.#add();
    this.#taken += 1;
    this.bytes.fill(0, at, at + hashesSize);
    return at;
  }

  /** Gives a slot back. @returns whether all are free */
  give(at: number): boolean {
    this.#free.push(at);
    this.#taken -= 1;
    return this.#taken === 0;
  }

  #add(): number {
    const at = this.#end;
    // A match is compared eight bytes at a time, which may reach past the last slot's end.
    if (at + slotSize + 8 > this.bytes.length) {
      this.#memory.grow(pagesAtOnce);
      this.bytes = Buffer.from(this.#memory.buffer);
    }
    this.#end += slotSize;
    return at;
  }
}

let current: Slots | undefined;

const openSlots = (): Slots => {
  if (current === undefined) {
    const instance = instantiate();
    if (instance === undefined) {
      throw new TypeError('this runtime has no WebAssembly');
    }
    current = new Slots(instance);
  }
  return current;
};

let works: boolean | undefined;

/** Whether there can be compressors in this runtime. */
export const canCompress = (): boolean => {
  works ??= instantiate() !== undefined;
  return works;
};

/** One connection's compressor; without context takeover it can serve any number of connections. */
export class Compressor {
  readonly #slots: Slots;
  readonly #hashes: number;
  readonly #window: number;
  /** What is added to an address to make a position in all that was ever compressed. */
  #offset = 0;
  /** Address of the oldest byte that may be referred to. */
  #oldest: number;
  /** Address after the last byte. */
  #end: number;

  /**
   * @param windowBits base-2 logarithm of the farthest distance that the peer allows
   * @throws {TypeError} where {@link canCompress} is false
   */
  constructor(windowBits: number) {
    this.#slots = openSlots();
    this.#hashes = this.#slots.take();
    this.#window = Math.min(2 ** windowBits, longestPart);
    this.#end = this.#hashes + hashesSize;
    this.#oldest = this.#end;
  }

  /** Forgets what was sent, so that nothing of it shows in anything that is made later. */
  reset(): void {
    this.#oldest = this.#end;
    this.#slots.bytes.fill(0, this.#hashes, this.#hashes + hashesSize);
  }

  /** Gives its memory back; it must not be used after that. When nobody has any, all of it is let go of. */
  close(): void {
    if (this.#slots.give(this.#hashes) && current === this.#slots) {
      current = undefined;
    }
  }

  /**
   * Compresses a message.
   *
   * @param message 1 to {@link longestMessage} bytes, in a view whose length is its true one
   * @returns what goes on the wire, good until the next call of this compressor or another
   * @throws {RangeError} for a longer one
   */
  deflate(message: Uint8Array): LentMessage {
    this.#begin();
    const { length } = message;
    if (length > longestPart) {
      return this.#made(this.#parts(message, length), length);
    }
    this.#makeRoom(length);
    this.#slots.bytes.set(message, this.#end);
    return this.#made(this.#part(length, 1), length);
  }

  /**
   * Compresses a text message, as {@link deflate} does.
   *
   * @param text 1 to {@link longestText} characters
   */
  deflateText(text: string): LentMessage {
    this.#begin();
    this.#makeRoom(text.length * 3);
    const length = this.#slots.bytes.write(text, this.#end, 'utf8');
    return this.#made(this.#part(length, 1), length);
  }

  /**
   * Begins a message. What is left of one that was cut off is dropped, lest it come out with this one; and since its
   * peer never saw it, its compressor forgets.
   */
  #begin(): void {
    const slots = this.#slots;
    if (!slots.made.taken) {
      slots.run(0, 0, 0, 0, 0, 0, 2);
      slots.maker?.reset();
    }
    slots.made.taken = false;
    slots.maker = this;
  }

  #parts(message: Uint8Array, length: number): number {
    if (length > longestMessage) {
      throw new RangeError(`a message of ${length} bytes is too long to be compressed at once`);
    }
    let at = 0;
    for (; length - at > longestPart; at += longestPart) {
      this.#makeRoom(longestPart);
      this.#slots.bytes.set(message.subarray(at, at + longestPart), this.#end);
      this.#part(longestPart, 0);
    }
    this.#makeRoom(length - at);
    this.#slots.bytes.set(message.subarray(at), this.#end);
    return this.#part(length - at, 1);
  }

  /** Sees to it that so many bytes have room after the last one. */
  #makeRoom(length: number): void {
    const first = this.#hashes + hashesSize;
    if (this.#end + length > first + 2 * longestPart) {
      const kept = Math.min(this.#window, this.#end - this.#oldest);
      const from = this.#end - kept;
      this.#slots.bytes.copyWithin(first, from, this.#end);
      this.#offset += from - first;
      this.#oldest = first;
      this.#end = first + kept;
    }
  }

  /** Compresses as many bytes as lie after the last one. @returns the bytes of all parts with the last of them */
  #part(length: number, last: 0 | 1): number {
    const start = this.#end;
    this.#end = start + length;
    return this.#slots.run(this.#hashes, start, this.#end, this.#oldest, this.#offset, this.#window, last);
  }

  /** What was made of so many bytes; or a stored block (RFC 1951 §3.2.4), if they are one part and that is shorter. */
  #made(size: number, length: number): LentMessage {
    const { made, bytes } = this.#slots;
    made.bytes = bytes;
    made.end = written + size;
    if (size > length + storedOverhead && length <= longestPart) {
      bytes.set([0, length, length >> 8, ~length, ~length >> 8], written);
      bytes.copyWithin(written + 5, this.#end - length, this.#end);
      bytes[written + 5 + length] = 0;
      made.end = written + length + storedOverhead;
    }
    return made;
  }
}
