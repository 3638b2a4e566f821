// One measurement: a fresh server, a fresh load generator, warm-up, the measured time, and the proof that what came
// back is what was sent. How a row is measured depends on its kind; the result has one shape.
import { setTimeout as sleep } from 'node:timers/promises';
import { offerFor } from './load/compression.ts';
import type { Answer } from './load/work.ts';
import { LoadProcess } from './load-process.ts';
import type { Peer } from './peers.ts';
import type { Scenario } from './scenarios.ts';
import { type Placement, ServerProcess, type Usage } from './server-process.ts';

export interface Measurement {
  readonly scenario: string;
  readonly peer: string;
  /** The row's figure, in its unit (see unitOf). */
  readonly value: number;
  /** Messages (or handshakes, deliveries) in the measured time, and per second of the clock. */
  readonly messages: number;
  readonly perSecond: number;
  /** Share of one core during the measured time: 1 is a full core. */
  readonly serverCpu: number;
  readonly loadCpu: number;
  readonly latency: Answer['latency'];
  /** Resident memory of the server at the end, bytes. */
  readonly rss: number;
  readonly runtime: string;
  /** Messages that were compared byte for byte, or counted and proven by a digest at the server. */
  readonly verified: number;
}

export interface Timing {
  readonly warmUp: number;
  readonly seconds: number;
}

interface Sides {
  readonly server: ServerProcess;
  readonly load: LoadProcess;
  readonly scenario: Scenario;
  readonly timing: Timing;
}

type Figures = Omit<Measurement, 'scenario' | 'peer' | 'runtime'>;

/** Measures one row for one peer. Throws when an echo is wrong, missing, or the server breaks. */
export async function measure(
  peer: Peer,
  scenario: Scenario,
  timing: Timing,
  placement: Placement,
): Promise<Measurement> {
  const server = await ServerProcess.start(peer, scenario, placement);
  const load = new LoadProcess(placement.pin);
  try {
    const offer = scenario.deflate === undefined ? undefined : offerFor(scenario.deflate);
    const order = server.order(peer, scenario, offer);
    const sides: Sides = { server, load, scenario, timing };
    const before = await idleUsage(server, scenario);
    await load.ask({ do: 'open', order });
    const figures = await figuresOf(sides, before);
    return { scenario: scenario.name, peer: peer.name, runtime: server.runtime, ...figures };
  } finally {
    await load.stop();
    await server.stop();
  }
}

function figuresOf(sides: Sides, before: Usage): Promise<Figures> {
  switch (sides.scenario.kind) {
    case 'idle':
      return measureIdle(sides, before);
    case 'handshakes':
      return measureHandshakes(sides);
    case 'fairness':
      return measureFairness(sides);
    default:
      return measureStream(sides);
  }
}

async function idleUsage(server: ServerProcess, scenario: Scenario): Promise<Usage> {
  if (scenario.kind === 'idle') await server.ask('collect');
  return server.ask('usage');
}

/** Echo, receive only and broadcast: a steady stream, sampled at both ends of the measured time. */
async function measureStream({ server, load, scenario, timing }: Sides): Promise<Figures> {
  const sample = () => Promise.all([server.ask('usage'), load.ask({ do: 'sample' })]);
  await load.ask({ do: 'start' });
  await sleep(timing.warmUp * 1000);
  const [usageA, loadA] = await sample();
  await sleep(timing.seconds * 1000);
  const [usageB, loadB] = await sample();
  const end = await load.ask({ do: 'stop' });
  const receiving = scenario.kind === 'receive';
  const messages = receiving ? usageB.messages - usageA.messages : loadB.completed - loadA.completed;
  if (receiving) {
    await untilReceived(server, end.sent);
    await proveLast(server, end.lastDigest);
  }
  const elapsed = (loadB.at - loadA.at) * 1000;
  const cpu = usageB.cpu - usageA.cpu;
  return {
    value: (messages / cpu) * 1e6,
    messages,
    perSecond: (messages / elapsed) * 1e6,
    serverCpu: cpu / elapsed,
    loadCpu: (loadB.cpu - loadA.cpu) / elapsed,
    latency: loadB.latency,
    rss: usageB.rss,
    verified: receiving ? end.sent : end.completed,
  };
}

