import { listen, prepare, type Server } from 'framewright';
import { WebSocket as UndiciWebSocket } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';

/** The two clients through the one interface that both have: the browser's. */
const clients = {
  ws: (url: string, protocols: string[]) => new WsWebSocket(url, protocols),
  undici: (url: string, protocols: string[]) => new UndiciWebSocket(url, protocols),
} as const;

interface Talk {
  send(data: string | Uint8Array<ArrayBuffer>): void;
  next(): Promise<string | Buffer>;
  close(code?: number, reason?: string): void;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly protocol: string;
}

async function talk(name: keyof typeof clients, url: string): Promise<Talk> {
  const socket = clients[name](url, ['v2', 'v1']);
  socket.binaryType = 'arraybuffer';
  const queue: (string | Buffer)[] = [];
  const waiting: ((message: string | Buffer) => void)[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => resolve({ code, reason });
  });
  socket.onmessage = ({ data }: { data: unknown }) => {
    const message = typeof data === 'string' ? data : Buffer.from(data as ArrayBuffer);
    const taker = waiting.shift();
    if (taker === undefined) queue.push(message);
    else taker(message);
  };
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error('the client could not connect'));
  });
  return {
    send: (data) => socket.send(data),
    next: () => {
      const message = queue.shift();
      return message !== undefined
        ? Promise.resolve(message)
        : new Promise((resolve) => waiting.push(resolve));
    },
    close: (code, reason) => socket.close(code, reason),
    closed,
    protocol: socket.protocol,
  };
}

for (const perMessageDeflate of [false, true]) {
  describe(`peers that nobody here wrote, compression ${perMessageDeflate ? 'on' : 'off'}`, () => {
    let server: Server;
    beforeAll(async () => {
      server = await listen(
        { port: 0, host: '127.0.0.1' },
        {
          '/echo': (context) =>
            context.upgrade(async (connection) => {
              for await (const message of connection) await connection.send(message);
            }),
          '/close': (context) => context.upgrade((connection) => void connection.close(4100, 'goodbye')),
          '/stream': (context) =>
            context.upgrade(async (connection) => {
              await connection.send(
                (async function* () {
                  yield 'frag';
                  yield 'men';
                  yield 'ted';
                })(),
              );
              await connection.send(prepare('prepared'));
              expect(await connection.ping()).toBeGreaterThanOrEqual(0);
              await connection.send('ponged');
              await connection.recv();
            }),
        },
        { perMessageDeflate, subprotocols: ['v1'], maxMessageSize: 4 << 20, maxFrameSize: 4 << 20 },
      );
    });
    afterAll(() => server.close({ timeout: 100 }));

    for (const name of ['ws', 'undici'] as const) {
      it(`${name}: text, binary, empty, 1 MiB, many, subprotocol, close`, async () => {
        const client = await talk(name, `${server.url}/echo`);
        expect(client.protocol).toBe('v1');
        const texts = ['hello', '', 'żółw € 🐢', 'x'.repeat(1 << 20), '🐢'.repeat(70_000)];
        for (const text of texts) client.send(text);
        for (const text of texts) expect((await client.next()) === text).toBe(true);
        const blobs = [0, 1, 125, 126, 65_535, 65_536, 1 << 20].map((size) =>
          Uint8Array.from({ length: size }, (_, i) => i * 7),
        );
        for (const blob of blobs) client.send(blob);
        for (const blob of blobs)
          expect(Buffer.from(blob).equals(Buffer.from(await client.next()))).toBe(true);
        for (let index = 0; index < 2_000; index += 1) client.send(`message ${index}`);
        for (let index = 0; index < 2_000; index += 1) expect(await client.next()).toBe(`message ${index}`);
        client.close(3456, 'done');
        expect(await client.closed).toMatchObject({ code: 3456 });
      });

      it(`${name}: our close, a streamed message, a ping`, async () => {
        const closed = await talk(name, `${server.url}/close`);
        expect(await closed.closed).toEqual({ code: 4100, reason: 'goodbye' });
        const client = await talk(name, `${server.url}/stream`);
        expect([await client.next(), await client.next(), await client.next()]).toEqual([
          'fragmented',
          'prepared',
          'ponged',
        ]);
        client.close(1000);
        await client.closed;
      });
    }
  });
}
