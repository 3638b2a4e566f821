// Fairness: one connection pours binary messages that the server only counts, while the others have short text
// messages echoed, one in flight each. A step is the pouring; the latency of the others is kept for it alone.
import { createHash } from 'node:crypto';
import type { FairnessScenario } from '../scenarios.ts';
import { LoadConnection, type Target } from './connection.ts';
import { EchoWork } from './echo.ts';
import { maskedFrame } from './frames.ts';
import { payloadRing } from './payloads.ts';
import { opcodeOf } from './stream.ts';
import type { Work } from './work.ts';

const WRITE_SIZE = 256 * 1024;

export class FairnessWork implements Work {
  lastDigest = '';
  readonly #scenario: FairnessScenario;
  readonly #target: Target;
  readonly #fail: (error: Error) => void;
  readonly #others: EchoWork;
  #pouring: LoadConnection | undefined;
  #bytes = Buffer.alloc(0);

  constructor(scenario: FairnessScenario, target: Target, fail: (error: Error) => void) {
    this.#scenario = scenario;
    this.#target = target;
    this.#fail = fail;
    const { name, title, connections } = scenario;
    this.#others = new EchoWork(
      { kind: 'echo', name, title, connections, inFlight: 1, payload: { size: 20, form: 'ascii' } },
      target,
      fail,
    );
  }

  get latency() {
    return this.#others.latency;
  }

  get sent(): number {
    return this.#others.sent;
  }

  get completed(): number {
    return this.#others.completed;
  }

  async open(): Promise<void> {
    const { payload, count } = this.#scenario;
    const ring = payloadRing(payload);
    const frames = ring.map((bytes) => maskedFrame(bytes, { opcode: opcodeOf(payload) }));
    const repeated = Array.from(
      { length: count },
      (_, index) => frames[index % frames.length] ?? Buffer.alloc(0),
    );
    this.#bytes = Buffer.concat(repeated);
    this.lastDigest = createHash('sha256')
      .update(ring[(count - 1) % ring.length] ?? '')
      .digest('hex');
    await this.#others.open();
    this.#pouring = await LoadConnection.open(this.#target, this.#fail);
  }

  start(): void {
    this.#others.start();
  }

  async step(): Promise<void> {
    this.#others.latency.clear();
    for (let at = 0; at < this.#bytes.length; at += WRITE_SIZE) {
      const piece = this.#bytes.subarray(at, at + WRITE_SIZE);
      await new Promise<void>((resolve) => this.#pouring?.socket.write(piece, () => resolve()));
    }
  }

  stop(): Promise<void> {
    return this.#others.stop();
  }
}
