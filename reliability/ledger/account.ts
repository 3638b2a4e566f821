// The account of one end of one connection: what it was told is sent, what it received, how it ended.
// Rule: it only writes down; audit.ts judges.
import type { Closure, Message } from 'framewright';
import { isNumbered, type Mix, numberOf } from './message.ts';

/** How a connection ended, in words that cross a process boundary. */
export interface Ending {
  readonly code: number;
  readonly clean: boolean;
  readonly by: Closure['by'];
  readonly cause: string | undefined;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface Entry {
  readonly id: number;
  /** Messages whose `send` resolved. */
  accepted: number;
  /** Messages whose `send` rejected. */
  refused: number;
  /** Messages whose `send` is still to be settled. */
  pending: number;
  /** Numbered messages that came, in order and whole. */
  received: number;
  /** What came otherwise. */
  readonly faults: string[];
  readonly endings: Ending[];
  /** Bytes that wait to be written, when the connection was over. */
  buffered: number;
}

export class Account {
  readonly entry: Entry;
  readonly #mix: Mix;

  constructor(id: number, mix: Mix) {
    this.#mix = mix;
    this.entry = {
      id,
      accepted: 0,
      refused: 0,
      pending: 0,
      received: 0,
      faults: [],
      endings: [],
      buffered: 0,
    };
  }

  received(message: Message): void {
    const expected = this.entry.received;
    if (isNumbered(message, expected, this.#mix)) {
      this.entry.received += 1;
      return;
    }
    const number = numberOf(message);
    const what =
      number === expected ? 'is damaged' : number < expected ? 'came again' : 'came before its turn';
    if (this.entry.faults.length < 5)
      this.entry.faults.push(`message ${number} ${what}; ${expected} was due`);
  }

  ended({ code, clean, by, cause }: Closure): void {
    this.entry.endings.push({
      code,
      clean,
      by,
      cause: cause === undefined ? undefined : `${cause.name}: ${cause.message}`,
      at: Date.now(),
    });
  }
}
