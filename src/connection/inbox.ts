/**
 * Messages that came and have not been taken, and the takers that wait for one.
 *
 * The rule of this file: the queue is filled and emptied synchronously, so a burst costs no promise per message. It
 * is bounded by weight; when it is full the producer stops and `demand` is called once there is room again.
 */
import { Queue } from './queue.ts';
import type { Message } from './types.ts';

/** Bytes of messages, overhead included, at which the queue counts as full. */
export const inboxHighWater = 65_536;
/** What one queued message weighs beside its own bytes. */
const messageOverhead = 64;

/** Is given the next message, or null when there will be none. */
export type Taker = (message: Message | null) => void;

export class Inbox {
  /** Called when the queue was full and has room again. */
  demand: (() => void) | undefined;

  readonly #queue = new Queue<Message>();
  #weight = 0;
  #starved = false;
  #ended = false;
  #takers: Taker[] | undefined;

  get full(): boolean {
    return this.#weight >= inboxHighWater;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Takes in a message. @returns whether there is room for another */
  push(message: Message): boolean {
    const taker = this.#takers?.shift();
    if (taker !== undefined) {
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
      this.demand?.();
    }
    return message;
  }

  /** Has `taker` given the next message that comes. Takers are served in order. */
  wait(taker: Taker): void {
    this.#takers ??= [];
    this.#takers.push(taker);
  }

  /** Takes a waiting taker back. */
  cancel(taker: Taker): void {
    const at = this.#takers?.indexOf(taker) ?? -1;
    if (at >= 0) this.#takers?.splice(at, 1);
  }

  /** No message will come any more. What is queued can still be taken. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    const takers = this.#takers;
    this.#takers = undefined;
    if (takers !== undefined) for (const taker of takers) taker(null);
  }

  /** Forgets what is queued. */
  clear(): void {
    this.#queue.clear();
    this.#weight = 0;
    this.#starved = false;
  }
}
