import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectNet, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import {
  ConfigError,
  type ConnectOptions,
  type ConnectTarget,
  connect,
  HandshakeError,
  TimeoutError,
} from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { goodLines, type Heard, Hostile, headText } from './hostile.ts';

const hostiles: Hostile[] = [];

async function hostile(
  answer: (socket: Socket, request: Heard) => void = (socket, { key }) =>
    socket.write(headText(goodLines(key))),
  path?: string,
): Promise<Hostile> {
  const server = await Hostile.listen(answer, path);
  hostiles.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(hostiles.splice(0).map((server) => server.close()));
});

describe('the request', () => {
  it('is what RFC 6455 §4.1 asks for, with the fields that were asked for', async () => {
    const server = await hostile();
    const connection = await connect(`${server.url}?a=1&b=%20`, {
      subprotocols: ['v2', 'v1'],
      origin: 'https://example.com',
      headers: { 'X-Token': 'abc', Cookie: 'a=b' },
      perMessageDeflate: true,
    });
    const [request] = server.requests;
    expect(request?.text).toMatch(/^GET \/feed\?a=1&b=%20 HTTP\/1\.1\r\n/);
    expect(request?.field('host')).toBe(`127.0.0.1:${server.port}`);
    expect(request?.field('upgrade')).toBe('websocket');
    expect(request?.field('connection')).toBe('Upgrade');
    expect(request?.field('sec-websocket-version')).toBe('13');
    expect(request?.field('sec-websocket-protocol')).toBe('v2, v1');
    expect(request?.field('sec-websocket-extensions')).toMatch(/^permessage-deflate/);
    expect(request?.field('origin')).toBe('https://example.com');
    expect(request?.field('x-token')).toBe('abc');
    expect(request?.field('cookie')).toBe('a=b');
    expect(Buffer.from(request?.key ?? '', 'base64')).toHaveLength(16);
    const facts = connection.request;
    expect(facts).toMatchObject({
      method: 'GET',
      url: `${server.url}?a=1&b=%20`,
      path: '/feed',
      origin: 'https://example.com',
      subprotocols: ['v2', 'v1'],
    });
    expect(facts.query.get('b')).toBe(' ');
    expect(facts.headers.get('x-token')).toBe('abc');
    expect(connection.extensions).toEqual([]);
    connection.terminate();
  });

  it('has neither Origin, subprotocols nor extensions unless asked', async () => {
    const server = await hostile();
    (await connect(new URL(server.url))).terminate();
    expect(server.requests[0]?.text).not.toMatch(/origin|protocol|extensions/i);
  });

  it('has a fresh key each time', async () => {
    const server = await hostile();
    for (let index = 0; index < 50; index += 1) (await connect(server.url)).terminate();
    expect(new Set(server.requests.map(({ key }) => key)).size).toBe(50);
  });

  it('sends the URL’s user name and password as Basic, and keeps them out of what it tells', async () => {
    const server = await hostile();
    const url = `ws://us%C3%A9r:p%3Aw@127.0.0.1:${server.port}/`;
    const connection = await connect(url);
    const expected = `Basic ${Buffer.from('usér:p:w').toString('base64')}`;
    expect(server.requests[0]?.field('authorization')).toBe(expected);
    expect(connection.request.url).toBe(`ws://127.0.0.1:${server.port}/`);
    connection.terminate();
    await expect(connect(url, { headers: { authorization: 'Bearer x' } })).rejects.toBeInstanceOf(
      ConfigError,
    );
  });

  it('T-MASK: frames are masked, each with a key of its own', async () => {
    const server = await hostile();
    const connection = await connect(server.url);
    const count = 3_000;
    for (let index = 0; index < count; index += 1) connection.write(Buffer.from([index & 255]));
    await connection.flush();
    const size = 2 + 4 + 1;
    const until = Date.now() + 5_000;
    while (server.received.length < count * size && Date.now() < until) {
      await new Promise((go) => setTimeout(go, 5));
    }
    const keys = new Set<number>();
    for (let index = 0; index < count; index += 1) {
      const frame = server.received.subarray(index * size, (index + 1) * size);
      expect(frame[1]).toBe(0x81);
      expect((frame[6] ?? 0) ^ (frame[2] ?? 0)).toBe(index & 255);
      keys.add(frame.readUInt32BE(2));
    }
    // Random 32-bit keys: 3,000 of them hold a pair of equals about once in a thousand runs, hardly ever two.
    expect(keys.size).toBeGreaterThanOrEqual(count - 1);
    connection.terminate();
  });
});

