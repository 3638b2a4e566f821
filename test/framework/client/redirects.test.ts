import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, HandshakeError } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import {
  isSameOrigin,
  redirectTarget,
  withoutCredentials,
  withoutIdentity,
} from '../../../src/framework/client/redirect.ts';
import { parseUrl } from '../../../src/framework/client/target.ts';
import { goodLines, Hostile, headText } from './hostile.ts';

const hostiles: Hostile[] = [];

/** Redirects every path but /end, which opens. */
async function redirecting(location: (path: string) => string, path?: string): Promise<Hostile> {
  const server = await Hostile.listen((socket, { text, key }) => {
    const [, asked = ''] = text.split(' ');
    if (asked === '/end') socket.write(headText(goodLines(key)));
    else socket.write(`HTTP/1.1 307 Elsewhere\r\nLocation: ${location(asked)}\r\nContent-Length: 0\r\n\r\n`);
  }, path);
  hostiles.push(server);
  return server;
}

const credentials = {
  Authorization: 'Bearer secret',
  Cookie: 'session=secret',
  'Proxy-Authorization': 'Basic secret',
  'X-Kept': 'yes',
};

afterEach(async () => {
  await Promise.all(hostiles.splice(0).map((server) => server.close()));
});

describe('T-REDIR', () => {
  it('follows within the origin and keeps the credentials', async () => {
    const server = await redirecting(() => '/end');
    const connection = await connect(server.url, { followRedirects: 1, headers: credentials });
    expect(connection.request.path).toBe('/end');
    expect(server.requests[1]?.field('authorization')).toBe('Bearer secret');
    expect(server.requests[0]?.key).not.toBe(server.requests[1]?.key);
    expect(server.sockets.size).toBe(1);
    connection.terminate();
  });

  it('drops Authorization, Cookie and Proxy-Authorization on the way to another origin, also the URL’s', async () => {
    const other = await redirecting(() => '/nowhere');
    const server = await redirecting(() => `http://u:p@127.0.0.1:${other.port}/end#part`);
    const connection = await connect(server.url, { followRedirects: 5, headers: credentials });
    (await connect(server.url.replace('//', '//me:pw@'), { followRedirects: 5 })).terminate();
    for (const request of other.requests) {
      expect(request.text).not.toMatch(/secret|authorization|cookie/i);
      expect(request.field('host')).toBe(`127.0.0.1:${other.port}`);
    }
    expect(other.requests[0]?.field('x-kept')).toBe('yes');
    connection.terminate();
  });

  it('ends after as many as were asked for', async () => {
    const server = await redirecting((path) => `${path}x`);
    const opening = connect(server.url, { followRedirects: 5 });
    await expect(opening).rejects.toBeInstanceOf(HandshakeError);
    await expect(opening).rejects.toMatchObject({ status: 307, message: 'More than 5 redirects.' });
    expect(server.requests).toHaveLength(6);
    expect(await server.deserted()).toBe(true);
  });

  it('shares one deadline with all of them', async () => {
    const server = await Hostile.listen((socket) => {
      setTimeout(() => socket.write('HTTP/1.1 302 Found\r\nLocation: /again\r\n\r\n'), 80);
    });
    hostiles.push(server);
    const opening = connect(server.url, { followRedirects: 5, handshakeTimeout: 200 });
    await expect(opening).rejects.toMatchObject({ which: 'handshakeTimeout' });
    expect(await server.deserted()).toBe(true);
  });

  it('leads on to another path of a Unix socket, and nowhere else', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'framewright-unix-'));
    const path = join(folder, 'socket');
    const server = await redirecting((asked) => (asked === '/good' ? '/end' : 'http://127.0.0.1/end'), path);
    (await connect(`ws+unix:${path}:/good`, { followRedirects: 1 })).terminate();
    expect(server.requests[1]?.text).toMatch(/^GET \/end /);
    await expect(connect(`ws+unix:${path}:/bad`, { followRedirects: 1 })).rejects.toBeInstanceOf(
      HandshakeError,
    );
    rmSync(folder, { recursive: true });
  });
});

describe('redirectTarget', () => {
  const from = parseUrl('wss://example.com/a/b?c').target;
  const led = (location: string | undefined): string => {
    const target = redirectTarget(from, location);
    return typeof target === 'string' ? 'refused' : target.url;
  };

  it('resolves relative references, and http: as ws:', () => {
    expect(led('d')).toBe('wss://example.com/a/d');
    expect(led('/d?e')).toBe('wss://example.com/d?e');
    expect(led('//other.example/d')).toBe('wss://other.example/d');
    expect(led('https://other.example:8443/d#f')).toBe('wss://other.example:8443/d');
  });

  it('refuses the way to plain text, into a Unix socket, to other schemes and to nowhere', () => {
    for (const location of [
      'ws://example.com/',
      'http://example.com/',
      'wss+unix:/run/x:/',
      'ftp://a/',
      'wss://',
      undefined,
    ]) {
      expect(led(location)).toBe('refused');
    }
  });

  it('knows an origin by scheme, host and port', () => {
    const same = (url: string): boolean => isSameOrigin(from, parseUrl(url).target);
    expect(same('wss://EXAMPLE.com:443/x')).toBe(true);
    expect(same('ws://example.com:443/')).toBe(false);
    expect(same('wss://example.com:444/')).toBe(false);
    expect(same('wss://example.com.evil/')).toBe(false);
  });

  it('takes off what proves an identity', () => {
    expect(
      withoutCredentials([
        ['COOKIE', 'a'],
        ['X', 'b'],
      ]),
    ).toEqual([['X', 'b']]);
    expect(withoutIdentity({ cert: 'c', key: 'k', servername: 's', ca: 'a' })).toEqual({ ca: 'a' });
  });
});
