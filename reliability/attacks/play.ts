// One attack: a server held to its memory, honest clients that measure, attackers; before, during and after.
// Rule: all gates of the attack are judged by what honest clients felt and what the server held.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Latency } from '../peers/latency.ts';
import type { PeerOrders } from '../peers/main.ts';
import { Child } from '../process/child.ts';
import { MemoryLimit } from '../process/memory-limit.ts';
import { counted } from '../process/resources.ts';
import { atLeast, atMost, type Check, exactly, none } from '../report/check.ts';
import type { AttackedOrders } from '../server/main.ts';
import type { Attack, Weapon } from './attack.ts';
import type { AttackerOrders, Tally } from './attackers.ts';

export interface Setting {
  readonly attackers: number;
  readonly seconds: number;
  /** Multiplies the sockets of a slowloris. */
  readonly scale: number;
  readonly engine: string | undefined;
  /** The engine in the server. */
  readonly peer: Peer;
}

/** Engines that can be attacked, and the entry of each one's server. */
export const serverEntries = { framewright: 'server/main.ts', ws: 'server/ws.ts' } as const;
export type Peer = keyof typeof serverEntries;
export const isPeer = (name: string): name is Peer => Object.hasOwn(serverEntries, name);

export const memoryMiB = 256;
/** Leaves room below the limit for what is not V8's old space. */
const heapMiB = 128;
const mebibyte = 1_048_576;
/** Free output memory that the engine keeps of a crowd, 4 MiB of each of its three sizes, and compiled code. */
const keptMiB = 14;
/** What one peer that never reads may cost: a full write buffer and a full inbox, and as much again. */
const unreadKiB = 256;
const honest = { clients: 20, callers: 2 };
/** Milliseconds; the defaults of the configuration under test. */
const handshakeTimeout = 10_000;

interface Field {
  readonly server: Child<AttackedOrders>;
  readonly peers: Child<PeerOrders>;
  readonly attackers: Child<AttackerOrders>;
  readonly port: number;
}

const ms = (value: number): string => value.toFixed(1);

const feeling = (when: string, { echo, connect }: Latency): string =>
  `${when}: echo p50 ${ms(echo.p50)}, p99 ${ms(echo.p99)}, max ${ms(echo.max)} ms (${echo.count}); ` +
  `connect p50 ${ms(connect.p50)}, p99 ${ms(connect.p99)}, max ${ms(connect.max)} ms (${connect.count})`;

/** Sends to the room for as long as the attack lasts. */
async function broadcast(server: Child<AttackedOrders>, weapon: Weapon, seconds: number): Promise<void> {
  if (weapon.kind !== 'listeners') return sleep(seconds * 1_000);
  const { messageSize, perSecond } = weapon;
  const until = Date.now() + seconds * 1_000;
  while (Date.now() < until) {
    await server.ask('broadcast', messageSize, Math.max(1, Math.round(perSecond / 50)));
    await sleep(20);
  }
}

/** What honest clients feel on a quiet server: connections, pools and code are warm afterwards. */
async function quiet({ peers, port }: Field, seconds: number): Promise<Latency> {
  await peers.ask('measureLatency', port, honest.clients, honest.callers);
  await sleep(seconds * 1_000);
  return peers.ask('stopLatency');
}

const nothing: Tally = { opened: 0, bytes: 0, thrownOut: 0, dropped: [] };

interface Finding {
  readonly checks: readonly Check[];
  readonly notes: readonly string[];
}

/** Bytes that the server must hold; undefined for attacks that are not about that. */
function heldBytes(weapon: Weapon, attackers: number, { bytes }: Tally): number | undefined {
  if (weapon.kind === 'hold') return weapon.heldBytes * attackers;
  if (weapon.kind === 'drip') return bytes;
  return weapon.kind === 'slowloris' ? bytes : undefined;
}

const each = (bytes: number, count: number): string => (bytes / count / 1_024).toFixed(2);

const countOf = (weapon: Weapon, { attackers, scale }: Setting): number =>
  weapon.kind === 'slowloris' ? Math.max(attackers, Math.round(weapon.sockets * scale)) : attackers;

/** What honest clients feel while attackers come and strike. */
async function feel(attack: Attack, setting: Setting, field: Field): Promise<Finding> {
  const { server, peers, attackers, port } = field;
  const { weapon } = attack;
  const count = countOf(weapon, setting);
  await server.ask('startDelay');
  await peers.ask('measureLatency', port, honest.clients, honest.callers);
  await attackers.ask('begin', attack, port, count);
  await attackers.ask('strike', attack);
  await broadcast(server, weapon, setting.seconds);
  const delay = await server.ask('stopDelay');
  const felt = await peers.ask('stopLatency');
  return {
    checks: [
      atMost('echo p99 of honest clients', felt.echo.p99, 50, 'ms'),
      atMost('connect p99 of honest clients', felt.connect.p99, 100, 'ms'),
      atMost('event loop delay p99', delay.p99, 20, 'ms'),
      none('failures of honest clients', felt.failures),
      ...(weapon.kind === 'slowloris' ? await deadline(field, setting) : []),
    ],
    notes: [
      feeling('under attack', felt),
      `loop delay p50 ${ms(delay.p50)}, p99 ${ms(delay.p99)}, max ${ms(delay.max)} ms`,
    ],
  };
}

