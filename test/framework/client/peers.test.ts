import type { AddressInfo } from 'node:net';
import { type Closure, type ConnectOptions, connect, listen, type Message } from 'framewright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';

interface Peer {
  readonly url: string;
  /** Close codes and reasons that the server was told. */
  readonly told: { code: number; reason: string }[];
  close(): Promise<unknown>;
}

/** An echo server. The message `close 4002 bye` has it close. */
const command = /^close ([0-9]+) ?(.*)$/;

async function ours(): Promise<Peer> {
  const told: Peer['told'] = [];
  const server = await listen(
    'localhost:0',
    (context) =>
      context.upgrade(async (connection) => {
        void connection.closed.then(({ code, reason }) => told.push({ code, reason }));
        for await (const message of connection) {
          const [, code, reason] = typeof message === 'string' ? (command.exec(message) ?? []) : [];
          if (code === undefined) await connection.send(message);
          else await connection.close(Number(code), reason);
        }
      }),
    { subprotocols: ['v1'], perMessageDeflate: true },
  );
  return { url: server.url, told, close: () => server.close({ timeout: 100 }) };
}

async function wsServer(): Promise<Peer> {
  const told: Peer['told'] = [];
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    perMessageDeflate: { threshold: 0 },
    handleProtocols: (offered) => (offered.has('v1') ? 'v1' : false),
  });
  server.on('connection', (socket) => {
    socket.on('error', () => {});
    socket.on('close', (code, reason) => told.push({ code, reason: reason.toString() }));
    socket.on('message', (data, binary) => {
      const [, code, reason] = binary ? [] : (command.exec(data.toString()) ?? []);
      if (code === undefined) socket.send(data, { binary });
      else socket.close(Number(code), reason);
    });
  });
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `ws://127.0.0.1:${port}`,
    told,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

const mebibyte = 1 << 20;

for (const [name, make] of [
  ['our server', ours],
  ['ws', wsServer],
] as const) {
  describe(`connect against ${name}`, () => {
    let peer: Peer;
    beforeAll(async () => {
      peer = await make();
    });
    afterAll(() => peer.close());

    async function echo(messages: readonly Message[], options: ConnectOptions = {}): Promise<Message[]> {
      await using connection = await connect(peer.url, options);
      const sending = (async () => {
        for (const message of messages) await connection.send(message);
      })();
      const echoes: Message[] = [];
      for await (const message of connection) {
        echoes.push(message);
        if (echoes.length === messages.length) break;
      }
      await sending;
      return echoes;
    }

    for (const perMessageDeflate of [false, true]) {
      it(`echoes text, binary, empty and 1 MiB, compression ${perMessageDeflate ? 'on' : 'off'}`, async () => {
        const messages: Message[] = [
          'text: ä€😀',
          Buffer.from([0, 1, 255]),
          '',
          Buffer.alloc(0),
          ...[1, 125, 126, 127, 65_535, 65_536].map((size) => 'x'.repeat(size)),
          Buffer.from(Uint8Array.from({ length: mebibyte }, (_, index) => (index * 7) % 251)),
          'y'.repeat(mebibyte),
        ];
        const echoes = await echo(messages, { perMessageDeflate });
        expect(
          echoes.every((one, index) => Buffer.from(one).equals(Buffer.from(messages[index] ?? ''))),
        ).toBe(true);
        expect(echoes.map((one) => typeof one)).toEqual(messages.map((one) => typeof one));
      });
    }

    it('agrees on compression and on a subprotocol, or on neither', async () => {
      await using both = await connect(peer.url, { subprotocols: ['v9', 'v1'], perMessageDeflate: true });
      expect(both.subprotocol).toBe('v1');
      expect(both.extensions.map((one) => one.name)).toEqual(['permessage-deflate']);
      await using neither = await connect(peer.url);
      expect(neither.subprotocol).toBeUndefined();
      expect(neither.extensions).toEqual([]);
    });

    it('sends a message in fragments, with pings between them', async () => {
      await using connection = await connect(peer.url);
      const trips: Promise<number>[] = [];
      await connection.send(
        (async function* () {
          for (let index = 0; index < 20; index += 1) {
            yield `part ${index};`;
            trips.push(connection.ping(`between ${index}`));
          }
        })(),
      );
      expect(await connection.recv()).toBe(
        Array.from({ length: 20 }, (_, index) => `part ${index};`).join(''),
      );
      for (const trip of trips) expect(await trip).toBeGreaterThanOrEqual(0);
    });

    it('pings', async () => {
      await using connection = await connect(peer.url);
      expect(await connection.ping()).toBeGreaterThan(0);
      expect(await connection.ping(Buffer.alloc(125, 1))).toBeGreaterThan(0);
      expect(connection.latency).toBeGreaterThan(0);
    });

    it('closes with codes and reasons, and the server is told', async () => {
      for (const [code, reason] of [
        [1000, ''],
        [1001, 'gone'],
        [3000, 'registered'],
        [4999, 'ä€😀'],
      ] as const) {
        const connection = await connect(peer.url);
        const closure = await connection.close(code, reason);
        expect(closure).toEqual({ code, reason, clean: true, by: 'us' } satisfies Closure);
        expect(connection.state).toBe('closed');
        const until = Date.now() + 4_000;
        const isTold = (): boolean => peer.told.some((one) => one.code === code && one.reason === reason);
        while (!isTold() && Date.now() < until) await new Promise((go) => setTimeout(go, 5));
        expect(peer.told).toContainEqual({ code, reason });
      }
    });

    it('is told with which code and reason the server closes', async () => {
      for (const [code, reason] of [
        [1000, ''],
        [1011, 'ä€😀'],
        [4002, 'bye'],
      ] as const) {
        const connection = await connect(peer.url);
        await connection.send(`close ${code} ${reason}`);
        expect(await connection.recv()).toBe(null);
        expect(await connection.closed).toEqual({ code, reason, clean: true, by: 'peer' });
        await expect(connection.send('late')).rejects.toMatchObject({ code: 'ERR_WS_CLOSED' });
      }
    });
  });
}
