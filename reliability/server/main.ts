// The server of every run, in a process of its own.
// Rule: it attaches no listener for errors, as an application that knows of none; what escapes the engine ends it.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import {
  type ContextHandler,
  listen,
  prepare,
  type Server,
  type ServerCloseOptions,
  type ServerConfig,
} from 'framewright';
import type { Entry } from '../ledger/account.ts';
import { countedWarnings, watchEscapes } from '../process/escapes.ts';
import { collect, measureResources } from '../process/measure-resources.ts';
import { obey } from '../process/orders.ts';
import { failingRoutes } from './faulty.ts';
import {
  accounts,
  counts,
  endings,
  forget,
  planExchanges,
  roomMembers,
  sessions,
  stopSending,
  watched,
} from './sessions.ts';

let server: Server | undefined;
let reported = 0;
let terminated: (last: Entry[]) => void = () => {};
const end = new Promise<Entry[]>((resolve) => {
  terminated = resolve;
});
let delay = monitorEventLoopDelay({ resolution: 1 });

const routes: Readonly<Record<string, ContextHandler>> = {
  ...failingRoutes,
  ...Object.fromEntries(
    Object.entries(sessions).map(([name, session]) => [
      `/${name}`,
      ((context) => context.upgrade(watched(session))) satisfies ContextHandler,
    ]),
  ),
  // Without the counting, for runs that weigh a connection.
  '/idle': (context) => context.upgrade(sessions.echo),
  '/slow-decision': async (context) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return context.upgrade(watched(sessions.echo));
  },
};

function open(): Server {
  if (server === undefined) throw new Error('The server does not listen.');
  return server;
}

const orders = {
  /** Returns the port. With `reports`, what goes to `onError` is counted instead of warned of. */
  async listen(config: ServerConfig, reports = false): Promise<number> {
    const onError = (): void => {
      reported += 1;
    };
    server = await listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, routes, {
      ...config,
      ...(reports ? { onError } : {}),
    });
    return server.port;
  },
  close: (options: ServerCloseOptions): Promise<void> => open().close(options),
  /** The accounts after SIGTERM has closed the server; the process then ends by itself. */
  untilTerminated: (): Promise<Entry[]> => end,
  plan: planExchanges,
  stopSending,
  accounts,
  forget,
  resources: measureResources,
  warnings: countedWarnings,
  counts: () => ({ ...counts, reported, connections: open().connections.size }),
  endings: () => Object.fromEntries(endings),
  /** Seconds of processor time. */
  cpu(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  },
  /** Bytes that somebody keeps, V8's and those of buffers. */
  async memory(): Promise<number> {
    await collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  /** Keeps the event loop busy. */
  block(ms: number): void {
    const until = performance.now() + ms;
    while (performance.now() < until);
  },
  startDelay(): void {
    delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
  },
  /** Milliseconds by which the loop was late. */
  stopDelay(): { p50: number; p99: number; max: number } {
    delay.disable();
    return { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6, max: delay.max / 1e6 };
  },
  /** Sends a message to every member of the room, encoded once. */
  broadcast(size: number, times: number): number {
    for (let time = 0; time < times; time += 1) {
      const frame = prepare(Buffer.alloc(size, time));
      for (const member of roomMembers) void member.send(frame).catch(() => {});
    }
    return roomMembers.size;
  },
};

export type ServerOrders = typeof orders;

/** What the attacks need of a server, whichever engine it has in it. */
export type AttackedOrders = Pick<
  ServerOrders,
  'listen' | 'resources' | 'warnings' | 'counts' | 'memory' | 'startDelay' | 'stopDelay' | 'broadcast'
>;

/** What the idle comparison needs. */
export type IdleOrders = Pick<ServerOrders, 'listen' | 'resources'>;

process.once('SIGTERM', async () => {
  stopSending();
  await open().close({ timeout: 5_000 });
  // One more turn: the last closures are written down by their own promises.
  await new Promise((resolve) => setImmediate(resolve));
  terminated(accounts());
  // Nothing but the channel to the runner should keep this process alive now.
  setTimeout(() => process.channel?.unref(), 100);
});

watchEscapes();
obey(orders);
