// What a process holds: descriptors, timers, zlib handles, sockets, connections and bytes.
// Rule: everything is counted after a full garbage collection, so that what is counted is what somebody keeps.
import { readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v8 from 'node:v8';
import { DeflateRaw, InflateRaw } from 'node:zlib';
import { Connection } from 'framewright';

export interface Resources {
  /** Open file descriptors; undefined where /proc does not tell. */
  readonly descriptors: number | undefined;
  /** Timers that keep the process alive. */
  readonly timers: number;
  /** Live objects; undefined on a Node without `v8.queryObjects` (before 20.13). */
  readonly zlibHandles: number | undefined;
  readonly sockets: number | undefined;
  readonly connections: number | undefined;
  /** Bytes of V8's heap and of buffers outside of it. */
  readonly heap: number;
  readonly rss: number;
}

/** The counts that a run compares with its start. */
export const counted = ['descriptors', 'timers', 'zlibHandles', 'sockets', 'connections'] as const;

function live(kind: abstract new (...args: never[]) => unknown): number | undefined {
  const query = Reflect.get(v8, 'queryObjects');
  if (typeof query !== 'function') return undefined;
  return Number(query(kind, { format: 'count' }));
}

function sum(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? undefined : one + other;
}

function descriptors(): number | undefined {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}

/** Collects garbage, several times with pauses: what was closed is released over some turns. */
export async function collect(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.();
    await sleep(10);
  }
}

export async function measureResources(): Promise<Resources> {
  await collect();
  const zlibHandles = sum(live(DeflateRaw), live(InflateRaw));
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    descriptors: descriptors(),
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    zlibHandles,
    sockets: live(Socket),
    connections: live(Connection),
    heap: heapUsed + external,
    rss,
  };
}
