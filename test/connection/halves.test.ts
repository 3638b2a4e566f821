/** Receiving, pinging, closing, and everything an application can do wrong. */
import { describe, expect, it } from 'vitest';
import { ClosedError, StateError } from '../../src/connection/errors.ts';
import type { Message } from '../../src/connection/types.ts';
import { closing, frame, opcode, open, standing, turn } from './wire.ts';

const { text, binary, close, ping, pong } = opcode;

describe('receiving', () => {
  it('gives what is queued, then what comes, then null', async () => {
    const { connection, wire } = open();
    wire.feed(frame(text, 'one'), frame(binary, Buffer.from([1])));
    expect(await connection.recv()).toBe('one');
    const bytes = await connection.recv();
    expect(Buffer.isBuffer(bytes)).toBe(true);
    expect(bytes).toEqual(Buffer.from([1]));
    expect(connection.tryRecv()).toBeUndefined();
    const waiting = [connection.recv(), connection.recv(), connection.recv()];
    wire.feed(frame(text, 'two'), frame(ping), frame(text, 'three'));
    wire.peer.ended();
    expect(await Promise.all(waiting)).toEqual(['two', 'three', null]);
    expect(connection.tryRecv()).toBeNull();
    expect(await connection.recv()).toBeNull();
  });

  it('gives up when a signal says so, and loses nothing', async () => {
    const { connection, wire } = open();
    const controller = new AbortController();
    const first = connection.recv({ signal: controller.signal });
    const second = connection.recv();
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await standing(first)).toBe(reason);
    expect(await standing(connection.recv({ signal: controller.signal }))).toBe(reason);
    wire.feed(frame(text, 'kept'), frame(text, 'next'));
    expect(await second).toBe('kept');
    expect(await standing(connection.recv({ signal: controller.signal }))).toBe(reason);
    expect(await connection.recv({})).toBe('next');
  });

  it('with a signal gives what is there, what comes, and the end', async () => {
    const { connection, wire } = open();
    const { signal } = new AbortController();
    wire.feed(frame(text, 'there'));
    expect(await connection.recv({ signal })).toBe('there');
    const coming = connection.recv({ signal });
    const end = connection.recv({ signal });
    wire.feed(frame(text, 'coming'), frame(close));
    expect(await coming).toBe('coming');
    expect(await end).toBeNull();
    expect(await connection.recv({ signal })).toBeNull();
  });

  it('is not touched by an abort that comes too late', async () => {
    const { connection, wire } = open();
    const controller = new AbortController();
    const message = connection.recv({ signal: controller.signal });
    wire.feed(frame(text, 'x'));
    controller.abort();
    expect(await message).toBe('x');
  });

  it('iterates to the end', async () => {
    const { connection, wire } = open();
    wire.feed(frame(text, 'one'));
    const seen: Message[] = [];
    const loop = (async () => {
      for await (const message of connection) seen.push(message);
    })();
    await turn();
    wire.feed(frame(text, 'two'));
    await turn();
    wire.feed(frame(text, 'three'), frame(close));
    await loop;
    expect(seen).toEqual(['one', 'two', 'three']);
  });

  it('goes on after a loop that was left', async () => {
    const { connection, wire } = open();
    wire.feed(frame(text, 'one'), frame(text, 'two'), frame(text, 'three'));
    for await (const message of connection) {
      expect(message).toBe('one');
      break;
    }
    expect(connection.state).toBe('open');
    expect(await connection.recv()).toBe('two');
    for await (const message of connection) {
      expect(message).toBe('three');
      break;
    }
    const waiting = connection[Symbol.asyncIterator]().next();
    wire.peer.closed();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });

  it('may be asked again before the last answer has come', async () => {
    const { connection, wire } = open();
    const messages = connection[Symbol.asyncIterator]();
    const asked = [messages.next(), messages.next(), messages.next()];
    wire.feed(frame(text, 'one'), frame(text, 'two'));
    wire.peer.closed();
    expect(await Promise.all(asked)).toEqual([
      { done: false, value: 'one' },
      { done: false, value: 'two' },
      { done: true, value: undefined },
    ]);
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });
});

