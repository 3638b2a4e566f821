import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/connection/connection.ts';
import { Environment } from '../../src/connection/environment.ts';
import { runtime } from '../../src/framework/runtime.ts';
import { createTransportPair } from '../../src/transport/memory.ts';
import {
  client,
  closing,
  frame,
  nobody,
  noFacts,
  opcode,
  open,
  server,
  settings,
  turn,
  Wire,
} from './wire.ts';

describe('connection', () => {
  it('tells what the opening handshake settled', () => {
    const extensions = [{ name: 'permessage-deflate', parameters: [] }] as const;
    const request = { path: '/x' };
    const connection = new Connection(new Wire(), new Environment(runtime, server, settings, nobody), {
      subprotocol: 'v1',
      extensions,
      request,
    });
    expect(connection.subprotocol).toBe('v1');
    expect(connection.extensions).toBe(extensions);
    expect(connection.request).toBe(request);
    expect(connection.state).toBe('open');
    expect(connection.latency).toBeUndefined();
    expect(connection.bufferedAmount).toBe(0);
    expect(connection.signal.aborted).toBe(false);
  });

  it('loses nothing that came before anybody asked', async () => {
    const { connection, wire } = open();
    wire.feed(frame(opcode.text, 'early'), frame(opcode.close, closing(1000)));
    wire.peer.ended();
    wire.peer.closed();
    await turn();
    expect(await connection.recv()).toBe('early');
    expect(await connection.recv()).toBeNull();
    expect(await connection.closed).toMatchObject({ code: 1000, clean: true });
  });

  it('closes when it is disposed of, split or not', async () => {
    for (const split of [false, true]) {
      const { connection, wire, closures } = open();
      if (split) connection.split();
      const disposed = connection[Symbol.asyncDispose]();
      expect(wire.sent[0]?.payload).toEqual(closing(1000));
      wire.feed(frame(opcode.close, closing(1000)));
      wire.peer.closed();
      await disposed;
      expect(closures).toHaveLength(1);
    }
  });

  it('speaks with its like, in both roles', async () => {
    const [near, far] = createTransportPair();
    const us = new Connection(near, new Environment(runtime, client, settings, nobody), noFacts);
    const them = new Connection(far, new Environment(runtime, server, settings, nobody), noFacts);
    for (const one of [us, them]) Connection.lifeOf(one).start();
    const echo = (async () => {
      for await (const message of them) await them.send(message);
    })();
    const large = Buffer.alloc(300_000, 'large ');
    for (const message of ['text', 'größer', Buffer.from([1, 2, 3]), large, '']) {
      await us.send(message);
      const answer = await us.recv();
      expect(typeof answer).toBe(typeof message);
      expect(Buffer.from(answer ?? 'nothing').equals(Buffer.from(message))).toBe(true);
    }
    expect(await us.ping()).toBeGreaterThanOrEqual(0);
    expect(await us.close(4_000, 'done')).toEqual({ code: 4_000, reason: 'done', clean: true, by: 'us' });
    await echo;
    expect(await them.closed).toEqual({ code: 4_000, reason: 'done', clean: true, by: 'peer' });
    expect(us.bufferedAmount).toBe(0);
  });

  it('carries ten thousand messages both ways without losing one', async () => {
    const [near, far] = createTransportPair();
    const us = new Connection(near, new Environment(runtime, client, settings, nobody), noFacts);
    const them = new Connection(far, new Environment(runtime, server, settings, nobody), noFacts);
    for (const one of [us, them]) Connection.lifeOf(one).start();
    const count = 10_000;
    const echo = (async () => {
      for await (const message of them) await them.send(message);
    })();
    const sending = (async () => {
      for (let index = 0; index < count; index += 1) await us.send(`${index}`.padStart(index % 200));
    })();
    for (let index = 0; index < count; index += 1) {
      const message = await us.recv();
      if (message !== `${index}`.padStart(index % 200))
        throw new Error(`message ${index} is ${String(message)}`);
    }
    await sending;
    await us.close();
    await echo;
  });
});