/** What the server holds for attackers that send and never read, measured while they stand still. */
async function standstill(attack: Attack, setting: Setting, field: Field, before: number): Promise<Finding> {
  const { weapon } = attack;
  if (weapon.kind !== 'flood' || weapon.reads) return { checks: [], notes: [] };
  const { server, attackers } = field;
  attackers.signal('SIGSTOP');
  await sleep(500);
  const theirs = ((await server.ask('memory')) - before) / setting.attackers;
  attackers.signal('SIGCONT');
  return {
    checks: [atMost('memory held for each attacker', theirs / 1_024, unreadKiB, 'KiB')],
    notes: [],
  };
}

/** What the server holds for attackers, measured while nobody else is there. */
async function hold(attack: Attack, setting: Setting, { server, port }: Field): Promise<Finding> {
  const { weapon } = attack;
  if (heldBytes(weapon, 0, nothing) === undefined) return { checks: [], notes: [] };
  const count = countOf(weapon, setting);
  const attackers = await Child.start<AttackerOrders>('attacks/attackers.ts', { nice: 10 });
  try {
    const before = await server.ask('memory');
    await attackers.ask('begin', attack, port, count);
    // A slowloris has no connection to begin with.
    const idle = weapon.kind === 'slowloris' ? before : await server.ask('memory');
    await attackers.ask('strike', attack);
    await sleep(1_000);
    const held = heldBytes(weapon, count, await attackers.ask('tally')) ?? 0;
    const theirs = (await server.ask('memory')) - idle;
    return {
      checks: [
        atMost('memory held for attackers', theirs / 1_024, (2 * held + 4_096 * count) / 1_024, 'KiB'),
      ],
      notes: [
        `each attacker: ${each(theirs, count)} KiB held for ${each(held, count)} KiB of bytes`,
        ...(idle === before ? [] : [`each connection before that: ${each(idle - before, count)} KiB`]),
      ],
    };
  } finally {
    await attackers.stop();
  }
}

async function fight(attack: Attack, setting: Setting, field: Field): Promise<Finding> {
  const { server, attackers } = field;
  const calm = await quiet(field, Math.min(2, setting.seconds));
  const before = await server.ask('resources');
  const felt = await feel(attack, setting, field);
  const still = await standstill(attack, setting, field, before.heap);
  const { bytes, thrownOut } = await attackers.ask('tally');
  await attackers.ask('stop');
  const after = await aftermath(field, before);
  const held = await hold(attack, setting, field);
  const peak = server.peakRss();
  return {
    checks: [
      ...felt.checks,
      ...still.checks,
      ...held.checks,
      ...after,
      ...(peak === undefined ? [] : [atMost('peak resident memory', peak / mebibyte, memoryMiB, 'MiB')]),
    ],
    notes: [
      feeling('quiet', calm),
      ...felt.notes,
      ...held.notes,
      `${countOf(attack.weapon, setting)} attackers sent ${(bytes / mebibyte).toFixed(1)} MiB and were thrown out ${thrownOut.toLocaleString('en')} times`,
    ],
  };
}

/** All half-open handshakes are gone at their deadline. */
async function deadline({ attackers }: Field, { scale }: Setting): Promise<Check[]> {
  const until = Date.now() + handshakeTimeout + 3_000;
  let open = await attackers.ask('open');
  while (open > 0 && Date.now() < until) {
    await sleep(100);
    open = await attackers.ask('open');
  }
  const [first = 0, last = 0] = (await attackers.ask('tally')).dropped;
  return [
    exactly('handshakes still open after their deadline', open, 0),
    atMost('last one dropped after', last, handshakeTimeout + 1_000 + 1_000 * Math.min(1, scale), 'ms'),
    atLeast('first one dropped after', first, handshakeTimeout - 1_000, 'ms'),
  ];
}

async function aftermath(
  { server }: Field,
  before: Awaited<ReturnType<AttackedOrders['resources']>>,
): Promise<Check[]> {
  const until = Date.now() + 10_000;
  while ((await server.ask('counts')).connections > 0 && Date.now() < until) await sleep(50);
  // What has just been destroyed is released some turns later, timers of refused sockets after a second.
  await sleep(1_200);
  const after = await server.ask('resources');
  const { opened, ended } = await server.ask('counts');
  return [
    exactly('connections without exactly one closure', opened - ended, 0),
    ...counted.flatMap((name) => {
      const [was, is] = [before[name], after[name]];
      return was === undefined || is === undefined ? [] : [atMost(`${name} afterwards`, is, was)];
    }),
    atMost('heap growth afterwards', (after.heap - before.heap) / mebibyte, keptMiB, 'MiB'),
    none('process warnings', Object.keys(await server.ask('warnings'))),
  ];
}

/** Plays an attack in processes of its own. */
export async function play(attack: Attack, setting: Setting): Promise<Finding> {
  const { engine, peer } = setting;
  const limit = MemoryLimit.make(memoryMiB * mebibyte);
  const server = await Child.start<AttackedOrders>(serverEntries[peer], {
    engine,
    heapMiB,
    cgroup: limit?.processes,
    patience: 60_000,
  });
  const peers = await Child.start<PeerOrders>('peers/main.ts', { engine });
  const attackers = await Child.start<AttackerOrders>('attacks/attackers.ts', { engine, nice: 10 });
  try {
    const port = await server.ask('listen', attack.config ?? {});
    const { checks, notes } = await fight(attack, setting, { server, peers, attackers, port });
    const held =
      limit === undefined
        ? 'no cgroup could be made: the peak is only watched'
        : `held to ${memoryMiB} MiB by a cgroup`;
    return { checks, notes: [...notes, held] };
  } finally {
    await Promise.all([server.stop(), peers.stop(), attackers.stop()]);
    limit?.remove();
  }
}
