// The end of the server itself: SIGTERM under load with a graceful close, and SIGKILL with clients that come back.
// Rule: a graceful end loses nothing that was reported as sent; after a crash clients spread out when they return.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Audit, audit } from '../ledger/audit.ts';
import type { PeerOrders } from '../peers/main.ts';
import { Child } from '../process/child.ts';
import { atMost, type Check, exactly, ledgerHolds } from '../report/check.ts';
import type { ServerOrders } from '../server/main.ts';
import { type Fault, type Finding, type Setting, scaled } from './fault.ts';

/** As much as two processors can send and check without falling behind by more than a closing handshake bears. */
const plan = { count: Number.POSITIVE_INFINITY, mix: 'mixed', pause: 5 } as const;

async function terminate(setting: Setting): Promise<{ audit: Audit; seconds: number; status: string }> {
  const { engine } = setting;
  const server = await Child.start<ServerOrders>('server/main.ts', { engine });
  const peers = await Child.start<PeerOrders>('peers/main.ts', { engine });
  try {
    const port = await server.ask('listen', {});
    await server.ask('plan', plan);
    const count = scaled(setting, 30, 3);
    await peers.ask('open', { port, count, first: 1, plan });
    await sleep(200);
    const begun = Date.now();
    const farewell = server.ask('untilTerminated');
    server.signal('SIGTERM');
    const { code, signal } = await server.exited;
    const seconds = (Date.now() - begun) / 1_000;
    await peers.ask('ended', 5_000);
    await peers.ask('closeAll');
    const here = await farewell;
    return { audit: audit(here, await peers.ask('accounts')), seconds, status: String(signal ?? code) };
  } finally {
    await Promise.all([server.stop(), peers.stop()]);
  }
}

async function playTerminate(setting: Setting): Promise<Finding> {
  const rounds = scaled(setting, 10, 2);
  const checks: Check[] = [];
  const notes: string[] = [];
  let slowest = 0;
  let messages = 0;
  for (let round = 0; round < rounds; round += 1) {
    const ended = await terminate(setting);
    slowest = Math.max(slowest, ended.seconds);
    messages += ended.audit.messages;
    const clean = exactly('connections that closed clean', ended.audit.clean, ended.audit.connections);
    const status = exactly('exit status', Number(ended.status), 0);
    for (const check of [ledgerHolds(ended.audit), clean, status])
      if (round === 0 || !check.held) checks.push(check);
    if (round === 0) notes.push(`closures ${JSON.stringify(ended.audit.codes)}`);
  }
  checks.push(atMost('slowest exit', slowest, 10, 's'));
  notes.push(`${rounds} rounds, ${messages.toLocaleString('en')} messages`);
  return { checks, notes };
}

/** The largest share of the attempts that falls into any 100 ms. */
function crowding(attempts: readonly number[]): number {
  const sorted = [...attempts].sort((a, b) => a - b);
  let most = 0;
  let from = 0;
  for (const [to, at] of sorted.entries()) {
    while (at - (sorted[from] ?? at) >= 100) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return sorted.length === 0 ? 1 : most / sorted.length;
}

async function playCrash(setting: Setting): Promise<Finding> {
  const { engine } = setting;
  const clients = scaled(setting, 1_000, 1_000);
  const server = await Child.start<ServerOrders>('server/main.ts', { engine });
  const peers = await Child.start<PeerOrders>('peers/main.ts', { engine });
  try {
    const port = await server.ask('listen', {});
    await peers.ask('keepConnected', port, clients);
    for (let waited = 0; waited < 200; waited += 1) {
      if ((await server.ask('counts')).connections === clients) break;
      await sleep(50);
    }
    const { connections } = await server.ask('counts');
    server.signal('SIGKILL');
    await server.exited;
    await sleep(1_000);
    const attempts = (await peers.ask('attempts')).slice(0, clients);
    return {
      checks: [
        exactly('clients connected before', connections, clients),
        exactly('clients that plan to come back', attempts.length, clients),
        atMost('of the first attempts within any 100 ms', crowding(attempts) * 100, 5, '%'),
      ],
      notes: [`${clients} clients of a server that was killed`],
    };
  } finally {
    await Promise.all([server.stop(), peers.stop()]);
  }
}

export const terminated: Fault = {
  name: 'sigterm',
  title: 'SIGTERM under load, graceful close',
  run: playTerminate,
};

export const crashed: Fault = {
  name: 'server-killed',
  title: 'SIGKILL of the server; clients reconnect',
  run: playCrash,
};
