import { connect, listen, type Server, type SessionHandler, StateError } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { inboxHighWater } from '../../src/connection/inbox.ts';

const servers: Server[] = [];

async function serve(handler: SessionHandler): Promise<string> {
  const server = await listen({ host: '127.0.0.1', port: 0 }, (context) => context.upgrade(handler));
  servers.push(server);
  return server.url;
}

const echo: SessionHandler = async (connection) => {
  for await (const message of connection) await connection.send(message);
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close({ timeout: 50 })));
});

describe('readable and writable', () => {
  it('carry text and bytes both ways, and a clean end', async () => {
    const connection = await connect(await serve(echo));
    const writer = connection.writable.getWriter();
    const reader = connection.readable.getReader();
    const messages = ['text', Buffer.from([1, 2]), '', Buffer.alloc(100_000, 1)];
    for (const message of messages) {
      await writer.ready;
      void writer.write(message);
    }
    for (const message of messages) expect(await reader.read()).toEqual({ done: false, value: message });
    await writer.close();
    expect(await reader.read()).toEqual({ done: true, value: undefined });
    expect(await connection.closed).toMatchObject({ code: 1000, by: 'us', clean: true });
    await writer.closed;
  });

  it('are pipes: an echo server in one line', async () => {
    const url = await serve((connection) => connection.readable.pipeTo(connection.writable));
    const connection = await connect(url);
    await connection.send('piped');
    expect(await connection.recv()).toBe('piped');
    expect(await connection.close(4001)).toMatchObject({ clean: true, code: 4001 });
  });

  it('are the same stream each time, and gone after split', async () => {
    const connection = await connect(await serve(echo));
    expect(connection.readable).toBe(connection.readable);
    expect(connection.writable).toBe(connection.writable);
    connection.split();
    expect(() => connection.readable).toThrow(StateError);
    expect(() => connection.writable).toThrow(StateError);
  });

  it('a reader that does not read holds the sender back', async () => {
    let sent = 0;
    const chunk = Buffer.alloc(65_536);
    const url = await serve(async (connection) => {
      for (; sent < 2_000; sent += 1) await connection.send(chunk);
    });
    const connection = await connect(url);
    const reader = connection.readable.getReader();
    expect((await reader.read()).value).toHaveLength(chunk.length);
    let before = -1;
    while (before !== sent) {
      before = sent;
      await pause(100);
    }
    // What both kernels, both ends' buffers and one inbox hold, and far from all of it.
    expect(sent).toBeLessThan(1_000);
    expect(sent * chunk.length).toBeGreaterThan(inboxHighWater);
    let received = 1;
    for (;;) {
      const { done } = await reader.read();
      if (done) break;
      received += 1;
    }
    expect(received).toBe(2_000);
  });

  it('a peer that does not read holds the writer back', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const url = await serve(async (connection) => {
      await released;
      for await (const message of connection) if (message === 'last') return;
    });
    const connection = await connect(url);
    const writer = connection.writable.getWriter();
    const chunk = Buffer.alloc(65_536);
    let written = 0;
    const writing = (async () => {
      for (; written < 2_000; written += 1) {
        await writer.ready;
        await writer.write(chunk);
      }
      await writer.write('last');
    })();
    let before = -1;
    while (before !== written) {
      before = written;
      await pause(100);
    }
    expect(written).toBeLessThan(1_000);
    expect(connection.bufferedAmount).toBeLessThan(2 << 20);
    release();
    await writing;
    expect(await connection.closed).toMatchObject({ code: 1000 });
  });

  it('fail with a ClosedError when the connection falls', async () => {
    const connection = await connect(
      await serve(async (peer) => {
        await peer.send('last words');
        peer.terminate();
      }),
    );
    const reader = connection.readable.getReader();
    const writer = connection.writable.getWriter();
    const expected = { code: 'ERR_WS_CLOSED', closure: { code: 1006 } };
    await connection.closed;
    const reading = async (): Promise<void> => {
      while (!(await reader.read()).done);
    };
    await expect(reading()).rejects.toMatchObject(expected);
    await expect(writer.closed).rejects.toMatchObject(expected);
    await expect(writer.write('late')).rejects.toMatchObject(expected);
  });

  it('the writer also fails after a clean end, the reader does not', async () => {
    const connection = await connect(await serve((peer) => void peer.close(4002, 'bye')));
    const writer = connection.writable.getWriter();
    expect(await connection.readable.getReader().read()).toEqual({ done: true, value: undefined });
    await expect(writer.closed).rejects.toMatchObject({ closure: { code: 4002, reason: 'bye' } });
  });

  it('cancelling closes with 1000, aborting with 1011, and what is no message is refused', async () => {
    const cancelled = await connect(await serve(echo));
    await cancelled.readable.cancel();
    expect(await cancelled.closed).toMatchObject({ code: 1000, by: 'us', clean: true });
    const waiting = await connect(await serve(echo));
    const reader = waiting.readable.getReader();
    const read = reader.read();
    await reader.cancel('enough');
    expect(await read).toEqual({ done: true, value: undefined });
    expect(await waiting.closed).toMatchObject({ code: 1000 });
    const aborted = await connect(await serve(echo));
    await aborted.writable.abort(new Error('source broke'));
    expect(await aborted.closed).toMatchObject({ code: 1011, by: 'us' });
    const odd = await connect(await serve(echo));
    await expect(odd.writable.getWriter().write(JSON.parse('7'))).rejects.toBeInstanceOf(TypeError);
    odd.terminate();
  });
});