const RECEIVE_DEADLINE = 30_000;

/** Waits until the server has seen all that was sent. */
async function untilReceived(server: ServerProcess, messages: number): Promise<void> {
  const deadline = Date.now() + RECEIVE_DEADLINE;
  for (;;) {
    const usage = await server.ask('usage');
    if (usage.messages === messages) return;
    if (usage.messages > messages || Date.now() > deadline) {
      throw new Error(`The server received ${usage.messages} of ${messages} messages.`);
    }
    await sleep(20);
  }
}

/** Compares the last message's digest. Taking that of a large message holds the server's event loop. */
async function proveLast(server: ServerProcess, digest: string): Promise<void> {
  const seen = await server.ask('digest');
  if (seen.digest !== digest) throw new Error('The last message arrived with other content.');
}

async function measureHandshakes({ server, load, timing }: Sides): Promise<Figures> {
  const totals = { messages: 0, elapsed: 0, server: 0, load: 0 };
  let rss = 0;
  const until = Date.now() + (timing.warmUp + timing.seconds) * 1000;
  // The first batch is the warm-up.
  for (let batch = 0; batch < 2 || Date.now() < until; batch += 1) {
    const [usageA, loadA] = await Promise.all([server.ask('usage'), load.ask({ do: 'sample' })]);
    const opened = await load.ask({ do: 'step' });
    const usageB = await server.ask('usage');
    rss = usageB.rss;
    if (batch > 0) {
      totals.messages += opened.completed - loadA.completed;
      totals.elapsed += (opened.at - loadA.at) * 1000;
      totals.server += usageB.cpu - usageA.cpu;
      totals.load += opened.cpu - loadA.cpu;
    }
    await load.ask({ do: 'stop' });
    await sleep(100);
    await server.ask('collect');
  }
  return {
    value: (totals.messages / totals.server) * 1e6,
    messages: totals.messages,
    perSecond: (totals.messages / totals.elapsed) * 1e6,
    serverCpu: totals.server / totals.elapsed,
    loadCpu: totals.load / totals.elapsed,
    latency: null,
    rss,
    verified: totals.messages,
  };
}

const NOTHING = { perSecond: 0, serverCpu: 0, loadCpu: 0, latency: null };

async function measureIdle({ server, load, scenario, timing }: Sides, before: Usage): Promise<Figures> {
  const { completed } = await load.ask({ do: 'step' });
  await sleep(Math.min(timing.warmUp, 1) * 1000);
  await server.ask('collect');
  await sleep(100);
  const { rss } = await server.ask('usage');
  await load.ask({ do: 'stop' });
  const value = (rss - before.rss) / scenario.connections / 1024;
  return { ...NOTHING, value, messages: completed, rss, verified: completed };
}

async function measureFairness({ server, load, scenario, timing }: Sides): Promise<Figures> {
  await load.ask({ do: 'start' });
  await sleep(timing.warmUp * 1000);
  await server.ask('start delay');
  const count = scenario.kind === 'fairness' ? scenario.count : 0;
  const { lastDigest } = await load.ask({ do: 'step' });
  await untilReceived(server, count);
  const delay = await server.ask('stop delay');
  const during = await load.ask({ do: 'sample' });
  await proveLast(server, lastDigest);
  const { rss } = await server.ask('usage');
  const { completed } = await load.ask({ do: 'stop' });
  return {
    ...NOTHING,
    // Without the runtime's own figure the worst wait of another connection is the nearest thing to it.
    value: delay.max ?? during.latency?.max ?? Number.NaN,
    messages: count,
    latency: during.latency,
    rss,
    verified: completed + count,
  };
}
