import { createServer, type Server as HttpServer } from 'node:http';
import { connect as connectSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import {
  type Closure,
  type Connection,
  type ContextHandler,
  HandshakeError,
  listen,
  type Server,
  type ServerConfig,
  type UpgradeListener,
  upgrade,
} from 'framewright';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { selfSigned } from './client/certificate.ts';
import { clientFrame, headOf, openingLines, Wire } from './wire.ts';

const head = headOf(openingLines());
const read = async (connection: Connection): Promise<void> => {
  for await (const _ of connection);
};

let servers: (Server | HttpServer)[] = [];
let escaped: unknown[] = [];
const noteEscape = (error: unknown): void => {
  escaped.push(error);
};

beforeEach(() => {
  escaped = [];
  process.on('unhandledRejection', noteEscape);
  process.on('uncaughtException', noteEscape);
});

afterEach(async () => {
  Wire.destroyAll();
  for (const server of servers) {
    if ('url' in server) await server.close({ timeout: 100 });
    else server.close();
  }
  servers = [];
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', noteEscape);
  process.off('uncaughtException', noteEscape);
  expect(escaped).toEqual([]);
});

async function serve(handler: ContextHandler, config: ServerConfig = {}): Promise<Server> {
  const server = await listen({ port: 0, host: '127.0.0.1' }, handler, config);
  servers.push(server);
  return server;
}

async function attach(listener: UpgradeListener): Promise<[HttpServer, number]> {
  const server = createServer((_request, response) => {
    setTimeout(() => response.end('late'), 100);
  });
  server.on('upgrade', listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return [server, typeof address === 'object' && address !== null ? address.port : 0];
}

describe('what a handler may throw', () => {
  const thrown: [string, () => unknown][] = [
    ['an object without a prototype', () => Object.create(null)],
    ['what a peer sent as JSON', () => JSON.parse('{"toString":1,"valueOf":1}')],
    ['a symbol', () => Symbol('thrown')],
    ['undefined', () => undefined],
  ];
  for (const [name, make] of thrown) {
    it(`${name} closes with 1011 and is reported as it is`, async () => {
      const reported: unknown[] = [];
      const value = make();
      const server = await serve(
        (context) =>
          context.upgrade(() => {
            throw value;
          }),
        { onError: (error) => reported.push(error) },
      );
      const wire = await Wire.open(server.port);
      wire.write(head);
      await wire.until(() => wire.received.includes(Buffer.from([0x88, 2, 0x03, 0xf3])), 'Close 1011');
      expect(reported).toEqual([value]);
    });
  }

  it('an onError that rejects is a warning, no unhandled rejection', async () => {
    const server = await serve(
      () => {
        throw new Error('from the handler');
      },
      {
        onError: async () => {
          throw new Error('from the listener');
        },
      },
    );
    const wire = await Wire.open(server.port);
    wire.write(head);
    expect(await wire.status()).toBe(500);
  });

  for (const status of [0, 101, 302, 502]) {
    it(`a HandshakeError with ${status} of a server behind is a 500, and nothing of it is passed on`, async () => {
      const reported: unknown[] = [];
      const error = new HandshakeError('refused', {
        status,
        headers: new Map([
          ['transfer-encoding', 'chunked'],
          ['set-cookie', 'secret=1'],
        ]),
        body: 'secret',
      });
      const server = await serve(() => Promise.reject(error), { onError: (one) => reported.push(one) });
      const wire = await Wire.open(server.port);
      wire.write(head);
      expect(await wire.status()).toBe(500);
      await wire.until(() => wire.ended, 'the end');
      expect(wire.received.toString('latin1')).not.toContain('secret');
      expect(reported).toEqual([error]);
    });
  }
});

describe('policies that answer with a promise', () => {
  const fail = (): Promise<never> => Promise.reject(new Error('asynchronous'));
  for (const field of ['origins', 'subprotocols']) {
    it(`${field}: 500, reported, and no unhandled rejection`, async () => {
      const reported: unknown[] = [];
      const onError = (error: unknown): void => {
        reported.push(error);
      };
      const server = await serve((context) => context.upgrade(read), { onError, [field]: fail });
      const wire = await Wire.open(server.port);
      wire.write(headOf([...openingLines(), 'Origin: http://localhost']));
      expect(await wire.status()).toBe(500);
      expect(reported).toEqual([expect.any(TypeError)]);
    });
  }
});

describe('closing a server', () => {
  it('is not spoilt by a close code that may not be sent', async () => {
    const server = await serve((context) => context.upgrade(read));
    await expect(server.close({ code: 1006 })).rejects.toThrow(RangeError);
    const wire = await Wire.open(server.port);
    wire.write(head);
    expect(await wire.status()).toBe(101);
    wire.destroy();
    await server.close();
    await expect(Wire.open(server.port)).rejects.toThrow();
  });

  it('waits without end when told to', async () => {
    const server = await serve((context) => context.upgrade(read), { closeTimeout: 0 });
    const wire = await Wire.open(server.port);
    wire.write(head);
    await wire.head();
    let over = false;
    const closed = server.close({ timeout: Infinity }).then(() => {
      over = true;
    });
    await wire.until(() => wire.body.length >= 4, 'our Close');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(over).toBe(false);
    wire.write(clientFrame(0x88, Buffer.from([0x03, 0xe9])));
    await wire.until(() => wire.ended, 'the end');
    wire.socket.end();
    await closed;
  });

  it('reaches sockets in every stage, with no deadline of their own', async () => {
    const server = await serve(
      (context) => (context.request.path === '/never' ? new Promise(() => {}) : context.upgrade(read)),
      { handshakeTimeout: 0, closeTimeout: 0 },
    );
    const [silent, begun, undecided, open] = [
      await Wire.open(server.port),
      await Wire.open(server.port),
      await Wire.open(server.port),
      await Wire.open(server.port),
    ];
    begun.write('GET /');
    undecided.write(headOf(openingLines('/never')));
    open.write(head);
    await open.head();
    await server.close({ timeout: 100 });
    for (const wire of [silent, begun, undecided]) expect(await wire.status()).toBe(503);
    await open.until(() => open.ended || open.closed, 'the end');
  });
});

describe('a TLS server', () => {
  it('closes below handshakes that never end, and counts them', async () => {
    const tls = selfSigned('DNS:localhost');
    const server = await serve((context) => context.upgrade(read), {
      tls,
      handshakeTimeout: 0,
      maxConnections: 2,
    });
    const [silent, begun] = [await Wire.open(server.port), await Wire.open(server.port)];
    begun.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
    const refused = await Wire.open(server.port);
    await refused.until(() => refused.closed || refused.ended, 'the end of one too many');
    silent.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const client = connectTls({
      port: server.port,
      host: '127.0.0.1',
      ca: tls.cert,
      servername: 'localhost',
    });
    const answer = await new Promise<string>((resolve, reject) => {
      client.once('error', reject);
      client.once('data', (chunk) => resolve(chunk.toString('latin1')));
      client.write(head);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 101 /);
    client.on('error', () => {});
    const closed = server.close({ timeout: 100 });
    await begun.until(() => begun.closed || begun.ended, 'the end of the half-open one');
    await closed;
  });
});

describe('a handler that never reads', () => {
  it('is told that its peer is gone, though what the peer sent is not taken', async () => {
    const closure = new Promise<Closure>((resolve) => {
      const handler: ContextHandler = (context) =>
        context.upgrade(async (connection) => resolve(await connection.closed));
      void serve(handler, { pingInterval: 100, pingTimeout: 100 }).then(async (server) => {
        const wire = await Wire.open(server.port);
        wire.write(head);
        await wire.head();
        for (let index = 0; index < 40; index += 1) wire.write(clientFrame(0x82, Buffer.alloc(10_000)));
        // Silent and alive for longer than a ping and its timeout take: that is no reason to give it up.
        await new Promise((next) => setTimeout(next, 500));
        expect(server.connections.size).toBe(1);
        wire.socket.resetAndDestroy();
      });
    });
    expect(await closure).toMatchObject({ code: 1006, by: 'transport' });
  });
});

describe('a handler that decides late', () => {
  it('does not open a connection whose peer was told 408 already', async () => {
    let ran = false;
    const late = new Promise<void>((resolve) => {
      void serve(
        async (context) => {
          await new Promise((next) => setTimeout(next, 300));
          const response = context.upgrade(() => {
            ran = true;
          });
          await context.respond(response);
          resolve();
          return response;
        },
        { handshakeTimeout: 100 },
      ).then(async (server) => {
        const wire = await Wire.open(server.port);
        wire.write(head);
        expect(await wire.status()).toBe(408);
      });
    });
    await late;
    expect(ran).toBe(false);
  });

  it('has what the head left of the handshake’s time, not as much again', async () => {
    const server = await serve(() => new Promise(() => {}), { handshakeTimeout: 1_000 });
    const wire = await Wire.open(server.port);
    const from = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 800));
    wire.write(head);
    expect(await wire.status()).toBe(408);
    expect(Date.now() - from).toBeLessThan(1_700);
  });

  it('sees the end of a peer that ended meanwhile', async () => {
    const closure = new Promise<Closure>((resolve) => {
      const listener = upgrade({
        '/ws': async (context) => {
          await new Promise((next) => setTimeout(next, 100));
          return context.upgrade(async (connection) => resolve(await connection.closed));
        },
      });
      void attach(listener).then(async ([, port]) => {
        const wire = await Wire.open(port);
        wire.write(head);
        wire.socket.end();
      });
    });
    expect(await closure).toMatchObject({ code: 1006, by: 'transport' });
  });
});

describe('beside node:http', () => {
  it('drops an upgrade that is pipelined behind a request without an answer yet', async () => {
    const [, port] = await attach(upgrade(read));
    const wire = await Wire.open(port);
    wire.write(`GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n${head}`);
    await wire.until(() => wire.closed || wire.ended, 'the end');
    expect(wire.received.toString('latin1')).toBe('');
  });

  it('takes an upgrade on a connection that was kept alive', async () => {
    const [, port] = await attach(
      upgrade(async (connection) => {
        for await (const message of connection) await connection.send(message);
      }),
    );
    const wire = await Wire.open(port);
    wire.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await wire.until(() => wire.received.includes('late'), 'the first answer');
    wire.received = Buffer.alloc(0);
    wire.write(head);
    expect(await wire.status()).toBe(101);
    wire.write(clientFrame(0x81, 'hi'));
    await wire.until(() => wire.body.includes('hi'), 'the echo');
  });

  it('a second upgrade in the same segment is no HTTP any more', async () => {
    const [, port] = await attach(upgrade(read));
    const wire = await Wire.open(port);
    wire.write(head + head);
    await wire.until(() => wire.ended, 'the end');
    expect(wire.body.subarray(0, 1)).toEqual(Buffer.from([0x88]));
    expect(wire.body.readUInt16BE(2)).toBe(1002);
  });

  it('adds one error listener per socket, however many listeners share the server', async () => {
    const [server, port] = await attach(upgrade({ '/0': (context) => context.upgrade(read) }));
    server.setMaxListeners(20);
    for (let index = 1; index < 12; index += 1) {
      server.on('upgrade', upgrade({ [`/${index}`]: (context) => context.upgrade(read) }));
    }
    const listeners = new Promise<number>((resolve) => {
      server.on('upgrade', (_request, socket) => resolve(socket.listenerCount('error')));
    });
    const wire = await Wire.open(port);
    wire.write(headOf(openingLines('/11')));
    expect(await wire.status()).toBe(101);
    expect(await listeners).toBeLessThan(4);
  });
});

describe('a loopback server', () => {
  it('keeps foreign hosts out also where a route has a configuration of its own', async () => {
    const reported: unknown[] = [];
    const server = await serve(
      (context) =>
        context.upgradeWith({ pingInterval: 1_000 }, () => {
          throw new Error('told to the server');
        }),
      { onError: (error) => reported.push(error) },
    );
    const foreign = await Wire.open(server.port);
    foreign.write(headOf(openingLines('/ws', 'attacker.example')));
    expect(await foreign.status()).toBe(403);
    const own = await Wire.open(server.port);
    own.write(headOf(openingLines('/ws', `127.0.0.1:${server.port}`)));
    expect(await own.status()).toBe(101);
    await own.until(() => own.body.length >= 4, 'our Close');
    expect(reported).toHaveLength(1);
  });

  it('a path that is no port: a socket of the file system', async () => {
    const path = `/tmp/framewright-${process.pid}.sock`;
    const server = await listen({ path }, (context) => context.upgrade(read));
    servers.push(server);
    const received = await new Promise<string>((resolve) => {
      const socket = connectSocket(path, () => socket.write(head));
      socket.once('data', (chunk) => {
        resolve(chunk.toString('latin1'));
        socket.destroy();
      });
    });
    expect(received).toMatch(/^HTTP\/1\.1 101 /);
  });
});
