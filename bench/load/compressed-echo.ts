// Compressed echo. Sizes of echoes are the server's choice, so frames are counted by their headers, and the first
// connection keeps what it receives: after the measured time every one of its messages is inflated and compared.
import { performance } from 'node:perf_hooks';
import type { EchoScenario } from '../scenarios.ts';
import { Histogram } from '../statistics.ts';
import { agreed, compressRing, verifyEchoes } from './compression.ts';
import { type LoadConnection, openAll, type Target } from './connection.ts';
import { FrameCounter, maskedFrame } from './frames.ts';
import { payloadRing } from './payloads.ts';
import { opcodeOf } from './stream.ts';
import type { Work } from './work.ts';

const RECORDED_AT_MOST = 16 << 20;

export class CompressedEchoWork implements Work {
  readonly latency = new Histogram();
  sent = 0;
  completed = 0;
  lastDigest = '';
  readonly #scenario: EchoScenario;
  readonly #target: Target;
  readonly #fail: (error: Error) => void;
  readonly #payloads: Buffer[];
  readonly #recorded: Buffer[] = [];
  #recordedSize = 0;
  #connections: LoadConnection[] = [];
  #frames: Buffer[] = [];
  #senders: ((count: number) => void)[] = [];
  #serverTakeover = true;
  #running = false;
  #drained: () => void = () => {};

  constructor(scenario: EchoScenario, target: Target, fail: (error: Error) => void) {
    this.#scenario = scenario;
    this.#target = target;
    this.#fail = fail;
    this.#payloads = payloadRing(scenario.payload);
  }

  async open(): Promise<void> {
    this.#connections = await openAll(this.#target, this.#scenario.connections, this.#fail);
    const terms = agreed(this.#connections[0]?.extensions ?? '');
    this.#serverTakeover = terms.serverTakeover;
    const opcode = opcodeOf(this.#scenario.payload);
    const compressed = await compressRing(this.#payloads, terms);
    this.#frames = compressed.map((bytes) => maskedFrame(bytes, { opcode, compressed: true }));
    this.#senders = this.#connections.map((connection, index) => this.#prepare(connection, index === 0));
  }

  #prepare(connection: LoadConnection, record: boolean): (count: number) => void {
    const counter = new FrameCounter();
    let next = 0;
    let since = 0;
    const send = (count: number): void => {
      for (let left = count; left > 0; left -= 1) {
        connection.socket.write(this.#frames[next % this.#frames.length] ?? '');
        next += 1;
      }
      this.sent += count;
      since = performance.now();
    };
    connection.receive = (bytes, size) => {
      if (record) this.#record(bytes, size);
      const count = counter.count(bytes, size);
      if (count === 0) return;
      this.completed += count;
      // Exact for one message in flight, which is what the compressed rows use.
      this.latency.add(performance.now() - since);
      if (this.#running) send(count);
      else if (this.completed === this.sent) this.#drained();
    };
    return send;
  }

  #record(bytes: Buffer, size: number): void {
    // Once something was left out, nothing after it can be inflated.
    if (this.#recordedSize < RECORDED_AT_MOST) this.#recorded.push(Buffer.from(bytes.subarray(0, size)));
    this.#recordedSize += size;
  }

  start(): void {
    this.#running = true;
    for (const send of this.#senders) send(this.#scenario.inFlight);
  }

  async step(): Promise<void> {}

  async stop(): Promise<void> {
    this.#running = false;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      if (this.completed === this.sent) resolve();
    });
    const compared = await verifyEchoes(Buffer.concat(this.#recorded), this.#payloads, this.#serverTakeover);
    if (compared === 0) throw new Error('No compressed echo was recorded.');
  }
}
