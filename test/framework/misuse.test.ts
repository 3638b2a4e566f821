import { type Connection, listen, prepare, type Server, type SessionHandler } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { clientFrame, closePayload, headOf, openingLines, serverFrame, Wire } from './wire.ts';

let server: Server | undefined;

/** Runs a handler on a connection to a raw client; what the handler throws fails the test. */
async function session(
  act: (connection: Connection) => void | Promise<void>,
): Promise<{ wire: Wire; done: Promise<void> }> {
  const { promise, finish } = settled();
  const handler: SessionHandler = async (connection) => {
    try {
      await act(connection);
      finish();
    } catch (error) {
      finish(error);
    }
  };
  server = await listen({ port: 0, host: '127.0.0.1' }, (context) => context.upgrade(handler));
  const wire = await Wire.open(server.port);
  wire.write(headOf(openingLines()));
  await wire.status();
  return { wire, done: promise };
}

function settled(): { promise: Promise<void>; finish: (error?: unknown) => void } {
  let finish: (error?: unknown) => void = () => {};
  const promise = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  return { promise, finish };
}

afterEach(async () => {
  Wire.destroyAll();
  await server?.close({ timeout: 50 });
});

describe('API misuse', () => {
  it('refuses close codes and reasons that may not be sent, and sends nothing', async () => {
    const { wire, done } = await session(async (connection) => {
      for (const code of [999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, Number.NaN]) {
        await expect(connection.close(code)).rejects.toBeInstanceOf(RangeError);
      }
      await expect(connection.close(1000, 'x'.repeat(124))).rejects.toBeInstanceOf(RangeError);
      await expect(connection.close(1000, 'é'.repeat(62))).rejects.toBeInstanceOf(RangeError);
      await expect(connection.close(1000, '\ud800')).rejects.toBeInstanceOf(TypeError);
      expect(connection.state).toBe('open');
      void connection.close(3000, 'x'.repeat(123));
    });
    await done;
    await wire.until((w) => w.body.length >= 127, 'the Close');
    expect(wire.body).toEqual(serverFrame(0x88, closePayload(3000, 'x'.repeat(123))));
  });

  it('refuses pings over 125 bytes and messages that are none', async () => {
    const { wire, done } = await session(async (connection) => {
      await expect(connection.ping('x'.repeat(126))).rejects.toBeInstanceOf(RangeError);
      await expect(connection.ping(JSON.parse('5'))).rejects.toBeInstanceOf(TypeError);
      for (const wrong of ['5', 'null', '{}', '[1]', 'true']) {
        await expect(connection.send(JSON.parse(wrong))).rejects.toBeInstanceOf(TypeError);
        expect(() => connection.write(JSON.parse(wrong))).toThrow(TypeError);
      }
      await connection.send('end');
    });
    await done;
    await wire.until((w) => w.body.length >= 5, 'the message');
    expect(wire.body.subarray(0, 5)).toEqual(serverFrame(0x81, 'end'));
  });

  it('takes every kind of bytes, and no detached or faked ones', async () => {
    const { wire, done } = await session(async (connection) => {
      const shared = new SharedArrayBuffer(2);
      new Uint8Array(shared).set([5, 6]);
      await connection.send(Uint8Array.of(1, 2).buffer);
      await connection.send(new DataView(Uint8Array.of(0, 3, 4, 0).buffer, 1, 2));
      await connection.send(shared);
      await connection.send(Uint16Array.of(0x0707));
      const faked = Uint8Array.of(8, 8);
      Object.defineProperty(faked, 'length', { value: 1_000_000 });
      await connection.send(faked);
      const detached = new Uint8Array(4);
      structuredClone(detached.buffer, { transfer: [detached.buffer] });
      await expect(connection.send(detached)).rejects.toBeInstanceOf(TypeError);
      await connection.send(new Uint8Array(0));
    });
    await done;
    await wire.until((w) => w.body.length >= 22, 'the messages');
    const frames = [[1, 2], [3, 4], [5, 6], [7, 7], [8, 8], []];
    expect(wire.body.subarray(0, 22)).toEqual(
      Buffer.concat(frames.map((bytes) => serverFrame(0x82, Uint8Array.from(bytes)))),
    );
  });

  it('closing twice and using it afterwards is told plainly', async () => {
    const { wire, done } = await session(async (connection) => {
      const first = connection.close(4000, 'a');
      const second = connection.close(4001, 'b');
      await expect(connection.send('late')).rejects.toMatchObject({
        code: 'ERR_WS_CLOSED',
        closure: { code: 4000 },
      });
      expect(await first).toEqual(await second);
      expect(await first).toEqual({ code: 4000, reason: 'a', clean: true, by: 'us' });
      expect(connection.signal.aborted).toBe(true);
      expect(await connection.recv()).toBeNull();
      expect(connection.tryRecv()).toBeNull();
      connection.terminate();
      expect(connection.state).toBe('closed');
    });
    await wire.until((w) => w.body.length >= 5, 'the Close');
    wire.write(clientFrame(0x88, closePayload(4000)));
    wire.socket.end();
    await done;
  });

  it('is spent after split, while its halves work', async () => {
    const { wire, done } = await session(async (connection) => {
      const [reader, writer] = connection.split();
      expect(() => connection.split()).toThrow(/split/);
      expect(() => connection.tryRecv()).toThrow(/split/);
      await expect(connection.recv()).rejects.toMatchObject({ code: 'ERR_WS_STATE' });
      await expect(connection.send('x')).rejects.toMatchObject({ code: 'ERR_WS_STATE' });
      await Promise.all([
        (async () => {
          for await (const message of reader) await writer.send(`got ${message}`);
        })(),
        writer.send(prepare('from the other task')),
      ]);
      expect((await connection.closed).code).toBe(1000);
    });
    wire.write(Buffer.concat([clientFrame(0x81, 'a'), clientFrame(0x81, 'b')]));
    await wire.until((w) => w.body.includes('got b'), 'the answers');
    wire.write(clientFrame(0x88, closePayload(1000)));
    await wire.until((w) => w.ended, 'FIN');
    wire.socket.end();
    await done;
    expect(wire.body.toString()).toContain('got b');
  });

  it('10^6 sends without awaiting all arrive, in order, and bufferedAmount ends at 0', async () => {
    const count = 1_000_000;
    const { wire, done } = await session(async (connection) => {
      for (let index = 0; index < count; index += 1) void connection.send('0123456789');
      expect(connection.bufferedAmount).toBeGreaterThan(0);
      await connection.flush();
      while (connection.bufferedAmount > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    });
    const frame = serverFrame(0x81, '0123456789');
    let bytes = 0;
    let wrong = 0;
    const check = (chunk: Buffer): void => {
      for (const byte of chunk) {
        if (byte !== frame[bytes % frame.length] && bytes < count * frame.length) wrong += 1;
        bytes += 1;
      }
    };
    // What came with the response head counts too; from here on nothing is kept.
    wire.socket.removeAllListeners('data');
    check(wire.body);
    wire.socket.on('data', check);
    await done;
    while (bytes < count * frame.length) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(wrong).toBe(0);
  }, 90_000);

  it('terminate() in the middle of a chunk: no more messages', async () => {
    const seen: unknown[] = [];
    const { wire, done } = await session(async (connection) => {
      seen.push(await connection.recv());
      connection.terminate();
      seen.push(await connection.recv(), connection.tryRecv());
      expect(await connection.closed).toMatchObject({ code: 1006, by: 'us', clean: false });
    });
    wire.write(
      Buffer.concat([clientFrame(0x81, 'one'), clientFrame(0x81, 'two'), clientFrame(0x81, 'three')]),
    );
    await done;
    expect(seen).toEqual(['one', null, null]);
  });

  it('recv gives up on an aborted signal and loses nothing', async () => {
    const { wire, done } = await session(async (connection) => {
      await expect(connection.recv({ signal: AbortSignal.abort(new Error('early')) })).rejects.toThrow(
        'early',
      );
      const controller = new AbortController();
      const waiting = connection.recv({ signal: controller.signal });
      controller.abort(new Error('late'));
      await expect(waiting).rejects.toThrow('late');
      await connection.send('ready');
      expect(await connection.recv({ signal: new AbortController().signal })).toBe('kept');
    });
    await wire.until((w) => w.body.includes('ready'), 'ready');
    wire.write(clientFrame(0x81, 'kept'));
    await done;
  });
});
