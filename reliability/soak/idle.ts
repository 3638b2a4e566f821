// Thousands of idle connections on this engine, on ws and on bare sockets, one after the other.
// Rule: what counts is what a connection adds, in V8's heap and in resident memory, after a garbage collection.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CrowdOrders } from '../peers/crowd.ts';
import { Child } from '../process/child.ts';
import { atMost, type Check, exactly } from '../report/check.ts';
import type { IdleOrders } from '../server/main.ts';

export interface IdleSetting {
  readonly connections: number;
  readonly engine: string | undefined;
}

interface Cost {
  /** Bytes of V8's heap and of buffers. */
  readonly heap: number;
  readonly rss: number;
  readonly standing: number;
}

const contenders = [
  { name: 'framewright', entry: 'server/main.ts', webSocket: true },
  { name: 'ws', entry: 'server/ws.ts', webSocket: true },
  { name: 'net.Socket', entry: 'server/net.ts', webSocket: false },
] as const;

async function costOf(
  { entry, webSocket }: (typeof contenders)[number],
  { connections, engine }: IdleSetting,
): Promise<Cost> {
  const server = await Child.start<IdleOrders>(entry, { engine });
  const crowd = await Child.start<CrowdOrders>('peers/crowd.ts', { engine });
  try {
    const port = await server.ask('listen', { pingInterval: 0 });
    // The first ones pay for code and pools.
    await crowd.ask('open', port, Math.ceil(connections / 20), webSocket);
    const before = await server.ask('resources');
    await crowd.ask('open', port, connections, webSocket);
    await sleep(1_000);
    const after = await server.ask('resources');
    return {
      heap: (after.heap - before.heap) / connections,
      rss: (after.rss - before.rss) / connections,
      standing: await crowd.ask('standing'),
    };
  } finally {
    await Promise.all([server.stop(), crowd.stop()]);
  }
}

const bytes = (value: number): string => Math.round(value).toLocaleString('en');

export async function idle(setting: IdleSetting): Promise<{ checks: Check[]; notes: string[] }> {
  const checks: Check[] = [];
  const notes: string[] = [];
  for (const contender of contenders) {
    const { heap, rss, standing } = await costOf(contender, setting);
    notes.push(`${contender.name}: ${bytes(heap)} B of heap and ${bytes(rss)} B resident per connection`);
    if (contender.name !== 'framewright') continue;
    const opened = setting.connections + Math.ceil(setting.connections / 20);
    checks.push(exactly('connections that stand', standing, opened));
    // Over fewer connections the granularity of pages and pools is the larger part.
    if (setting.connections < enough) continue;
    checks.push(atMost('heap per connection', heap / 1_024, 3, 'KiB'));
    checks.push(atMost('resident memory per connection', rss / 1_024, 9, 'KiB'));
  }
  return { checks, notes };
}

const enough = 5_000;