describe('ping', () => {
  it('resolves with the round trip', async () => {
    const { connection, wire, time } = open();
    expect(connection.latency).toBeUndefined();
    const trip = connection.ping('hello');
    await turn();
    expect(wire.sent).toMatchObject([{ opcode: ping, payload: Buffer.from('hello') }]);
    time.now += 12;
    wire.feed(frame(pong, 'hello'));
    expect(await trip).toBe(12);
    expect(connection.latency).toBe(12);
  });

  it('takes bytes, and its own counter', async () => {
    const { connection, wire } = open();
    const trips = [
      connection.ping(),
      connection.ping(),
      connection.ping(Buffer.alloc(125, 1)),
      connection.ping(''),
    ];
    await turn();
    const payloads = wire.sent.map(({ payload }) => payload);
    expect(payloads.map(({ length }) => length)).toEqual([4, 4, 125, 0]);
    expect(payloads[0]).not.toEqual(payloads[1]);
    for (const payload of payloads) wire.feed(frame(pong, payload));
    expect(await Promise.all(trips)).toEqual([0, 0, 0, 0]);
  });

  it('does not follow later changes of its payload', async () => {
    const { connection, wire } = open();
    const bytes = Buffer.from('mine');
    const trip = connection.ping(bytes);
    bytes.fill('x');
    await turn();
    expect(wire.sent[0]?.payload.toString()).toBe('mine');
    wire.feed(frame(pong, 'mine'));
    expect(await trip).toBe(0);
  });

  it('is answered by a Pong for a later one', async () => {
    const { connection, wire } = open();
    const trips = [connection.ping('1'), connection.ping('2'), connection.ping('3')] as const;
    wire.feed(frame(pong, '2'));
    expect(await standing(Promise.all([trips[0], trips[1]]))).toBe('resolved');
    expect(await standing(trips[2])).toBe('pending');
  });

  it('rejects when the connection ends first, unheard or not', async () => {
    const { connection, wire } = open();
    const trip = connection.ping();
    void connection.ping();
    wire.peer.closed();
    expect(await standing(trip)).toBeInstanceOf(ClosedError);
    expect(await standing(connection.ping())).toBeInstanceOf(ClosedError);
  });
});