describe('options that can not be used', () => {
  const good = 'ws://127.0.0.1:9/';
  const cases: readonly [name: string, url: string, options: object, path: string][] = [
    ['a fragment', 'ws://127.0.0.1/#a', {}, 'url'],
    ['an empty fragment', 'ws://127.0.0.1/#', {}, 'url'],
    ['another scheme', 'http://127.0.0.1/', {}, 'url'],
    ['no URL', '127.0.0.1', {}, 'url'],
    ['no socket path', 'ws+unix::/x', {}, 'url'],
    ['a host before a socket path', 'ws+unix://host/x', {}, 'url'],
    ['bad percent-encoding of a user name', 'ws://%ff@127.0.0.1/', {}, 'url'],
    ['a reserved field', good, { headers: { Host: 'other' } }, 'headers'],
    ['a field of the handshake', good, { headers: { 'sec-websocket-key': 'x' } }, 'headers'],
    ['a line break in a field', good, { headers: { 'X-A': 'a\r\nX-B: b' } }, 'headers'],
    ['a line break in a name', good, { headers: { 'X-A\r\nX-B': 'b' } }, 'headers'],
    ['a line break in the origin', good, { origin: 'https://a\r\nX: y' }, 'origin'],
    ['two origins', good, { origin: 'https://a', headers: { Origin: 'https://b' } }, 'origin'],
    ['a subprotocol twice', good, { subprotocols: ['a', 'a'] }, 'subprotocols'],
    ['a subprotocol that is no token', good, { subprotocols: ['a b'] }, 'subprotocols'],
    ['a server’s choice of subprotocols', good, { subprotocols: () => 'a' }, 'subprotocols'],
    ['an unknown option', good, { maxMesageSize: 1 }, 'maxMesageSize'],
    ['a server’s leniency', good, { acceptUnmaskedFrames: true }, 'acceptUnmaskedFrames'],
    ['no signal', good, { signal: {} }, 'signal'],
    ['no TLS options', good, { tls: true }, 'tls'],
    ['no function', good, { createConnection: {} }, 'createConnection'],
    ['six redirects', good, { followRedirects: 6 }, 'followRedirects'],
    ['redirects without number', good, { followRedirects: true }, 'followRedirects'],
  ];
  for (const [name, url, options, path] of cases) {
    it(`${name}: ConfigError for ${path}`, async () => {
      const opening = connect(url, options);
      await expect(opening).rejects.toBeInstanceOf(ConfigError);
      await expect(opening).rejects.toMatchObject({ path });
    });
  }
});

it('takes the options that both ends share, also those that only a server heeds', async () => {
  const server = await hostile();
  const shared = {
    maxMessageSize: 1_024,
    origins: '*',
    allowedHosts: ['a'],
    acceptUnmaskedFrames: false,
  } as const;
  (await connect(server.url, shared)).terminate();
});

describe('signal', () => {
  it('rejects with its reason, before, while connecting and while waiting for the answer', async () => {
    const server = await hostile(() => {});
    const reason = new Error('changed my mind');
    await expect(connect(server.url, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const opening = connect(server.url, { signal: controller.signal });
    opening.catch(() => {});
    while (server.requests.length === 0) await new Promise((go) => setTimeout(go, 5));
    controller.abort(reason);
    await expect(opening).rejects.toBe(reason);
    const dialling = new AbortController();
    const never = connect(server.url, {
      signal: dialling.signal,
      createConnection: () => new Promise<never>(() => {}),
    });
    dialling.abort(reason);
    await expect(never).rejects.toBe(reason);
    expect(await server.deserted()).toBe(true);
  });

  it('has no effect on an open connection', async () => {
    const server = await hostile();
    const controller = new AbortController();
    const connection = await connect(server.url, { signal: controller.signal });
    controller.abort();
    expect(connection.state).toBe('open');
    connection.terminate();
  });
});

describe('createConnection', () => {
  it('is told the target, and its socket is used', async () => {
    const server = await hostile();
    let told: ConnectTarget | undefined;
    const connection = await connect('ws://example.test:8080/path?q', {
      createConnection: (target) => {
        told = target;
        return connectNet(server.port, '127.0.0.1');
      },
    });
    expect(told).toEqual({
      url: 'ws://example.test:8080/path?q',
      secure: false,
      host: 'example.test',
      port: 8080,
      socketPath: undefined,
      authority: 'example.test:8080',
      path: '/path?q',
    });
    expect(server.requests[0]?.field('host')).toBe('example.test:8080');
    connection.terminate();
  });

  it('what it throws, or something that is no socket, is the error; a late socket is destroyed', async () => {
    const url = 'ws://127.0.0.1:9/';
    const thrown = new Error('no proxy');
    const failing = connect(url, {
      createConnection: () => {
        throw thrown;
      },
    });
    await expect(failing).rejects.toBeInstanceOf(HandshakeError);
    await expect(failing).rejects.toMatchObject({ status: 0, cause: thrown });
    await expect(connect(url, { createConnection: () => Promise.reject(thrown) })).rejects.toMatchObject({
      cause: thrown,
    });
    const odd: ConnectOptions = { createConnection: () => JSON.parse('{}') };
    await expect(connect(url, odd)).rejects.toBeInstanceOf(ConfigError);
    const late = new Duplex({ read() {}, write() {} });
    const slow = connect(url, {
      handshakeTimeout: 50,
      createConnection: () => new Promise((resolve) => setTimeout(resolve, 120, late)),
    });
    await expect(slow).rejects.toBeInstanceOf(TimeoutError);
    await new Promise((go) => setTimeout(go, 150));
    expect(late.destroyed).toBe(true);
  });
});

describe('Unix sockets', () => {
  it('takes the socket path and the request path from the URL', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'framewright unix-'));
    const path = join(folder, 'a socket');
    const server = await hostile(undefined, path);
    const connection = await connect(`ws+unix:${path}:/feed?a=1`);
    expect(server.requests[0]?.text).toMatch(/^GET \/feed\?a=1 HTTP/);
    expect(server.requests[0]?.field('host')).toBe('localhost');
    expect(connection.request.path).toBe('/feed');
    connection.terminate();
    (await connect(`ws+unix://${path}`)).terminate();
    expect(server.requests[1]?.text).toMatch(/^GET \/ HTTP/);
    rmSync(folder, { recursive: true });
  });
});
