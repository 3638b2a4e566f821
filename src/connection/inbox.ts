/**
 * Messages that came and have not been taken, and the takers that wait for one.
 *
 * The rule of this file: the queue is filled and emptied synchronously, so a burst costs no promise per message. It
 * is bounded by weight; when it is full the source stops, and it is resumed once there is room again. Whoever takes a
 * message gets it, whatever becomes of that.
 */
import type { Runtime } from './port.ts';
import { Queue } from './queue.ts';
import { Rest } from './rest.ts';
import type { Message } from './types.ts';

/** Bytes of messages, overhead included, at which the queue counts as full. */
export const inboxHighWater = 65_536;
/** What one queued message weighs beside its own bytes. */
const messageOverhead = 64;

/** Is given the next message, or null when there will be none: a function, or an object that is there anyway. */
export type Taker = ((message: Message | null) => void) | { give(message: Message | null): void };

function give(taker: Taker, message: Message | null): void {
  if (typeof taker === 'function') taker(message);
  else taker.give(message);
}

/** Where messages come from. */
export interface MessageSource {
  /** The inbox was full and has room again, or nothing is left of what came before the end. */
  resume(): void;
}

export class Inbox {
  source: MessageSource | undefined;

  /** Made at the first message that nobody waits for. */
  #queue: Queue<Message> | undefined;
  #weight = 0;
  #starved = false;
  #ended = false;
  /** What came last and found no room. */
  #rest: Rest | undefined;
  /** The taker that is next, apart from those behind it: there is hardly ever a second one. */
  #taker: Taker | undefined;
  #behind: Taker[] | undefined;

  get full(): boolean {
    return this.#weight >= inboxHighWater;
  }

  /** Bytes that are queued, overhead included. */
  get weight(): number {
    return this.#weight;
  }

  /** Whether nothing is queued. */
  get empty(): boolean {
    return this.#weight === 0 && this.#rest === undefined;
  }

  /** Whether a taker waits. */
  get awaited(): boolean {
    return this.#taker !== undefined;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes in a message. @returns whether there is room for another */
  push(message: Message): boolean {
    const taker = this.#taker;
    if (taker !== undefined) {
      this.#taker = this.#behind?.shift();
      give(taker, message);
      return true;
    }
    this.#queue ??= new Queue();
    this.#queue.push(message);
    this.#weight += message.length + messageOverhead;
    if (this.#weight < inboxHighWater) return true;
    this.#starved = true;
    return false;
  }

  /** Takes in a message for which nobody could wait: nothing comes behind the last of these. */
  keep(message: Message, runtime: Runtime): void {
    if (this.#rest === undefined && !this.full) {
      this.push(message);
      return;
    }
    this.#rest ??= new Rest(runtime);
    this.#rest.push(message);
  }

  /** The next message, null at the end, undefined when nothing has come yet. */
  take(): Message | null | undefined {
    const message = this.#queue?.take();
    if (message === undefined) {
      if (this.#starved && this.#resume()) return this.take();
      return this.#takeRest() ?? (this.#ended ? null : undefined);
    }
    this.#weight -= message.length + messageOverhead;
    if (this.#starved ? this.#weight <= inboxHighWater / 2 : this.#ended && this.#weight === 0) {
      try {
        this.#resume();
      } catch {
        // Not even called, for lack of room: no error may come between a message and its taker.
        this.#starved = true;
      }
    }
    return message;
  }

  /** @returns false when that was cut off, as where the taker's stack is full: then it is tried again */
  #resume(): boolean {
    this.#starved = false;
    try {
      this.source?.resume();
      return true;
    } catch {
      this.#starved = true;
      return false;
    }
  }

  #takeRest(): Message | undefined {
    const rest = this.#rest;
    if (rest === undefined) return undefined;
    const message = rest.take();
    if (rest.empty) {
      this.#rest = undefined;
      this.source?.resume();
    }
    return message;
  }

  /** Has `taker` given the next message that comes. Takers are served in order. */
  wait(taker: Taker): void {
    if (this.#taker === undefined) {
      this.#taker = taker;
    } else {
      this.#behind ??= [];
      this.#behind.push(taker);
    }
  }

  /** Takes a waiting taker back. */
  cancel(taker: Taker): void {
    if (this.#taker === taker) this.#taker = this.#behind?.shift();
    else this.#behind = this.#behind?.filter((other) => other !== taker);
  }

  /** No message will come any more. What is queued can still be taken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (let taker = this.#taker; taker !== undefined; taker = this.#taker) {
      this.#taker = this.#behind?.shift();
      give(taker, null);
    }
  }

  /** Forgets what is queued. */
  clear(): void {
    this.#queue?.clear();
    this.#rest = undefined;
    this.#weight = 0;
    this.#starved = false;
  }
}
