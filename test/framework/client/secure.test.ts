import { createServer, type IncomingMessage } from 'node:http';
import { connect as connectNet, createServer as createNetServer, type Server as NetServer } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { type ConnectOptions, connect, HandshakeError, listen, type Server } from 'framewright';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { selfSigned } from './certificate.ts';
import { Hostile } from './hostile.ts';

/** The example is plain JavaScript. */
const { through }: { through(proxy: string): NonNullable<ConnectOptions['createConnection']> } = await import(
  new URL('../../../examples/client/proxy.js', import.meta.url).href
);
const { key, cert } = selfSigned('DNS:localhost,IP:127.0.0.1');
const foreign = selfSigned('DNS:other.example');
const portOf = (server: NetServer): number => {
  const bound = server.address();
  return bound !== null && typeof bound === 'object' ? bound.port : 0;
};
const undo: (() => unknown)[] = [];

async function serve(tls?: { key: Buffer; cert: Buffer }): Promise<Server> {
  const server = await listen(
    'localhost:0',
    (context) =>
      context.upgrade(async (connection) => {
        for await (const message of connection) await connection.send(message);
      }),
    tls === undefined ? {} : { tls },
  );
  undo.push(() => server.close({ timeout: 100 }));
  return server;
}

async function echoes(url: string, options: Parameters<typeof connect>[1]): Promise<void> {
  const connection = await connect(url, options);
  const big = Buffer.alloc(200_000, 3);
  await connection.send(big);
  expect(big.equals(Buffer.from((await connection.recv()) ?? ''))).toBe(true);
  expect(await connection.close(4001)).toMatchObject({ code: 4001, clean: true });
}

afterEach(async () => {
  await Promise.all(undo.splice(0).map((step) => step()));
});

