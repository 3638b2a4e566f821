import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Closure,
  type Connection,
  type ContextHandler,
  listen,
  type Server,
  type ServerConfig,
  upgrade,
} from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { clientFrame, closePayload, headOf, openingLines, serverFrame, Wire } from './wire.ts';

const local = { port: 0, host: '127.0.0.1' };
const servers: Server[] = [];

async function serve(routes: Parameters<typeof listen>[1], config: ServerConfig = {}): Promise<Server> {
  const server = await listen(local, routes, config);
  servers.push(server);
  return server;
}

const echo: ContextHandler = (context) =>
  context.upgrade(async (connection) => {
    for await (const message of connection) await connection.send(message);
  });

async function opened(server: Server, path = '/', ...early: Uint8Array[]): Promise<Wire> {
  const wire = await Wire.open(server.port);
  wire.write(Buffer.concat([Buffer.from(headOf(openingLines(path))), ...early]));
  expect(await wire.status()).toBe(101);
  return wire;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

afterEach(async () => {
  Wire.destroyAll();
  await Promise.all(servers.splice(0).map((server) => server.close({ timeout: 100 })));
});

describe('listen', () => {
  it('tells its port and url', async () => {
    const server = await serve(echo);
    expect(server.port).toBeGreaterThan(0);
    expect(server.url).toBe(`ws://127.0.0.1:${server.port}`);
    const named = await listen('localhost:0', echo);
    servers.push(named);
    expect(named.url).toBe(`ws://localhost:${named.port}`);
  });

  it('rejects when the address is taken', async () => {
    const server = await serve(echo);
    await expect(listen({ ...local, port: server.port }, echo)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('refuses at once what is for another server’s upgrade event', async () => {
    const misplaced: unknown = upgrade(() => {});
    for (const routes of [misplaced, { '/ws': misplaced }]) {
      const started: unknown = Reflect.apply(listen, undefined, [0, routes]);
      await expect(started).rejects.toMatchObject({ code: 'ERR_WS_CONFIG', path: 'routes' });
    }
  });

  it('routes exact paths and params, and refuses the rest', async () => {
    const server = await serve({
      '/ws': echo,
      '/hello/:name': (context) => context.upgrade((c) => c.send(`hello ${context.params['name']}`)),
    });
    const wire = await opened(server, '/hello/Ada%20L');
    await wire.until((w) => w.body.includes('Ada L'), 'the greeting');
    const lost = await Wire.open(server.port);
    lost.write(headOf(openingLines('/nowhere')));
    expect(await lost.status()).toBe(404);
  });

  it('keeps frames that came with the request, while the handler decides, in order', async () => {
    const server = await serve(async (context) => {
      await pause(50);
      return echo(context);
    });
    const wire = await Wire.open(server.port);
    wire.write(
      Buffer.concat([
        Buffer.from(headOf(openingLines())),
        clientFrame(0x81, 'one'),
        clientFrame(0x81, 'two'),
      ]),
    );
    await pause(20);
    wire.write(clientFrame(0x81, 'three'));
    await wire.until((w) => w.body.includes('three'), 'the echoes');
    expect(wire.body).toEqual(Buffer.concat(['one', 'two', 'three'].map((text) => serverFrame(0x81, text))));
  });

  it('T-WINDOW: what floods in during the decision is not read', async () => {
    let decide = (): void => {};
    const decided = new Promise<void>((resolve) => {
      decide = resolve;
    });
    const server = await serve(async (context) => {
      await decided;
      return context.reject(403);
    });
    const wire = await Wire.open(server.port);
    wire.write(headOf(openingLines()));
    const flood = Buffer.alloc(1 << 20);
    let taken = 0;
    for (let index = 0; index < 32; index += 1) {
      if (wire.socket.write(flood)) taken += 1;
    }
    await pause(100);
    // The kernel's buffers are full: most of the 32 MiB still lies on this side.
    expect(wire.socket.writableLength).toBeGreaterThan(16 << 20);
    expect(taken).toBeLessThan(32);
    decide();
    await wire.until((w) => w.received.includes('403') || w.closed, 'the refusal');
  });

  it('answers 500 and reports when a handler throws or answers nothing', async () => {
    const errors: unknown[] = [];
    const onError = (error: unknown): void => void errors.push(error);
    const thrown = new Error('no database');
    const throwing = await serve(() => Promise.reject(thrown), { onError });
    const silent = await serve(JSON.parse('{}'), { onError });
    const wrong = await serve((context) => Reflect.get(context, 'nothing'), { onError });
    for (const [server, status] of [
      [throwing, 500],
      [silent, 404],
      [wrong, 500],
    ] as const) {
      const wire = await Wire.open(server.port);
      wire.write(headOf(openingLines()));
      expect(await wire.status()).toBe(status);
    }
    expect(errors[0]).toBe(thrown);
    expect(errors[1]).toBeInstanceOf(TypeError);
  });

  it('T-PROTO-SEL: a subprotocol that was not offered is the application’s fault: 500', async () => {
    const errors: unknown[] = [];
    const server = await serve(echo, {
      subprotocols: () => 'v9',
      onError: (error) => void errors.push(error),
    });
    const wire = await Wire.open(server.port);
    wire.write(headOf([...openingLines(), 'Sec-WebSocket-Protocol: v1, v2']));
    expect(await wire.status()).toBe(500);
    expect(errors[0]).toBeInstanceOf(TypeError);
  });

  it('chooses a subprotocol, tells it, and adds fields to the 101', async () => {
    let told: string | undefined;
    const server = await serve(
      (context) =>
        context.upgrade((connection) => {
          told = connection.subprotocol;
        }),
      { subprotocols: ['v2', 'v1'], headers: { 'X-Served-By': 'a' } },
    );
    const wire = await Wire.open(server.port);
    wire.write(headOf([...openingLines(), 'Sec-WebSocket-Protocol: v1, v3']));
    expect(await wire.head()).toMatch(/sec-websocket-protocol: v1\r?/i);
    expect(await wire.head()).toMatch(/x-served-by: a/i);
    expect(told).toBe('v1');
  });

  it('T-SLOWLORIS: a head that does not end gets 408 at an absolute deadline', async () => {
    const server = await serve(echo, { handshakeTimeout: 300 });
    const wire = await Wire.open(server.port);
    const dripping = setInterval(() => wire.write('G'), 50);
    wire.write('GET /');
    expect(await wire.status()).toBe(408);
    clearInterval(dripping);
    await wire.until((w) => w.ended, 'the end');
  });

  it('a handler that never decides costs 408', async () => {
    const server = await serve(() => new Promise(() => {}), { handshakeTimeout: 200 });
    const wire = await Wire.open(server.port);
    wire.write(headOf(openingLines()));
    expect(await wire.status()).toBe(408);
  });

  it('T-CAP: over maxConnections 503, and room again when one has gone', async () => {
    const server = await serve(echo, { maxConnections: 1 });
    const first = await opened(server);
    const second = await Wire.open(server.port);
    expect(await second.status()).toBe(503);
    first.destroy();
    while (server.connections.size > 0) await pause(10);
    await opened(server);
  });

  it('has the handler’s return close with 1000 and its throw with 1011, reported once', async () => {
    const errors: unknown[] = [];
    const server = await serve(
      {
        '/returns': (context) => context.upgrade(() => {}),
        '/throws': (context) =>
          context.upgrade(() => {
            throw new Error('handler');
          }),
        '/rejects': (context) => context.upgrade(() => Promise.reject(new Error('handler'))),
      },
      { onError: (error) => void errors.push(error) },
    );
    for (const [path, code] of [
      ['/returns', 1000],
      ['/throws', 1011],
      ['/rejects', 1011],
    ] as const) {
      const wire = await opened(server, path);
      await wire.until((w) => w.body.length >= 4, 'a Close');
      expect(wire.body).toEqual(serverFrame(0x88, closePayload(code)));
    }
    expect(errors).toHaveLength(2);
  });

  it('T-FIN and T-RST: an abnormal end is one closure with 1006', async () => {
    const closures: Closure[] = [];
    const server = await serve((context) =>
      context.upgrade(async (connection) => {
        closures.push(await connection.closed);
      }),
    );
    const fin = await opened(server);
    fin.socket.end();
    const rst = await opened(server);
    rst.socket.resetAndDestroy();
    while (closures.length < 2) await pause(10);
    expect(closures.map(({ code, clean }) => ({ code, clean }))).toEqual([
      { code: 1006, clean: false },
      { code: 1006, clean: false },
    ]);
    expect(server.connections.size).toBe(0);
  });

  it('the connection is of no use after the handler ended', async () => {
    let kept: Connection | undefined;
    const server = await serve((context) =>
      context.upgrade((connection) => {
        kept = connection;
      }),
    );
    const wire = await opened(server);
    await wire.until((w) => w.body.length >= 4, 'a Close');
    await expect(kept?.send('late')).rejects.toMatchObject({ code: 'ERR_WS_CLOSED' });
    expect(() => kept?.write('late')).toThrow(/closed/);
    await expect(kept?.ping()).rejects.toMatchObject({ code: 'ERR_WS_CLOSED' });
  });
});

describe('server.close', () => {
  it('sends 1001 to all, refuses handshakes under way, waits, and ends', async () => {
    const server = await serve(echo);
    const wire = await opened(server);
    const half = await Wire.open(server.port);
    half.write('GET / HTTP/1.1\r\n');
    await pause(30);
    const closed = server.close();
    expect(await half.status()).toBe(503);
    await wire.until((w) => w.body.length >= 4, 'a Close');
    expect(wire.body).toEqual(serverFrame(0x88, closePayload(1001)));
    wire.write(clientFrame(0x88, closePayload(1001)));
    half.socket.end();
    wire.socket.end();
    await closed;
    expect(server.connections.size).toBe(0);
    await expect(Wire.open(server.port || 1)).rejects.toThrow();
  });

  it('drops those that do not answer, after the timeout', async () => {
    const closures: Closure[] = [];
    const server = await serve((context) =>
      context.upgrade(async (connection) => {
        closures.push(await connection.closed);
      }),
    );
    await opened(server);
    await server.close({ code: 1012, reason: 'restart', timeout: 50 });
    expect(server.connections.size).toBe(0);
    await pause(0);
    expect(closures).toMatchObject([{ clean: false, code: 1006 }]);
  });

  it('is the same end however often it is called, also by await using', async () => {
    const server = await serve(echo);
    await Promise.all([server.close(), server.close({ code: 1012 }), server[Symbol.asyncDispose]()]);
  });

  it('refuses a close code that may not be sent', async () => {
    const server = await listen(local, echo);
    await expect(server.close({ code: 1005 })).rejects.toThrow(RangeError);
  });
});

describe('deadlines', () => {
  it('sessionTimeout closes with 4000 "timeout"', async () => {
    const server = await serve(echo, { sessionTimeout: 100 });
    const wire = await opened(server);
    await wire.until((w) => w.body.length > 4, 'a Close');
    expect(wire.body).toEqual(serverFrame(0x88, closePayload(4000, 'timeout')));
  });

  it('pings a silent peer, and takes one that stays silent for dead', async () => {
    const closures: Closure[] = [];
    const server = await serve(
      (context) => context.upgrade(async (connection) => void closures.push(await connection.closed)),
      { pingInterval: 100, pingTimeout: 150 },
    );
    const wire = await opened(server);
    await wire.until((w) => w.body[0] === 0x89, 'a ping');
    await wire.until((w) => w.closed || w.ended, 'the end');
    expect(closures).toMatchObject([{ code: 1006, by: 'us', cause: { which: 'pingTimeout', ms: 150 } }]);
  });

  it('any byte is life', async () => {
    const server = await serve(echo, { pingInterval: 100, pingTimeout: 200 });
    const client = new WebSocket(server.url);
    await new Promise((resolve) => client.once('open', resolve));
    await pause(700);
    expect(client.readyState).toBe(WebSocket.OPEN);
    client.close();
    await new Promise((resolve) => client.once('close', resolve));
  });

  it('closeTimeout drops a peer that never answers', async () => {
    const closures: Closure[] = [];
    const server = await serve((context) =>
      context.upgradeWith({ closeTimeout: 100 }, async (connection) => {
        closures.push(await connection.close(4001, 'bye'));
      }),
    );
    const wire = await opened(server);
    await wire.until((w) => w.closed || w.ended, 'the end');
    expect(closures).toMatchObject([
      { code: 1006, clean: false, by: 'us', cause: { which: 'closeTimeout' } },
    ]);
  });
});

describe('wss', () => {
  it('serves over TLS', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'framewright-tls-'));
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        join(folder, 'key.pem'),
        '-out',
        join(folder, 'cert.pem'),
      ],
      { stdio: 'ignore' },
    );
    const cert = readFileSync(join(folder, 'cert.pem'));
    const server = await listen('localhost:0', echo, {
      tls: { key: readFileSync(join(folder, 'key.pem')), cert },
    });
    servers.push(server);
    rmSync(folder, { recursive: true });
    expect(server.url).toMatch(/^wss:/);
    const client = new WebSocket(server.url, { ca: cert });
    await new Promise((resolve, reject) => client.once('open', resolve).once('error', reject));
    const big = Buffer.alloc(300_000, 7);
    client.send(big);
    const [message] = await new Promise<[Buffer]>((resolve) =>
      client.once('message', (data: Buffer) => resolve([data])),
    );
    expect(big.equals(message)).toBe(true);
    client.close(4000, 'done');
    const code = await new Promise((resolve) => client.once('close', resolve));
    expect(code).toBe(4000);
  });
});
