// Honest clients, in a process of their own: the engine's own client on the other end of every exchange.
// Rule: like the server it has no listener for errors; its ledger is the other half of the server's.
import { setTimeout as sleep } from 'node:timers/promises';
import { type ConnectOptions, connect, reconnecting } from 'framewright';
import type { Entry } from '../ledger/account.ts';
import { Exchange, type Plan } from '../ledger/exchange.ts';
import { watchEscapes } from '../process/escapes.ts';
import { measureResources } from '../process/measure-resources.ts';
import { obey } from '../process/orders.ts';
import { type Churned, churn } from './churn.ts';
import { latency, measureLatency, stopLatency } from './latency.ts';

const exchanges: Exchange[] = [];
/** When each reconnecting client tried again, milliseconds since 1970. */
const attempts: number[] = [];

export interface Opening {
  readonly port: number;
  readonly count: number;
  /** Number of the first connection. */
  readonly first: number;
  readonly plan: Plan;
  readonly options?: ConnectOptions;
  /** Opening handshakes at a time. */
  readonly concurrency?: number;
}

async function open({ port, count, first, plan, options = {}, concurrency = 50 }: Opening): Promise<number> {
  let next = first;
  const opener = async (): Promise<void> => {
    while (next < first + count) {
      const id = next;
      next += 1;
      const connection = await connect(`ws://127.0.0.1:${port}/exchange?id=${id}`, options);
      exchanges.push(new Exchange(id, connection, plan));
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, opener));
  return exchanges.length;
}

async function closeAll(code?: number): Promise<void> {
  for (const exchange of exchanges) exchange.stop();
  await Promise.all(
    exchanges.map(async ({ sent, connection }) => {
      await sent;
      await connection.close(code);
    }),
  );
  await Promise.all(exchanges.map(({ received }) => received));
}

const orders = {
  open,
  /** Waits until everything that was planned has been sent. */
  async sent(): Promise<void> {
    await Promise.all(exchanges.map(({ sent }) => sent));
  },
  closeAll,
  /** Waits for the end of every connection, at most `ms`. Returns how many are still open. */
  async ended(ms: number): Promise<number> {
    const all = Promise.all(exchanges.map(({ connection }) => connection.closed));
    await Promise.race([all, sleep(ms)]);
    return exchanges.filter(({ connection }) => connection.state !== 'closed').length;
  },
  accounts: (): Entry[] => exchanges.map(({ account }) => account.entry),
  received: (): number => exchanges.reduce((sum, { account }) => sum + account.entry.received, 0),
  forget(): void {
    exchanges.length = 0;
  },
  resources: measureResources,
  measureLatency,
  stopLatency,
  latency,
  churn: (port: number, cycles: number, concurrency: number, deflate: boolean): Promise<Churned> =>
    churn(port, cycles, concurrency, deflate),
  /** Clients that come back whenever they lose the server. */
  keepConnected(port: number, count: number): void {
    for (let number = 0; number < count; number += 1) void keepConnected(port);
  },
  attempts: (): number[] => attempts,
};

async function keepConnected(port: number): Promise<void> {
  const connections = reconnecting(`ws://127.0.0.1:${port}/echo`, {
    onRetry: ({ delay }) => {
      attempts.push(Date.now() + delay);
    },
  });
  for await (const connection of connections) await connection.closed;
}

export type PeerOrders = typeof orders;

watchEscapes();
obey(orders);