describe('T-TLS', () => {
  it('speaks with a server that it can verify, by name and by address', async () => {
    const server = await serve({ key, cert });
    await echoes(server.url, { tls: { ca: cert } });
    await echoes(`wss://127.0.0.1:${server.port}`, { tls: { ca: cert } });
  });

  it('refuses one that nobody vouches for, also when the environment would not', async () => {
    const server = await serve({ key, cert });
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    undo.push(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
    const opening = connect(server.url);
    await expect(opening).rejects.toBeInstanceOf(HandshakeError);
    await expect(opening).rejects.toMatchObject({
      status: 0,
      cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
    });
    expect(server.connections.size).toBe(0);
    await echoes(server.url, { tls: { rejectUnauthorized: false } });
  });

  it('refuses a certificate for another name', async () => {
    const server = await serve(foreign);
    await expect(connect(server.url, { tls: { ca: foreign.cert } })).rejects.toMatchObject({
      cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
    });
    await echoes(server.url, { tls: { ca: foreign.cert, servername: 'other.example' } });
  });

  it('sends the name (SNI)', async () => {
    const names: string[] = [];
    const server = createTlsServer({
      key,
      cert,
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    undo.push(() => server.close());
    server.on('secureConnection', (socket) => socket.destroy());
    const port = portOf(server);
    await expect(connect(`wss://localhost:${port}`, { tls: { ca: cert } })).rejects.toBeInstanceOf(
      HandshakeError,
    );
    expect(names).toEqual(['localhost']);
  });

  it('never falls back to plain text', async () => {
    const plain = await Hostile.listen(() => {});
    undo.push(() => plain.close());
    const opening = connect(`wss://127.0.0.1:${plain.port}`, { handshakeTimeout: 300 });
    await expect(opening).rejects.toThrow();
    expect(plain.requests).toEqual([]);
    expect(await plain.deserted()).toBe(true);
  });

  it('T-REDIR: never leads from TLS to plain text, with nothing sent there', async () => {
    const plain = await Hostile.listen(() => {});
    undo.push(() => plain.close());
    for (const scheme of ['ws', 'http']) {
      const server = createTlsServer({ key, cert }, (socket) => {
        const location = `${scheme}://127.0.0.1:${plain.port}/`;
        socket.once('data', () =>
          socket.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`),
        );
      });
      await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
      undo.push(() => server.close());
      const opening = connect(`wss://localhost:${portOf(server)}`, { tls: { ca: cert }, followRedirects: 5 });
      await expect(opening).rejects.toMatchObject({
        status: 302,
        message: expect.stringMatching(/plain text/),
      });
    }
    expect(plain.requests).toEqual([]);
    expect(plain.sockets.size).toBe(0);
  });

  it('a TLS handshake that stalls ends at the deadline', async () => {
    const silent = createNetServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const sockets = new Set<Duplex>();
    silent.on('connection', (socket) => {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => sockets.delete(socket))
        .resume();
    });
    undo.push(() => silent.close());
    const port = portOf(silent);
    await expect(connect(`wss://127.0.0.1:${port}`, { handshakeTimeout: 100 })).rejects.toMatchObject({
      which: 'handshakeTimeout',
    });
    while (sockets.size > 0) await new Promise((go) => setTimeout(go, 5));
  });

  it('puts TLS on a socket of the caller’s own, unless it has it', async () => {
    const server = await serve({ key, cert });
    await echoes(server.url, {
      tls: { ca: cert },
      createConnection: ({ port }) => connectNet(port, 'localhost'),
    });
    await echoes(server.url, {
      createConnection: ({ port, host }) => connectTls({ port, host, ca: cert, servername: host }),
    });
    await echoes(server.url, {
      createConnection: ({ port, host }) =>
        new Promise((resolve) => {
          const socket = connectTls({ port, host, ca: cert, servername: host }, () => resolve(socket));
        }),
    });
    const unverified = connect(server.url, {
      createConnection: ({ port, host }) => connectTls({ port, host, servername: host }),
    });
    await expect(unverified).rejects.toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
    await expect(
      connect(server.url, { createConnection: ({ port }) => connectNet(port, 'localhost') }),
    ).rejects.toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
  });
});

describe('T-CLI-PROXY', () => {
  async function proxy(answer?: (socket: Duplex) => void): Promise<{ url: string; seen: IncomingMessage[] }> {
    const seen: IncomingMessage[] = [];
    const server = createServer();
    const sockets = new Set<Duplex>();
    server.on('connect', (request, socket) => {
      seen.push(request);
      sockets.add(socket);
      socket.on('error', () => {});
      if (answer !== undefined) {
        answer(socket);
        return;
      }
      const [host, port] = (request.url ?? '').split(':');
      const onward = connectNet(Number(port), host, () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        socket.pipe(onward).pipe(socket);
      });
      onward.on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    undo.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const port = portOf(server);
    return { url: `http://user:p%40ss@127.0.0.1:${port}`, seen };
  }

  it('reaches ws: and wss: through the tunnel, and the credentials stay with the proxy', async () => {
    const { url, seen } = await proxy();
    const plain = await Hostile.listen((socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'));
    undo.push(() => plain.close());
    const createConnection = through(url);
    await echoes((await serve()).url, { createConnection });
    await echoes((await serve({ key, cert })).url, { createConnection, tls: { ca: cert } });
    await expect(connect(plain.url, { createConnection })).rejects.toMatchObject({ status: 403 });
    expect(plain.requests[0]?.text).not.toMatch(/proxy|authorization/i);
    const login = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(seen.map(({ headers }) => headers['proxy-authorization'])).toEqual([login, login, login]);
  });

  it('a proxy that refuses, floods or is silent opens nothing', async () => {
    const target = 'ws://127.0.0.1:9/';
    const refusing = await proxy((socket) => socket.end('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n'));
    await expect(connect(target, { createConnection: through(refusing.url) })).rejects.toMatchObject({
      status: 0,
      cause: { message: 'the proxy answered 407' },
    });
    const flooding = await proxy((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(60_000)}`);
    });
    await expect(connect(target, { createConnection: through(flooding.url) })).rejects.toMatchObject({
      cause: { code: 'HPE_HEADER_OVERFLOW' },
    });
    const silent = await proxy(() => {});
    await expect(
      connect(target, { createConnection: through(silent.url), handshakeTimeout: 100 }),
    ).rejects.toMatchObject({ which: 'handshakeTimeout' });
  });
});

describe('any Duplex', () => {
  it('is gone with the TLS on it when the handshake fails', async () => {
    const server = await listen('localhost:0', (context) => context.reject(403), { tls: { key, cert } });
    undo.push(() => server.close({ timeout: 100 }));
    const carriers: Duplex[] = [];
    const dialled = (port: number): Duplex => {
      const socket = connectNet(port, 'localhost');
      carriers.push(socket);
      return socket;
    };
    const relayed = (port: number): Duplex => {
      const [near, far] = duplexPair();
      const socket = dialled(port);
      socket.on('error', () => far.destroy()).on('close', () => far.destroy());
      far.on('error', () => {}).on('close', () => socket.destroy());
      far.pipe(socket).pipe(far);
      // A pair of streams does not tell its other side of a destruction.
      near.on('close', () => far.destroy());
      carriers.push(near);
      return near;
    };
    for (const carrier of [dialled, relayed]) {
      for (const ca of [cert, foreign.cert]) {
        const opening = connect(server.url, {
          tls: { ca },
          createConnection: ({ port }) => carrier(port),
        });
        await expect(opening).rejects.toMatchObject({ status: ca === cert ? 403 : 0 });
      }
    }
    const until = Date.now() + 4_000;
    while (!carriers.every(({ destroyed }) => destroyed) && Date.now() < until) {
      await new Promise((go) => setTimeout(go, 5));
    }
    expect(carriers.map(({ destroyed }) => destroyed)).toEqual(carriers.map(() => true));
  });

  it('carries a connection and TLS', async () => {
    const server = await serve({ key, cert });
    await echoes(server.url, {
      tls: { ca: cert },
      createConnection: ({ port }) => {
        const [near, far] = duplexPair();
        const socket = connectNet(port, 'localhost');
        socket.on('error', () => far.destroy()).on('close', () => far.destroy());
        far.on('error', () => {}).on('close', () => socket.destroy());
        far.pipe(socket).pipe(far);
        return near;
      },
    });
  });
});

afterAll(() => expect(undo).toEqual([]));
