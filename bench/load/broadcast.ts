// Broadcast: the first connection publishes, every connection (the first too) must get every message, in order.
// A message counts as done when the last of them has it; what is done in one turn is replaced with one write.
import { performance } from 'node:perf_hooks';
import type { BroadcastScenario } from '../scenarios.ts';
import { Histogram } from '../statistics.ts';
import { type LoadConnection, openAll, type Target } from './connection.ts';
import { ExpectedStream, type Ring, ringOf } from './stream.ts';
import type { Work } from './work.ts';

export class BroadcastWork implements Work {
  readonly latency = new Histogram();
  /** Deliveries owed for what was published. */
  sent = 0;
  /** Deliveries verified. */
  completed = 0;
  lastDigest = '';
  readonly #scenario: BroadcastScenario;
  readonly #target: Target;
  readonly #fail: (error: Error) => void;
  readonly #ring: Ring;
  #connections: LoadConnection[] = [];
  #running = false;
  #published = 0;
  #everywhere = 0;
  #refillPlanned = false;
  #publishedAt: number[] = [];
  /** How many connections still miss the message, by its number modulo the ring. */
  #missing: number[] = [];
  #drained: () => void = () => {};

  constructor(scenario: BroadcastScenario, target: Target, fail: (error: Error) => void) {
    this.#scenario = scenario;
    this.#target = target;
    this.#fail = fail;
    this.#ring = ringOf(scenario.payload, target.raw);
  }

  async open(): Promise<void> {
    this.#connections = await openAll(this.#target, this.#scenario.connections, this.#fail);
    for (const connection of this.#connections) {
      const stream = new ExpectedStream(this.#ring);
      let seen = 0;
      connection.receive = (bytes, size) => {
        try {
          for (let count = stream.check(bytes, size); count > 0; count -= 1) {
            this.#deliver(seen);
            seen += 1;
          }
        } catch (error) {
          this.#fail(error instanceof Error ? error : new Error(String(error)));
        }
      };
    }
  }

  start(): void {
    this.#running = true;
    this.#publish(this.#scenario.inFlight);
  }

  async step(): Promise<void> {}

  stop(): Promise<void> {
    this.#running = false;
    return new Promise((resolve) => {
      this.#drained = resolve;
      if (this.sent === this.completed) resolve();
    });
  }

  #publish(count: number): void {
    const { outgoing, outgoingSize, messages } = this.#ring;
    const from = (this.#published % messages) * outgoingSize;
    this.#connections[0]?.socket.write(outgoing.subarray(from, from + count * outgoingSize));
    const now = performance.now();
    for (let index = 0; index < count; index += 1) {
      const slot = this.#published % messages;
      this.#missing[slot] = this.#connections.length;
      this.#publishedAt[slot] = now;
      this.#published += 1;
    }
    this.sent += count * this.#connections.length;
  }

  #deliver(number: number): void {
    this.completed += 1;
    const slot = number % this.#ring.messages;
    const missing = (this.#missing[slot] ?? 0) - 1;
    this.#missing[slot] = missing;
    if (missing > 0) return;
    this.#everywhere += 1;
    this.latency.add(performance.now() - (this.#publishedAt[slot] ?? 0));
    if (!this.#running) {
      if (this.sent === this.completed) this.#drained();
    } else if (!this.#refillPlanned) {
      this.#refillPlanned = true;
      setImmediate(() => this.#refill());
    }
  }

  #refill(): void {
    this.#refillPlanned = false;
    if (this.#running) this.#publish(this.#scenario.inFlight - (this.#published - this.#everywhere));
  }
}
