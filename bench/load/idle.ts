// Idle connections: opened and held; a step lets each of them have one message echoed, if the row asks for it.
import type { IdleScenario } from '../scenarios.ts';
import { Histogram } from '../statistics.ts';
import { agreed, compressRing, verifyEchoes } from './compression.ts';
import { type LoadConnection, openAll, type Target } from './connection.ts';
import { FrameCounter, maskedFrame } from './frames.ts';
import { payloadRing } from './payloads.ts';
import { opcodeOf } from './stream.ts';
import type { Work } from './work.ts';

export class IdleWork implements Work {
  readonly latency = new Histogram();
  sent = 0;
  completed = 0;
  lastDigest = '';
  readonly #scenario: IdleScenario;
  readonly #target: Target;
  readonly #fail: (error: Error) => void;
  #connections: LoadConnection[] = [];

  constructor(scenario: IdleScenario, target: Target, fail: (error: Error) => void) {
    this.#scenario = scenario;
    this.#target = target;
    this.#fail = fail;
  }

  async open(): Promise<void> {
    this.#connections = await openAll(this.#target, this.#scenario.connections, this.#fail);
  }

  start(): void {}

  /** One message each, a few connections at a time: what is measured is what stays behind, not a burst. */
  async step(): Promise<void> {
    const { payload } = this.#scenario;
    if (payload === undefined) return;
    const [message = Buffer.alloc(0)] = payloadRing(payload);
    const terms = agreed(this.#connections[0]?.extensions ?? '');
    const [compressed = Buffer.alloc(0)] = await compressRing([message], terms);
    const frame = maskedFrame(compressed, { opcode: opcodeOf(payload), compressed: true });
    const waiting = [...this.#connections];
    const sender = async (): Promise<void> => {
      for (let connection = waiting.pop(); connection !== undefined; connection = waiting.pop()) {
        await this.#echo(connection, frame, message);
      }
    };
    await Promise.all(Array.from({ length: 32 }, sender));
  }

  async #echo(connection: LoadConnection, frame: Buffer, message: Buffer): Promise<void> {
    const counter = new FrameCounter();
    const pieces: Buffer[] = [];
    this.sent += 1;
    await new Promise<void>((resolve) => {
      connection.receive = (bytes, size) => {
        pieces.push(Buffer.from(bytes.subarray(0, size)));
        if (counter.count(bytes, size) > 0) resolve();
      };
      connection.socket.write(frame);
    });
    this.completed += await verifyEchoes(Buffer.concat(pieces), [message], false);
  }

  async stop(): Promise<void> {
    if (this.sent !== this.completed) throw new Error('Not every message came back.');
    for (const connection of this.#connections) connection.drop();
  }
}
