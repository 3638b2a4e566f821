// Echo: a fixed number of messages in flight per connection; what completes is replaced with one write per read.
import { performance } from 'node:perf_hooks';
import type { EchoScenario } from '../scenarios.ts';
import { Histogram } from '../statistics.ts';
import { type LoadConnection, openAll, type Target } from './connection.ts';
import { ExpectedStream, type Ring, ringOf } from './stream.ts';
import type { Work } from './work.ts';

export class EchoWork implements Work {
  readonly latency = new Histogram();
  sent = 0;
  completed = 0;
  lastDigest = '';
  running = false;
  readonly #scenario: EchoScenario;
  readonly #target: Target;
  readonly #fail: (error: Error) => void;
  readonly #connections: EchoConnection[] = [];
  #drained: () => void = () => {};

  constructor(scenario: EchoScenario, target: Target, fail: (error: Error) => void) {
    this.#scenario = scenario;
    this.#target = target;
    this.#fail = fail;
  }

  async open(): Promise<void> {
    const ring = ringOf(this.#scenario.payload, this.#target.raw);
    for (const connection of await openAll(this.#target, this.#scenario.connections, this.#fail)) {
      this.#connections.push(new EchoConnection(connection, ring, this));
    }
  }

  start(): void {
    this.running = true;
    for (const connection of this.#connections) connection.send(this.#scenario.inFlight);
  }

  async step(): Promise<void> {}

  stop(): Promise<void> {
    this.running = false;
    return new Promise((resolve) => {
      this.#drained = resolve;
      this.settle();
    });
  }

  /** Called whenever messages came back. */
  settle(): void {
    if (!this.running && this.completed === this.sent) this.#drained();
  }

  fail(error: unknown): void {
    this.#fail(error instanceof Error ? error : new Error(String(error)));
  }
}

class EchoConnection {
  readonly #connection: LoadConnection;
  readonly #ring: Ring;
  readonly #work: EchoWork;
  readonly #expected: ExpectedStream;
  #sent = 0;
  #completed = 0;
  // One message at a time is timed: the last one of a write, from the write to the end of its echo.
  #timed = 0;
  #timedSince = 0;

  constructor(connection: LoadConnection, ring: Ring, work: EchoWork) {
    this.#connection = connection;
    this.#ring = ring;
    this.#work = work;
    this.#expected = new ExpectedStream(ring);
    connection.receive = (bytes, size) => this.#receive(bytes, size);
  }

  send(count: number): void {
    const { outgoing, outgoingSize, messages } = this.#ring;
    for (let left = count; left > 0; ) {
      const step = Math.min(left, messages);
      const from = (this.#sent % messages) * outgoingSize;
      this.#connection.socket.write(outgoing.subarray(from, from + step * outgoingSize));
      this.#sent += step;
      left -= step;
    }
    this.#work.sent += count;
    if (this.#timed <= this.#completed) {
      this.#timed = this.#sent;
      this.#timedSince = performance.now();
    }
  }

  #receive(bytes: Buffer, size: number): void {
    try {
      const count = this.#expected.check(bytes, size);
      if (count === 0) return;
      const timing = this.#completed < this.#timed;
      this.#completed += count;
      this.#work.completed += count;
      if (timing && this.#completed >= this.#timed) {
        this.#work.latency.add(performance.now() - this.#timedSince);
      }
      if (this.#work.running) this.send(count);
      else this.#work.settle();
    } catch (error) {
      this.#work.fail(error);
    }
  }
}
