/**
 * Messages that came and have not been taken, and the takers that wait for one.
 *
 * The rule of this file: the queue is filled and emptied synchronously, so a burst costs no promise per message. It
 * is bounded by weight; when it is full the source stops, and it is resumed once there is room again.
 */
import { Queue } from './queue.ts';
import type { Message } from './types.ts';

/** Bytes of messages, overhead included, at which the queue counts as full. */
export const inboxHighWater = 65_536;
/** What one queued message weighs beside its own bytes. */
const messageOverhead = 64;

/** Is given the next message, or null when there will be none. */
export type Taker = (message: Message | null) => void;

/** Where messages come from. */
export interface MessageSource {
  /** The inbox was full and has room again. */
  resume(): void;
}

export class Inbox {
  source: MessageSource | undefined;

  readonly #queue = new Queue<Message>();
  #weight = 0;
  #starved = false;
  #ended = false;
  /** The taker that is next, apart from those behind it: there is hardly ever a second one. */
  #taker: Taker | undefined;
  #behind: Taker[] | undefined;

  get full(): boolean {
    return this.#weight >= inboxHighWater;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes in a message. @returns whether there is room for another */
  push(message: Message): boolean {
    const taker = this.#taker;
    if (taker !== undefined) {
      this.#taker = this.#behind?.shift();
      taker(message);
      return true;
    }
    this.#queue.push(message);
    this.#weight += message.length + messageOverhead;
    if (this.#weight < inboxHighWater) return true;
    this.#starved = true;
    return false;
  }

  /** The next message, null at the end, undefined when nothing has come yet. */
  take(): Message | null | undefined {
    const message = this.#queue.take();
    if (message === undefined) return this.#ended ? null : undefined;
    this.#weight -= message.length + messageOverhead;
    if (this.#starved && this.#weight <= inboxHighWater / 2) {
      this.#starved = false;
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
      taker(null);
    }
  }

  /** Forgets what is queued. */
  clear(): void {
    this.#queue.clear();
    this.#weight = 0;
    this.#starved = false;
  }
}
