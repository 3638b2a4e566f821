// Both directions of numbered messages over one connection, the same on either side.
// Rule: every send is awaited and every message received; whatever ends it, the account tells how far it came.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from 'framewright';
import { Account } from './account.ts';
import { type Mix, numberedMessage } from './message.ts';

/** What an end sends. */
export interface Plan {
  /** Messages; Infinity until it is stopped. */
  readonly count: number;
  readonly mix: Mix;
  /** Milliseconds between two messages; 0 for none. */
  readonly pause: number;
}

export class Exchange {
  readonly account: Account;
  readonly connection: Connection;
  /** Resolves when everything that was planned has been sent, or could not be. */
  readonly sent: Promise<void>;
  /** Resolves when the other end has nothing more to say. */
  readonly received: Promise<void>;
  #stopped = false;

  constructor(id: number, connection: Connection, plan: Plan) {
    this.account = new Account(id, plan.mix);
    this.connection = connection;
    void connection.closed.then((closure) => {
      this.account.ended(closure);
      this.account.entry.buffered = connection.bufferedAmount;
    });
    this.received = this.#receive();
    this.sent = this.#send(plan);
  }

  /** No further message is begun. */
  stop(): void {
    this.#stopped = true;
  }

  async #receive(): Promise<void> {
    for (;;) {
      const message = await this.connection.recv();
      if (message === null) return;
      this.account.received(message);
    }
  }

  async #send({ count, mix, pause }: Plan): Promise<void> {
    const { entry } = this.account;
    for (let sequence = 0; sequence < count && !this.#stopped; sequence += 1) {
      entry.pending = 1;
      try {
        await this.connection.send(numberedMessage(sequence, mix));
        entry.accepted += 1;
      } catch {
        entry.refused += 1;
        return;
      } finally {
        entry.pending = 0;
      }
      if (pause > 0) await sleep(pause);
    }
  }
}
