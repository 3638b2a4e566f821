// The stage of a fault: a server and honest peers in processes of their own, measured before and after.
// Rule: whatever happened in between, the server ends it with the descriptors, timers, handles and heap of its start.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerConfig } from 'framewright';
import { type Audit, audit } from '../ledger/audit.ts';
import type { Plan } from '../ledger/exchange.ts';
import type { PeerOrders } from '../peers/main.ts';
import { Child, type ChildOptions } from '../process/child.ts';
import { counted, type Resources } from '../process/resources.ts';
import { atMost, type Check, exactly, none } from '../report/check.ts';
import type { ServerOrders } from '../server/main.ts';

export interface StageOptions {
  readonly config?: ServerConfig;
  /** Whether the server has an `onError` that counts. */
  readonly reports?: boolean;
  readonly plan: Plan;
  /** Connections of the warm-up, which fills pools and compiles code. */
  readonly warmUp?: number;
  readonly server?: ChildOptions;
  readonly engine?: string | undefined;
}

/** Heap growth that is no leak: compiled code, feedback, pools. */
const tolerance = 1_048_576;
/** Free output memory that the engine keeps for the next message at most: 4 MiB of each of its three sizes. */
const kept = 3 * 4_194_304;

export class Stage {
  readonly server: Child<ServerOrders>;
  readonly peers: Child<PeerOrders>;
  readonly port: number;
  readonly #plan: Plan;
  readonly #engine: string | undefined;
  readonly #children: Child<PeerOrders>[] = [];
  #before: Resources | undefined;

  private constructor(
    server: Child<ServerOrders>,
    peers: Child<PeerOrders>,
    port: number,
    options: StageOptions,
  ) {
    this.server = server;
    this.peers = peers;
    this.port = port;
    this.#plan = options.plan;
    this.#engine = options.engine;
  }

  static async open(options: StageOptions): Promise<Stage> {
    const { engine, config = {}, reports = false, warmUp = 20 } = options;
    const server = await Child.start<ServerOrders>('server/main.ts', {
      patience: 30_000,
      ...options.server,
      engine,
    });
    const peers = await Child.start<PeerOrders>('peers/main.ts', { engine });
    try {
      const port = await server.ask('listen', config, reports);
      const stage = new Stage(server, peers, port, options);
      await stage.#warmUp(warmUp);
      return stage;
    } catch (error) {
      await Promise.all([server.stop(), peers.stop()]);
      throw error;
    }
  }

  async #warmUp(count: number): Promise<void> {
    const short = { ...this.#plan, count: 10, pause: 0 };
    await this.server.ask('plan', short);
    await this.peers.ask('open', { port: this.port, count, first: 0, plan: short });
    await this.peers.ask('sent');
    await this.peers.ask('closeAll');
    await this.settled();
    await this.forget();
    this.#before = await this.server.ask('resources');
    await this.server.ask('plan', this.#plan);
  }

  /** Begins a ledger anew. */
  async forget(): Promise<void> {
    await Promise.all([this.server.ask('forget'), this.peers.ask('forget')]);
  }

  /** Another process of honest peers, which ends with the stage. */
  async morePeers(): Promise<Child<PeerOrders>> {
    const peers = await Child.start<PeerOrders>('peers/main.ts', { engine: this.#engine });
    this.#children.push(peers);
    return peers;
  }

  /** Waits until the server has no connection any more, at most `ms`. Returns how many it has. */
  async settled(ms = 10_000): Promise<number> {
    const deadline = Date.now() + ms;
    for (;;) {
      const { connections } = await this.server.ask('counts');
      if (connections === 0 || Date.now() > deadline) return connections;
      await sleep(20);
    }
  }

  /** Compares the server's accounts with those of the honest peers, and of further ones. */
  async audit(lenient = false, further: readonly Child<PeerOrders>[] = []): Promise<Audit> {
    const there = await Promise.all([this.peers, ...further].map((peers) => peers.ask('accounts')));
    return audit(await this.server.ask('accounts'), there.flat(), { lenient });
  }

  /** Whether the server is as it was at its start. */
  async checkResources(allowance = tolerance): Promise<Check[]> {
    const open = await this.settled();
    await this.forget();
    const before = this.#before;
    const after = await this.server.ask('resources');
    const warnings = Object.keys(await this.server.ask('warnings'));
    if (before === undefined) throw new Error('The stage was not measured at its start.');
    return [
      exactly('connections left on the server', open, 0),
      ...counted.flatMap((name) => {
        const [was, is] = [before[name], after[name]];
        return was === undefined || is === undefined ? [] : [atMost(`${name} at the end`, is, was)];
      }),
      atMost('heap growth', (inHeap(after) - inHeap(before)) / 1_024, allowance / 1_024, 'KiB'),
      atMost(
        'growth of buffers',
        (after.buffers - before.buffers) / 1_024,
        (allowance + kept) / 1_024,
        'KiB',
      ),
      none(
        'process warnings',
        warnings.filter((name) => name !== 'Error'),
      ),
    ];
  }

  async close(): Promise<void> {
    await Promise.all([this.server, this.peers, ...this.#children].map((child) => child.stop()));
  }
}

const inHeap = ({ heap, buffers }: Resources): number => heap - buffers;
