/**
 * Messages that came and wait for `recv`.
 *
 * The rule of this file: the queue is bounded, and one message always has room, so that the bound never refuses what
 * `maxMessageSize` allows.
 */
import type { Message } from '../peer.ts';

export interface Inbox {
  /** Takes in a message, or drops it: after the end, or because there is no room. @returns false for the latter */
  push(message: Message): boolean;
  /** The next message, null at the end, undefined when nothing is queued yet. */
  tryRecv(): Message | null | undefined;
  /** The next message, when it comes. Callers are served in order. */
  recv(): Promise<Message | null>;
  /** Nothing comes any more; what is queued can still be taken. */
  end(): void;
}

/** What a queued message holds in memory, in bytes; 64 for itself, two for a character. */
const weigh = (message: Message): number => 64 + (typeof message === 'string' ? 2 : 1) * message.length;

/** @param max bytes */
export function createInbox(max: number): Inbox {
  const queue: Message[] = [];
  const takers: ((message: Message | null) => void)[] = [];
  let weight = 0;
  let ended = false;

  const tryRecv = (): Message | null | undefined => {
    const message = queue.shift();
    if (message === undefined) return ended ? null : undefined;
    weight -= weigh(message);
    return message;
  };

  return {
    tryRecv,
    push(message) {
      if (ended) return true;
      const taker = takers.shift();
      if (taker === undefined) {
        if (weight > 0 && weight + weigh(message) > max) return false;
        weight += weigh(message);
        queue.push(message);
      } else taker(message);
      return true;
    },
    async recv() {
      const message = tryRecv();
      return message === undefined ? new Promise((resolve) => takers.push(resolve)) : message;
    },
    end() {
      ended = true;
      for (const taker of takers.splice(0)) taker(null);
    },
  };
}
