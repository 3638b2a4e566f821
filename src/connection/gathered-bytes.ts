/**
 * The bytes of one message on their way to be whole (RFC 6455 §5.4): pieces come, one piece of memory leaves.
 *
 * The rule of this file: memory follows bytes held, never bytes declared, so ten thousand tiny fragments cost their own
 * bytes; and no single piece costs more than its share, so a huge message does not hold the event loop when it grows.
 */
import type { Runtime } from './port.ts';

const smallest = 1_024;
/**
 * From this size on a frame that goes on gets sixteen times the room: the system gives memory when it is first written
 * to, and what a message outgrows is left to the garbage collection.
 */
const roomy = 4_096;
/** From this size on what lies in the memory before is moved bit by bit. */
const large = 49_152;
/** How many times its own size a piece moves of what lies in the memory before. */
const pace = 4;

export class GatheredBytes {
  readonly #runtime: Runtime;
  #memory: Uint8Array | undefined;
  #held = 0;
  /** The memory before this one, while bytes of it still have to be moved: `[#moved, #former.length)`. */
  #former: Uint8Array | undefined;
  #moved = 0;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /**
   * Takes in a copy of `chunk[start, end)`.
   *
   * @param missing bytes that the frame declared and has not brought, these included
   */
  push(chunk: Uint8Array, start: number, end: number, missing: number): void {
    const size = end - start;
    const part = size === chunk.length ? chunk : new Uint8Array(chunk.buffer, chunk.byteOffset + start, size);
    this.#room(size, missing).set(part, this.#held);
    this.#held += size;
    if (this.#former !== undefined) this.#move(size * pace);
  }

  /** All that was pushed, in memory not much larger that may be kept; nothing is held any more. */
  take(): Uint8Array {
    const { allocate, copy, view } = this.#runtime;
    this.#move(Infinity);
    const memory = this.#memory ?? allocate(0);
    const held = this.#held;
    this.#memory = undefined;
    this.#held = 0;
    if (held === memory.length) return memory;
    return held * 2 < memory.length ? copy(memory, 0, held) : view(memory, 0, held);
  }

  #move(most: number): void {
    const former = this.#former;
    if (former === undefined) return;
    const end = Math.min(this.#moved + most, former.length);
    this.#memory?.set(former.subarray(this.#moved, end), this.#moved);
    this.#moved = end;
    if (end === former.length) this.#former = undefined;
  }

  /** Memory with room for `size` more bytes behind those that are held. */
  #room(size: number, missing: number): Uint8Array {
    const needed = this.#held + size;
    const memory = this.#memory;
    if (memory !== undefined && memory.length >= needed) return memory;
    this.#move(Infinity);
    const next = this.#runtime.allocate(capacity(needed, this.#held + missing));
    this.#memory = next;
    if (memory !== undefined) {
      this.#former = this.#held === memory.length ? memory : memory.subarray(0, this.#held);
      this.#moved = 0;
      // What is small is moved at once.
      if (this.#held < large) this.#move(Infinity);
    }
    return next;
  }
}

/** Room for what is needed now and what may follow, but never beyond what the current frame can still bring. */
function capacity(needed: number, declared: number): number {
  const doubled = Math.max(needed * 2, smallest);
  if (declared <= needed) return doubled;
  if (needed < roomy) return Math.min(doubled, declared);
  // Not so much that only a few pieces would be left to come, and to move everything with.
  return declared <= needed * 20 ? declared : needed * 16;
}
