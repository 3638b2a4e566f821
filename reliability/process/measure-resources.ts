// Measures what this process holds.
// Rule: everything is counted after a full garbage collection, so that what is counted is what somebody keeps.
import { readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v8 from 'node:v8';
import { DeflateRaw, InflateRaw } from 'node:zlib';
import { Connection } from 'framewright';
import type { Resources } from './resources.ts';

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
    buffers: external,
    rss,
  };
}
