import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type SessionHandler,
  StateError,
  upgrade,
  upgrade_with,
  upgradeWith,
  WebSocketContext,
  type WebSocketResponse,
} from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketServer, WebSocket as WsClient } from 'ws';
import { clientFrame, closePayload, headOf, openingLines, serverFrame, Wire } from './wire.ts';

const servers: HttpServer[] = [];

async function serve(prepare: (server: HttpServer) => void): Promise<number> {
  const server = createServer((_request, response) => response.end('page'));
  prepare(server);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const echo: SessionHandler = async (connection) => {
  for await (const message of connection) await connection.send(message);
};
const say =
  (text: string): SessionHandler =>
  (connection) =>
    connection.send(text);

async function request(port: number, path: string): Promise<Wire> {
  const wire = await Wire.open(port);
  wire.write(headOf(openingLines(path)));
  return wire;
}

afterEach(async () => {
  Wire.destroyAll();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
});

describe('upgrade on node:http', () => {
  it('accepts on every path with one handler, beside ordinary requests', async () => {
    const port = await serve((server) => server.on('upgrade', upgrade(echo)));
    const wire = await request(port, '/any/where');
    expect(await wire.status()).toBe(101);
    wire.write(clientFrame(0x81, 'hi'));
    await wire.until((w) => w.body.length >= 4, 'the echo');
    expect(wire.body).toEqual(serverFrame(0x81, 'hi'));
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('page');
  });

  it('keeps a frame that came in the packet of the request', async () => {
    const port = await serve((server) => server.on('upgrade', upgrade(echo)));
    const wire = await Wire.open(port);
    wire.write(Buffer.concat([Buffer.from(headOf(openingLines())), clientFrame(0x81, 'early')]));
    await wire.until((w) => w.received.includes('early'), 'the echo');
  });

  it('upgradeWith and its alias take a configuration', async () => {
    for (const make of [upgradeWith, upgrade_with]) {
      const port = await serve((server) =>
        server.on('upgrade', make({ maxMessageSize: 4, maxFrameSize: 4 }, echo)),
      );
      const wire = await request(port, '/');
      expect(await wire.status()).toBe(101);
      wire.write(clientFrame(0x81, 'hello'));
      await wire.until((w) => w.body.length >= 4, 'a Close');
      expect(wire.body.readUInt16BE(2)).toBe(1009);
    }
  });

  it('several listeners share a server, each its own paths', async () => {
    const port = await serve((server) => {
      server.on('upgrade', upgrade({ '/a': (context) => context.upgrade(say('from a')) }));
      server.on(
        'upgrade',
        upgrade({ '/b/:x': (context) => context.upgrade(say(`from b ${context.params['x']}`)) }),
      );
    });
    for (const [path, text] of [
      ['/a', 'from a'],
      ['/b/1', 'from b 1'],
    ] as const) {
      const wire = await request(port, path);
      await wire.until((w) => w.body.includes(text), text);
    }
    const lost = await request(port, '/c');
    expect(await lost.status()).toBe(404);
    await lost.until((w) => w.ended, 'the end');
  });

  it('leaves foreign paths to another engine on the same server', async () => {
    const foreign = new WebSocketServer({ noServer: true });
    const port = await serve((server) => {
      server.on('upgrade', upgrade({ '/ours': (context) => context.upgrade(say('ours')) }));
      server.on('upgrade', (incoming, socket, head) => {
        if (incoming.url !== '/theirs') return;
        foreign.handleUpgrade(incoming, socket, head, (client) => client.close(4000));
      });
    });
    const theirs = new WsClient(`ws://127.0.0.1:${port}/theirs`);
    expect(await new Promise((resolve) => theirs.once('close', resolve))).toBe(4000);
    const ours = await request(port, '/ours');
    await ours.until((w) => w.body.includes('ours'), 'our greeting');
  });

  it('of two listeners for every path the first one answers, once', async () => {
    const port = await serve((server) => {
      server.on('upgrade', upgrade(say('first')));
      server.on('upgrade', upgrade(say('second')));
    });
    const wire = await request(port, '/');
    await wire.until((w) => w.body.includes('first') && w.body.length >= 11, 'the greeting');
    expect(wire.received.toString('latin1').match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(wire.received.includes('second')).toBe(false);
  });

  it('survives a reset at once, with nobody listening for errors', async () => {
    const port = await serve((server) => server.on('upgrade', upgrade(echo)));
    for (let round = 0; round < 20; round += 1) {
      const wire = await request(port, '/');
      wire.socket.resetAndDestroy();
    }
    const wire = await request(port, '/');
    expect(await wire.status()).toBe(101);
  });

  it('refuses what is no handler', () => {
    expect(() => upgrade(JSON.parse('5'))).toThrow(/routes/);
    expect(() => upgrade(JSON.parse('null'))).toThrow(/handler/);
  });
});

describe('WebSocketContext', () => {
  const withContext = (act: (context: WebSocketContext) => void | Promise<void>): Promise<number> =>
    serve((server) =>
      server.on('upgrade', (incoming, socket, head) => {
        void act(WebSocketContext.from(incoming, socket, head));
      }),
    );

  it('shows the request', async () => {
    const facts: unknown[] = [];
    const port = await withContext(async (context) => {
      const { method, url, path, query, headers, origin, subprotocols, extensions } = context.request;
      facts.push(method, url, path, query.get('q'), headers.get('x-a'), origin, subprotocols, extensions);
      await context.respond(context.reject());
    });
    const wire = await Wire.open(port);
    wire.write(
      headOf([
        ...openingLines('/p%20q?q=1'),
        'X-A: 1',
        'X-A: 2',
        'Sec-WebSocket-Protocol: a, b',
        'Sec-WebSocket-Extensions: x; y=1',
      ]),
    );
    expect(await wire.status()).toBe(403);
    expect(facts).toEqual([
      'GET',
      'ws://localhost/p%20q?q=1',
      '/p%20q',
      '1',
      '1, 2',
      undefined,
      ['a', 'b'],
      [{ name: 'x', parameters: [['y', '1']] }],
    ]);
  });

  it('makes answers as values and carries one of them out', async () => {
    const answers: WebSocketResponse[] = [];
    const port = await withContext(async (context) => {
      answers.push(
        context.upgrade(echo),
        context.upgradeWith({ headers: { 'X-B': 'c' } }, echo),
        context.upgrade_with({}, echo),
        context.reject(401, 'who are you?', { 'WWW-Authenticate': 'Basic' }),
      );
      await context.respond(context.reject(401, 'who are you?', { 'WWW-Authenticate': 'Basic' }));
      await expect(context.respond(context.upgrade(echo))).rejects.toBeInstanceOf(StateError);
      expect(() => context.reject(101)).toThrow(RangeError);
      expect(() => context.upgrade(JSON.parse('1'))).toThrow(TypeError);
    });
    const wire = await request(port, '/');
    expect(await wire.status()).toBe(401);
    await wire.until((w) => w.ended, 'the end');
    expect(await wire.head()).toMatch(/www-authenticate: basic/i);
    expect(wire.body.toString()).toBe('who are you?');
    expect(answers.map(({ status }) => status)).toEqual([101, 101, 101, 401]);
  });

  it('throws a HandshakeError with the status, and a StateError for a socket upgraded twice', async () => {
    const thrown: unknown[] = [];
    const port = await serve((server) =>
      server.on('upgrade', (incoming, socket, head) => {
        for (let time = 0; time < 2; time += 1) {
          try {
            WebSocketContext.from(incoming, socket, head);
          } catch (error) {
            thrown.push(error);
          }
        }
        socket.destroy();
      }),
    );
    const good = await request(port, '/');
    await good.until((w) => w.closed || w.ended, 'the end');
    expect(thrown).toMatchObject([{ code: 'ERR_WS_STATE' }]);
    const bad = await Wire.open(port);
    bad.write(
      headOf(
        openingLines().map((line) => line.replace(/^Sec-WebSocket-Version: 13/, 'Sec-WebSocket-Version: 8')),
      ),
    );
    await bad.until((w) => w.closed || w.ended, 'the end');
    expect(thrown[1]).toMatchObject({ code: 'ERR_WS_HANDSHAKE', status: 426 });
    expect(Reflect.get(Object(thrown[1]), 'headers').get('sec-websocket-version')).toBe('13');
  });

  it('works over any server that can give method, url and rawHeaders', async () => {
    const port = await serve((server) =>
      server.on('upgrade', ({ method, url, rawHeaders }, socket) => {
        const context = WebSocketContext.from({ method, url, rawHeaders }, socket);
        void context.respond(context.upgrade((connection) => connection.send(context.request.path)));
      }),
    );
    const wire = await request(port, '/mine');
    await wire.until((w) => w.body.includes('/mine'), 'the path');
  });

  it.each([
    ['an ordinary head', []],
    ['one that is judged field by field', ['Sec-WebSocket-Whatever', 'x']],
    ['one with a line feed in it', ['X-Odd', 'a\nb']],
  ])('keeps to what the request said when it was judged: %s', async (_, more) => {
    const port = await serve((server) =>
      server.on('upgrade', ({ method, url, rawHeaders }, socket) => {
        const fields = [...rawHeaders, ...more, 'X-Note', 'first'];
        const context = WebSocketContext.from({ method, url, rawHeaders: fields }, socket);
        fields.splice(0, fields.length, 'X-Note', 'second');
        void context.respond(
          context.upgrade((connection) =>
            connection.send(connection.request.headers.get('x-note') ?? 'none'),
          ),
        );
      }),
    );
    const wire = await request(port, '/');
    await wire.until((w) => w.body.length >= 7, 'the note');
    expect(wire.body.toString()).toContain('first');
  });

  it('answers the closing handshake with the code and without the reason', async () => {
    const port = await serve((server) => server.on('upgrade', upgrade(echo)));
    const wire = await request(port, '/');
    await wire.status();
    wire.write(clientFrame(0x88, closePayload(4321, 'bye')));
    await wire.until((w) => w.ended, 'FIN');
    expect(wire.body).toEqual(serverFrame(0x88, closePayload(4321)));
  });
});
