import { describe, expect, it } from 'vitest';
import { checkOrigin } from '../../src/handshake/index.ts';

describe('T-ORIGIN: same origin', () => {
  it.each<[origin: string, host: string, secure: boolean, why: string]>([
    ['http://example.com', 'example.com', false, 'equal'],
    ['http://EXAMPLE.com', 'Example.COM', false, 'case does not matter'],
    ['HTTPS://example.com', 'example.com', true, 'nor does that of the scheme'],
    ['http://example.com:80', 'example.com', false, 'default port written by the page'],
    ['http://example.com', 'example.com:80', false, 'default port written in Host'],
    ['https://example.com', 'example.com', true, 'TLS here'],
    ['https://example.com', 'example.com', false, 'TLS ends at a proxy'],
    ['https://example.com', 'example.com:443', false, 'TLS ends at a proxy that names the port'],
    ['https://localhost:4040', 'localhost:4040', true, 'another port'],
    ['http://[::1]:4040', '[::1]:4040', false, 'IPv6'],
    ['ws://example.com', 'example.com', false, 'a client that names the scheme of its own URL'],
    ['wss://example.com', 'example.com', true, 'the same with TLS'],
  ])('%s at %s (secure: %s): %s', (origin, host, secure) => {
    expect(checkOrigin(origin, 'same', host, secure)).toBe(true);
  });

  it.each<[origin: string, host: string, secure: boolean, why: string]>([
    ['http://evil.example', 'example.com', false, 'another host'],
    ['http://example.com.evil.example', 'example.com', false, 'a longer name'],
    ['http://evil.example/example.com', 'example.com', false, 'a path'],
    ['http://example.com@evil.example', 'example.com', false, 'userinfo'],
    ['http://example.com/', 'example.com', false, 'an origin has no path'],
    ['http://example.com:8080', 'example.com', false, 'another port'],
    ['http://example.com', 'example.com:443', false, 'the port of the other scheme'],
    ['https://example.com', 'example.com:80', false, 'the port of the other scheme'],
    ['http://example.com', 'example.com', true, 'plain text page, TLS endpoint'],
    ['http://localhost:3000', 'localhost:4040', false, 'another port on loopback'],
    ['null', 'example.com', false, 'opaque'],
    ['null', 'null', false, 'opaque, and a host of that name'],
    ['', '', false, 'empty'],
    ['example.com', 'example.com', false, 'no scheme'],
    ['://example.com', 'example.com', false, 'empty scheme'],
    ['file://example.com', 'example.com', false, 'a scheme without a port'],
    ['chrome-extension://example.com', 'example.com', false, 'an extension that took the name'],
    ['http://example.com', 'not a host', false, 'bad host'],
    ['http://example.com http://example.com', 'example.com', false, 'a list'],
  ])('%j at %j (secure: %s) is refused: %s', (origin, host, secure) => {
    expect(checkOrigin(origin, 'same', host, secure)).toBe(false);
  });
});

describe('T-ORIGIN: the other policies', () => {
  it('* allows every origin', () => {
    for (const origin of ['null', 'http://evil.example', '']) {
      expect(checkOrigin(origin, '*', 'example.com', true)).toBe(true);
    }
  });

  it('a list is exact but for case and default ports', () => {
    const list = ['https://app.example', 'http://localhost:3000', 'chrome-extension://abc', 'null'];
    const judge = (origin: string): boolean => checkOrigin(origin, list, 'example.com', true);
    expect(
      [
        'https://APP.example',
        'https://app.example:443',
        'http://localhost:3000',
        'chrome-extension://abc',
        'null',
      ].map(judge),
    ).toEqual([true, true, true, true, true]);
    expect(
      [
        'http://app.example',
        'https://app.example:444',
        'https://x.app.example',
        'chrome-extension://abd',
        '',
      ].map(judge),
    ).toEqual([false, false, false, false, false]);
  });

  it('an empty list, and one without null, allow no opaque origin', () => {
    expect(checkOrigin('null', [], 'example.com', false)).toBe(false);
    expect(checkOrigin('null', ['https://null'], 'example.com', false)).toBe(false);
    expect(checkOrigin('https://app.example', ['null'], 'app.example', false)).toBe(false);
  });
});
