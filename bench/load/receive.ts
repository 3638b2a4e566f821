// Receive only: every connection keeps two writes of about 256 KiB under way; the server counts what arrives.
import { createHash } from 'node:crypto';
import type { ReceiveScenario } from '../scenarios.ts';
import { Histogram } from '../statistics.ts';
import { type LoadConnection, openAll, type Target } from './connection.ts';
import { fragmentedMessage } from './frames.ts';
import { payloadRing } from './payloads.ts';
import { opcodeOf } from './stream.ts';
import type { Work } from './work.ts';

const WRITE_SIZE = 256 * 1024;

export class ReceiveWork implements Work {
  readonly latency = new Histogram();
  sent = 0;
  completed = 0;
  lastDigest = '';
  readonly #scenario: ReceiveScenario;
  readonly #target: Target;
  readonly #fail: (error: Error) => void;
  #connections: LoadConnection[] = [];
  #batch = Buffer.alloc(0);
  #batchMessages = 0;
  #running = false;
  #underWay = 0;
  #drained: () => void = () => {};

  constructor(scenario: ReceiveScenario, target: Target, fail: (error: Error) => void) {
    this.#scenario = scenario;
    this.#target = target;
    this.#fail = fail;
  }

  async open(): Promise<void> {
    const { payload, fragments, connections } = this.#scenario;
    const messages = payloadRing(payload).map((bytes) =>
      fragmentedMessage(bytes, opcodeOf(payload), fragments),
    );
    const ring = Buffer.concat(messages);
    const repeats = Math.max(1, Math.floor(WRITE_SIZE / ring.length));
    this.#batch = Buffer.concat(Array.from({ length: repeats }, () => ring));
    this.#batchMessages = messages.length * repeats;
    const last = payloadRing(payload).at(-1) ?? '';
    this.lastDigest = createHash('sha256').update(last).digest('hex');
    this.#connections = await openAll(this.#target, connections, this.#fail);
  }

  start(): void {
    this.#running = true;
    for (const connection of this.#connections) {
      this.#pour(connection);
      this.#pour(connection);
    }
  }

  async step(): Promise<void> {}

  stop(): Promise<void> {
    this.#running = false;
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (this.#underWay === 0) resolve();
    });
  }

  #pour(connection: LoadConnection): void {
    this.#underWay += 1;
    this.sent += this.#batchMessages;
    connection.socket.write(this.#batch, () => {
      this.#underWay -= 1;
      if (this.#running) this.#pour(connection);
      else if (this.#underWay === 0) this.#drained();
    });
  }
}
