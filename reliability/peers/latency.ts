// What an honest client feels while others attack: the time of an echo, and of a new connection.
// Rule: one message in the air per client, and a pause after it, so that the clients are no load themselves.
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, connect } from 'framewright';
import { Histogram } from '../../bench/statistics.ts';

export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Latency {
  readonly echo: Times;
  readonly connect: Times;
  /** What went wrong for honest clients. */
  readonly failures: readonly string[];
}

let running: AbortController | undefined;
let work: Promise<unknown> = Promise.resolve();
let echoes = new Histogram();
let connects = new Histogram();
const failures: string[] = [];

const timesOf = (histogram: Histogram): Times => ({
  count: histogram.counts.reduce((sum, count) => sum + count, 0),
  p50: histogram.percentile(0.5) ?? 0,
  p99: histogram.percentile(0.99) ?? 0,
  max: histogram.max,
});

/** Milliseconds for echoes of 125 bytes and for new connections since the last start. */
export const latency = (): Latency => ({ echo: timesOf(echoes), connect: timesOf(connects), failures });

async function echo(connection: Connection): Promise<void> {
  const message = 'x'.repeat(125);
  const begun = performance.now();
  await connection.send(message);
  const answer = await connection.recv();
  if (answer !== message)
    throw new Error(`an echo came back as ${answer === null ? 'the end' : 'something else'}`);
  echoes.add(performance.now() - begun);
}

async function chat(url: string, signal: AbortSignal): Promise<void> {
  const connection = await connect(url);
  while (!signal.aborted) {
    await echo(connection);
    await sleep(20);
  }
  await connection.close();
}

/** Connects anew every time. */
async function call(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const begun = performance.now();
    const connection = await connect(url);
    connects.add(performance.now() - begun);
    await connection.close();
    await sleep(20);
  }
}

/** Begins: `clients` that talk, and a few that connect again and again. */
export function measureLatency(port: number, clients: number, callers: number): void {
  const controller = new AbortController();
  running = controller;
  echoes = new Histogram();
  connects = new Histogram();
  failures.length = 0;
  const url = `ws://127.0.0.1:${port}/echo`;
  const guarded = (task: Promise<void>): Promise<void> =>
    task.catch((error) => {
      if (failures.length < 10) failures.push(error instanceof Error ? error.message : String(error));
    });
  work = Promise.all([
    ...Array.from({ length: clients }, () => guarded(chat(url, controller.signal))),
    ...Array.from({ length: callers }, () => guarded(call(url, controller.signal))),
  ]);
}

export async function stopLatency(): Promise<Latency> {
  running?.abort();
  await work;
  return latency();
}
