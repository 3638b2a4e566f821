/**
 * Errors that cut the engine off in the middle of a message, since the caller's stack is full: on real connections,
 * whose peer must never be given a wrong byte, whatever is sent afterwards.
 */
import type { AddressInfo } from 'node:net';
import { type Connection, connect, listen } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { actNearTheEnd } from './full-stack.ts';
import { records } from './reference.ts';

const host = '127.0.0.1';
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

interface Pair {
  readonly connection: Connection;
  readonly peer: WebSocket;
  /** What the peer got. */
  readonly received: string[];
  /** What the peer took for faults of ours. */
  readonly faults: Error[];
}

/** Opens connections of one kind, each with ws at its other end. */
type Open = () => Promise<{ connection: Connection; peer: WebSocket }>;

const config = { perMessageDeflate: true, writeBufferSize: 20_000 };

const asServer = async (): Promise<Open> => {
  let opened: (connection: Connection) => void = () => {};
  const handler = async (connection: Connection): Promise<void> => {
    opened(connection);
    await connection.closed;
  };
  const server = await listen({ port: 0, host }, (context) => context.upgrade(handler), config);
  closers.push(() => void server.close({ timeout: 0 }));
  return async () => {
    const peer = new WebSocket(`ws://${host}:${server.port}`, { perMessageDeflate: true });
    const connection = await new Promise<Connection>((resolve) => {
      opened = resolve;
    });
    await until(() => peer.readyState === WebSocket.OPEN);
    return { connection, peer };
  };
};

const asClient = async (): Promise<Open> => {
  const server = new WebSocketServer({ port: 0, host, perMessageDeflate: true });
  closers.push(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return async () => {
    const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
    const connection = await connect(`ws://${host}:${port}`, config);
    return { connection, peer: await accepted };
  };
};

const watched = async (open: Open): Promise<Pair> => {
  const { connection, peer } = await open();
  const received: string[] = [];
  const faults: Error[] = [];
  peer.on('message', (data) => received.push(String(data)));
  peer.on('error', (error) => {
    // That the connection broke is no fault.
    if (!('code' in error && error.code === 'ECONNRESET')) faults.push(error);
  });
  closers.push(() => peer.terminate());
  return { connection, peer, received, faults };
};

const until = async (condition: () => boolean): Promise<void> => {
  const deadline = performance.now() + 20_000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error('what was waited for did not come');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

/** A message that has much in common with those before it. */
const messageOf = (index: number, size: number): string =>
  `${index} ${records(size, index % 7).toString('latin1')}`;

/** Which message of that size it is; or what it is instead. */
const indexOf = (text: string, size: number): number | string => {
  const index = Number.parseInt(text, 10);
  return index >= 0 && text === messageOf(index, size) ? index : text;
};

describe.each([
  ['a server', asServer],
  ['a client', asClient],
])('a message of %s that is cut off as it is sent', (_, role) => {
  it.each([100, 1200, 9000, 30_000])('shows in none of those behind it (%i bytes)', async (size) => {
    const open = await role();
    let pair = await watched(open);
    const sure = new Set<number>();
    let first = 0;
    let index = 0;
    let cut = 0;
    /** Whether the peer has got, once and in order, all messages whose sending was not cut off. */
    const settle = async (): Promise<void> => {
      const { received, faults, peer } = pair;
      const broken = (): boolean => peer.readyState !== WebSocket.OPEN;
      await until(() => received.at(-1) === messageOf(index - 1, size) || broken());
      expect(faults).toEqual([]);
      const got = received.splice(0).map((text) => indexOf(text, size));
      const all = Array.from({ length: index - first }, (__, step) => first + step);
      expect(got).toEqual(all.filter((each) => got.includes(each) || (sure.has(each) && !broken())));
      first = index;
      if (broken()) pair = await watched(open);
    };
    const send = (act: (send: () => void) => unknown): void => {
      const text = messageOf(index, size);
      const thrown = act(() => void pair.connection.send(text));
      if (thrown === undefined) sure.add(index);
      else cut += 1;
      index += 1;
    };
    // First where there is room, since compiling takes a lot of it.
    for (let calls = 1; calls < 60; calls += 1) {
      for (let bytes = 0; bytes < 128; bytes += 32) {
        send((act) => actNearTheEnd(calls === 1 ? 2000 : calls, bytes, act));
        send((act) => act());
      }
      await settle();
    }
    expect(cut).toBeGreaterThan(0);
    expect(sure.size).toBeGreaterThan(index / 2);
  });
});

describe.each([
  ['a server', 4000, asServer],
  ['a client', 20_000, asClient],
])('bytes of which %s is cut off as it decompresses them', (_, size, role) => {
  it('are followed by no wrong message, but by the end', async () => {
    const open = await role();
    const count = 24;
    const outcomes = { all: 0, cut: 0 };
    for (let calls = 1; calls < 64; calls += 1) {
      for (let bytes = 0; bytes < 128; bytes += 64) {
        const { connection, peer } = await watched(open);
        const closed = new Promise((resolve) => peer.once('close', resolve));
        for (let index = 0; index < count; index += 1) peer.send(messageOf(index, size));
        // More of them than are decoded before somebody asks.
        await until(() => peer.bufferedAmount === 0);
        await new Promise((resolve) => setTimeout(resolve, 1));
        const got: (string | number)[] = [];
        const take = (message: unknown): void => {
          if (typeof message === 'string') got.push(indexOf(message, size));
        };
        const near: unknown[] = Array.from({ length: count });
        let taken = 0;
        actNearTheEnd(calls === 1 ? 2000 : calls, bytes, () => {
          for (; taken < 16; taken += 1) near[taken] = connection.tryRecv();
        });
        for (const message of near) take(message);
        while (got.length < count) {
          const message = await connection.recv();
          if (message === null) break;
          take(message);
        }
        expect(got).toEqual(Array.from(got, (__, index) => index));
        if (got.length === count) {
          outcomes.all += 1;
        } else {
          outcomes.cut += 1;
          expect(await closed).toBe(1011);
        }
        connection.terminate();
      }
    }
    expect(Math.min(outcomes.all, outcomes.cut)).toBeGreaterThan(0);
  });
});
