// Opening handshakes: a step opens one batch; the batch before it is dropped first, outside the measured time.
import type { HandshakeScenario } from '../scenarios.ts';
import { Histogram } from '../statistics.ts';
import { type LoadConnection, openAll, type Target } from './connection.ts';
import type { Work } from './work.ts';

export class HandshakeWork implements Work {
  readonly latency = new Histogram();
  sent = 0;
  completed = 0;
  lastDigest = '';
  readonly #scenario: HandshakeScenario;
  readonly #target: Target;
  readonly #fail: (error: Error) => void;
  #connections: LoadConnection[] = [];

  constructor(scenario: HandshakeScenario, target: Target, fail: (error: Error) => void) {
    this.#scenario = scenario;
    this.#target = target;
    this.#fail = fail;
  }

  async open(): Promise<void> {}

  start(): void {}

  async step(): Promise<void> {
    const { connections, concurrency } = this.#scenario;
    this.sent += connections;
    this.#connections = await openAll(this.#target, connections, this.#fail, concurrency);
    this.completed += this.#connections.length;
  }

  async stop(): Promise<void> {
    for (const connection of this.#connections) connection.drop();
    this.#connections = [];
  }
}
