import { describe, expect, it } from 'vitest';
import { isOriginForm, parseTarget } from '../../src/handshake/target.ts';

describe('T-TARGET', () => {
  it.each([
    ['/', '/', ''],
    ['/chat', '/chat', ''],
    ['/chat?', '/chat', ''],
    ['/chat?a=1?b&c=/', '/chat', 'a=1?b&c=/'],
    ['//evil.example/ws', '//evil.example/ws', ''],
    ['/\\evil.example', '/\\evil.example', ''],
    ['/;..', '/;..', ''],
    ['/a/../b/./c', '/a/../b/./c', ''],
    ['/%2e%2e/%00', '/%2e%2e/%00', ''],
    ['/a|b{c}"<>^`', '/a|b{c}"<>^`', ''],
    ['/http://example.com/', '/http://example.com/', ''],
    ['http://example.com:80', '/', ''],
    ['http://example.com:80/', '/', ''],
    ['HTTP://EXAMPLE.com:80/a?b', '/a', 'b'],
    ['https://example.com:80?q', '/', 'q'],
    ['ws://example.com:80/a//b', '/a//b', ''],
    ['wss://example.com:80//x', '//x', ''],
  ])('%s', (target, path, query) => {
    expect(parseTarget(target, 'Example.com:80')).toEqual({ path, query });
  });

  it.each([
    '',
    '*',
    'chat',
    '?a',
    'example.com:80',
    '/#f',
    '/a#',
    'http://example.com:80/#f',
    'http://example.com',
    'http://other.example/',
    'http://example.com:80@evil.example/',
    'http://user@example.com:80/',
    'http://example.com:80\\@evil.example/',
    'http:///a',
    'http:/a',
    'http:example.com:80',
    'ftp://example.com:80/',
    '/a b',
    '/\t',
    '/\0',
    '/\r\n',
    '/\u00e9',
    '/\x7f',
  ])('not %j', (target) => {
    expect(parseTarget(target, 'Example.com:80')).toBeUndefined();
  });

  it('origin-form is what a client may send', () => {
    expect(['/', '//x?y', '*', 'http://a/', '/#', '/ ', ''].map(isOriginForm)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});
