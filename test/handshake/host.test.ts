import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AllowedHosts, parseAuthority } from '../../src/handshake/index.ts';

describe('T-HOST: authority grammar', () => {
  it.each<[text: string, name: string, port: number | undefined]>([
    ['example.com', 'example.com', undefined],
    ['EXAMPLE.com:80', 'example.com', 80],
    ['localhost:', 'localhost', undefined],
    ['a:0', 'a', 0],
    ['a:65535', 'a', 65_535],
    ['127.0.0.1:4040', '127.0.0.1', 4040],
    ["a_b~c!$&'()*+,;=%2e", "a_b~c!$&'()*+,;=%2e", undefined],
    ['[::1]', '[::1]', undefined],
    ['[::]:80', '[::]', 80],
    ['[1:2:3:4:5:6:7:8]', '[1:2:3:4:5:6:7:8]', undefined],
    ['[FE80::ABCD]:1', '[fe80::abcd]', 1],
    ['[1:2:3:4:5:6:7::]', '[1:2:3:4:5:6:7::]', undefined],
    ['[::ffff:192.0.2.1]', '[::ffff:192.0.2.1]', undefined],
    ['[1:2:3:4:5:6:0.0.0.255]', '[1:2:3:4:5:6:0.0.0.255]', undefined],
  ])('%s', (text, name, port) => {
    expect(parseAuthority(text)).toEqual({ name, port });
  });

  it.each([
    '',
    ':80',
    'a b',
    ' a',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'http://a',
    'user@a',
    'a:b',
    'a:-1',
    'a:65536',
    'a:000080',
    'a:80:80',
    'a%',
    'a%2',
    'a%zz',
    'a\u00e9',
    '\u212a',
    'a\n',
    'a\0',
    '::1',
    '[]',
    '[1]',
    '[::1',
    '[:::]',
    '[1::2::3]',
    '[:1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:2:3:4:5:6:7:8::]',
    '[::12345]',
    '[::g]',
    '[::1%25eth0]',
    '[1.2.3.4]',
    '[1.2.3.4::]',
    '[::1.2.3]',
    '[::1.2.3.4.5]',
    '[::256.0.0.1]',
    '[::01.0.0.1]',
    '[1:2:3:4:5:6:7:1.2.3.4]',
    '[::1]x',
    '[v1.x]',
  ])('not %j', (text) => {
    expect(parseAuthority(text)).toBeUndefined();
  });

  it('every address that the platform writes is taken', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6().map((address) => `[${address}]`),
          fc.domain(),
        ),
        fc.nat(65_535),
        (name, port) => {
          expect(parseAuthority(name)).toEqual({ name: name.toLowerCase(), port: undefined });
          expect(parseAuthority(`${name}:${port}`)).toEqual({ name: name.toLowerCase(), port });
        },
      ),
      { seed: 20261125, numRuns: 1000 },
    );
  });
});

describe('T-REBIND: allowed hosts', () => {
  const names = ['localhost', '[::1]', 'example.com:4040', 'not a host'];

  it.each(['localhost', 'LOCALHOST:1', '[::1]:4040', 'Example.com:4040'])('%s is served', (host) => {
    expect(new AllowedHosts(names).check(host)).toBeUndefined();
  });

  it.each([
    'attacker.example',
    'localhost.attacker.example',
    'localhost.',
    '127.0.0.1',
    'example.com',
    'example.com:80',
    'not a host',
    '',
  ])('%j is not', (host) => {
    expect(new AllowedHosts(names).check(host)).toMatchObject({ status: 403, headers: [] });
  });

  it('an empty list allows no host', () => {
    expect(new AllowedHosts([]).check('localhost')?.status).toBe(403);
  });

  it('judges each host by itself, whatever came before it', () => {
    const allowed = new AllowedHosts(names);
    const verdicts = [
      'localhost',
      'attacker.example',
      'localhost',
      '[::1]',
      '',
      'localhost:1',
      'localhost.',
    ].map((host) => allowed.check(host) === undefined);
    expect(verdicts).toEqual([true, false, true, true, false, true, false]);
  });
});
