/**
 * Two endpoints joined by a wire in memory, and time that moves when it is told to.
 *
 * The rule of this file: whatever was done to the two, `finish` brings both to their end, or a property is broken.
 */
import type { Runtime } from '../../src/connection/port.ts';
import type { ConnectionSettings, Overflow } from '../../src/connection/types.ts';
import { runtime as node } from '../../src/framework/runtime.ts';
import { createTransportPair } from '../../src/transport/memory.ts';
import { Random } from '../random.ts';
import { demand } from '../target.ts';
import type { Blame } from './blame.ts';
import { End } from './end.ts';
import { LateSession } from './late-session.ts';

export type Name = 'client' | 'server';

/** How the two are set up. */
export interface Setup {
  readonly seed: number;
  readonly overflow: Overflow;
  readonly extension: boolean;
  readonly idleTimeout: boolean;
  /** Whether what arrives is lent, as by a socket, or given away, as by other streams. */
  readonly lends: boolean;
}

export type Model = Readonly<Record<Name, Blame>>;

/** Small limits, so that a short run crosses each of them. */
const limits: ConnectionSettings = {
  maxFrameSize: 30_000,
  maxMessageSize: 40_000,
  maxFragments: 20,
  acceptUnmaskedFrames: false,
  writeBufferSize: 2_000,
  maxWriteBufferSize: 20_000,
  overflow: 'wait',
  pingInterval: 20_000,
  pingTimeout: 10_000,
  idleTimeout: Infinity,
  sessionTimeout: 600_000,
  closeTimeout: 5_000,
};

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class Pair {
  readonly client: End;
  readonly server: End;
  /** Ends that were sent frames that the other end did not write. */
  readonly injectedInto = new Set<Name>();
  /** Commands that were carried out. */
  steps = 0;
  #now = 1_000;

  constructor(setup: Setup, model: Model) {
    const random = new Random(setup.seed);
    const runtime: Runtime = {
      ...node,
      now: () => this.#now,
      preciseNow: () => this.#now,
      isSpent: () => false,
    };
    const settings = {
      ...limits,
      overflow: setup.overflow,
      idleTimeout: setup.idleTimeout ? 60_000 : Infinity,
    };
    const [near, far] = createTransportPair();
    const session = (): LateSession | undefined => (setup.extension ? new LateSession(random) : undefined);
    this.client = new End({
      name: 'client',
      role: { peerMasks: false, closesTransport: false, nextMaskKey: () => random.bits() },
      settings,
      runtime,
      transport: near,
      session: session(),
      blame: model.client,
      lends: setup.lends,
    });
    this.server = new End({
      name: 'server',
      role: { peerMasks: true, closesTransport: true, nextMaskKey: undefined },
      settings,
      runtime,
      transport: far,
      session: session(),
      blame: model.server,
      lends: setup.lends,
    });
  }

  get ends(): readonly [End, End] {
    return [this.client, this.server];
  }

  end(name: Name): End {
    return name === 'client' ? this.client : this.server;
  }

  check(): void {
    for (const end of this.ends) end.check();
  }

  /** Waits until nothing moves any more. */
  async settle(): Promise<void> {
    let before = -1;
    for (let still = 0, turns = 0; still < 6; turns += 1) {
      await turn();
      demand(turns < 5_000, 'it never comes to rest');
      const moved = this.ends.reduce((sum, { wire, pending }) => {
        return sum + wire.written.length + wire.delivered.length + pending * 1e6;
      }, 0);
      const working = this.ends.some(({ session }) => session?.working === true);
      still = moved === before && !working ? still + 1 : 0;
      before = moved;
    }
  }

  /** Lets time pass, once what is on its way has come. */
  async advance(milliseconds: number): Promise<void> {
    await this.settle();
    const deaf = this.ends.some(({ wire }) => wire.paused || wire.stalled);
    for (const { blame } of this.ends) blame.muted ||= deaf;
    this.#now += milliseconds;
    for (const { protocol } of this.ends) {
      if (protocol.deadline() <= this.#now) protocol.tick(this.#now);
    }
    await turn();
    this.check();
  }

  #received(): number {
    return this.client.wire.deliveredBytes + this.server.wire.deliveredBytes;
  }

  /** Brings both to their end: everything flows and is taken, and then one side closes or time runs out. */
  async finish(): Promise<void> {
    const takeAll = async (): Promise<void> => {
      for (let before = -1, rounds = 0; before !== this.#received(); rounds += 1) {
        demand(rounds < 1_000, 'messages without end');
        before = this.#received();
        for (const end of this.ends) {
          end.wire.flow();
          end.take(Infinity);
        }
        await this.settle();
      }
    };
    await takeAll();
    for (const { name, wire } of this.ends) {
      demand(!wire.paused, () => `${name} holds back its input though all was taken`);
    }
    if (this.client.isOpen) this.client.close(1000, 'the end');
    await takeAll();
    for (let round = 0; round < 12 && !this.ends.every(({ isOver }) => isOver); round += 1) {
      await this.advance(5_000);
      await takeAll();
    }
    await takeAll();
    for (const end of this.ends) end.checkEnd();
  }
}