describe('misuse', () => {
  it.each([999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_536, -1, 1000.5, Number.NaN])(
    'close(%d) is a RangeError, and nothing is sent',
    async (code) => {
      const { connection, wire } = open();
      expect(await standing(connection.close(code))).toBeInstanceOf(RangeError);
      await turn();
      expect(wire.writes).toHaveLength(0);
      expect(connection.state).toBe('open');
    },
  );

  it('a reason of 124 bytes, or with a lone surrogate, sends nothing', async () => {
    const { connection, wire } = open();
    expect(await standing(connection.close(1000, 'x'.repeat(124)))).toBeInstanceOf(RangeError);
    expect(await standing(connection.close(1000, '€'.repeat(42)))).toBeInstanceOf(RangeError);
    expect(await standing(connection.close(1000, 'a\ud800'))).toBeInstanceOf(TypeError);
    const wrong: unknown = 5;
    expect(await standing(Reflect.apply(connection.close, connection, [1000, wrong]))).toBeInstanceOf(
      TypeError,
    );
    expect(wire.writes).toHaveLength(0);
    expect(connection.state).toBe('open');
    void connection.close(1000, '€'.repeat(41));
    expect(wire.sent[0]?.payload).toEqual(closing(1000, '€'.repeat(41)));
    expect(await standing(connection.close(999))).toBeInstanceOf(RangeError);
  });

  it('close without a code, or with a reason alone, says 1000', () => {
    const reasons = [undefined, '', 'why'] as const;
    for (const reason of reasons) {
      const { connection, wire } = open();
      void connection.close(undefined, reason);
      expect(wire.sent[0]?.payload).toEqual(closing(1000, reason));
    }
    const { connection, wire } = open();
    void connection.close();
    expect(wire.sent[0]?.payload).toEqual(closing(1000));
  });

  it('a ping of 126 bytes sends nothing', async () => {
    const { connection, wire } = open();
    expect(await standing(connection.ping('x'.repeat(126)))).toBeInstanceOf(RangeError);
    expect(await standing(connection.ping('€'.repeat(42)))).toBeInstanceOf(RangeError);
    expect(await standing(connection.ping(new Uint8Array(126)))).toBeInstanceOf(RangeError);
    expect(await standing(Reflect.apply(connection.ping, connection, [5]))).toBeInstanceOf(TypeError);
    await turn();
    expect(wire.writes).toHaveLength(0);
  });

  it('a message that is none sends nothing', async () => {
    const { connection, wire } = open();
    const detached = new Uint8Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    const values: unknown[] = [
      undefined,
      null,
      5,
      {},
      ['a'],
      () => 'x',
      detached,
      detached.buffer,
      new Blob(['x']),
    ];
    for (const value of values) {
      expect(await standing(Reflect.apply(connection.send, connection, [value]))).toBeInstanceOf(TypeError);
      expect(() => Reflect.apply(connection.write, connection, [value])).toThrow(TypeError);
    }
    await turn();
    expect(wire.writes).toHaveLength(0);
    expect(connection.state).toBe('open');
  });

  it('bytes are what the engine says they are, not what an object claims', async () => {
    const { connection, wire } = open();
    const secret = Buffer.from(new ArrayBuffer(40_000)).fill('s');
    for (const size of [4, 20_000]) {
      const bytes = new Uint8Array(secret.buffer, 0, size);
      for (const name of ['byteLength', 'length']) Object.defineProperty(bytes, name, { value: 40_000 });
      void connection.send(bytes);
      const view = new DataView(secret.buffer, 0, size);
      Object.defineProperty(view, 'byteLength', { value: 40_000 });
      void connection.send(view);
    }
    await turn();
    expect(wire.sent.map(({ payload }) => payload.length)).toEqual([4, 4, 20_000, 20_000]);
  });

  it('shared and resizable memory is copied before send returns', async () => {
    const { connection, wire } = open();
    const shared = new Uint8Array(new SharedArrayBuffer(20_000)).fill(1);
    const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [20_000, { maxByteLength: 40_000 }]);
    const resizable = new Uint8Array(buffer).fill(2);
    void connection.send(shared);
    void connection.send(shared.buffer);
    void connection.send(resizable);
    shared.fill(9);
    Reflect.apply(Reflect.get(buffer, 'resize'), buffer, [0]);
    await turn();
    expect(wire.sent.map(({ payload }) => payload.every((byte) => byte === (payload[0] ?? 0)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(wire.sent.map(({ payload }) => [payload.length, payload[0]])).toEqual([
      [20_000, 1],
      [20_000, 1],
      [20_000, 2],
    ]);
  });

  it('send, ping and close after the end are told the closure', async () => {
    const { connection, wire, closures } = open();
    wire.feed(frame(close, closing(1001)));
    wire.peer.closed();
    for (const late of [connection.send('x'), connection.ping(), connection.flush()]) {
      expect(await standing(late)).toMatchObject({ code: 'ERR_WS_CLOSED', closure: closures[0] });
    }
    expect(() => connection.write('x')).toThrow(ClosedError);
    expect(await connection.close(1000)).toBe(closures[0]);
    connection.terminate();
    expect(closures).toHaveLength(1);
  });

  it('send in a message handler, in a close handler', async () => {
    const { connection, wire } = open();
    const told = connection.closed.then(() => standing(connection.send('from the close handler')));
    const handler = (async () => {
      for await (const message of connection) await connection.send(message);
      return standing(connection.send('from behind the loop'));
    })();
    wire.feed(frame(text, 'echo'));
    await turn();
    expect(wire.sent[0]?.payload.toString()).toBe('echo');
    wire.feed(frame(close));
    wire.peer.closed();
    expect(await handler).toBeInstanceOf(ClosedError);
    expect(await told).toBeInstanceOf(ClosedError);
  });

  it('nothing that a peer causes is an unhandled rejection', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const endless = async function* (): AsyncGenerator<string> {
      yield 'x';
      await new Promise(() => {});
    };
    const { connection, wire } = open({ settings: { writeBufferSize: 4, maxWriteBufferSize: 50 } });
    wire.congested = true;
    void connection.send('x'.repeat(45));
    void connection.send('behind'.repeat(9));
    void connection.send(endless());
    void connection.ping();
    void connection.flush();
    wire.feed(frame(close));
    wire.peer.closed(new Error('reset'));
    void connection.send('late');
    void connection.send(endless());
    void connection.ping();
    void connection.flush();
    await turn();
    await turn();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});

describe('split', () => {
  it('gives two halves of one state', async () => {
    const { connection, wire, closures } = open();
    const [reader, writer] = connection.split();
    const echo = (async () => {
      for await (const message of reader) await writer.send(message);
    })();
    wire.feed(frame(text, 'x'));
    await turn();
    expect(wire.sent[0]?.payload.toString()).toBe('x');
    expect(writer.write('y')).toBe(3);
    expect(writer.bufferedAmount).toBe(3);
    await writer.flush();
    expect(reader.tryRecv()).toBeUndefined();
    const trip = writer.ping('p');
    wire.feed(frame(pong, 'p'));
    expect(await trip).toBe(0);
    const closed = writer.close(4_000);
    wire.feed(frame(close));
    wire.peer.closed();
    await echo;
    expect(await reader.recv()).toBeNull();
    for (const one of [closed, reader.closed, writer.closed, connection.closed])
      expect(await one).toBe(closures[0]);
    expect(wire.sent.filter((sent) => sent.opcode === close)).toHaveLength(1);
  });

  it('leaves the whole handle spent, but telling', async () => {
    const { connection, closures } = open();
    const [, writer] = connection.split();
    for (const use of [
      () => connection.recv(),
      () => connection.send('x'),
      () => connection.flush(),
      () => connection.ping(),
      () => connection.close(),
    ]) {
      expect(await standing(use())).toBeInstanceOf(StateError);
    }
    for (const use of [
      () => connection.tryRecv(),
      () => connection.write('x'),
      () => connection.terminate(),
      () => connection.split(),
      () => connection[Symbol.asyncIterator](),
    ]) {
      expect(use).toThrow(StateError);
    }
    expect(connection.state).toBe('open');
    expect(connection.bufferedAmount).toBe(0);
    expect(connection.latency).toBeUndefined();
    writer.terminate();
    expect(connection.state).toBe('closed');
    expect(connection.signal.aborted).toBe(true);
    expect(await connection.closed).toBe(closures[0]);
  });
});
