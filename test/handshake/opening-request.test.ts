import { describe, expect, it } from 'vitest';
import { checkOpeningRequest, openingRefusals, type RequestHead } from '../../src/handshake/index.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';

const GOOD: readonly (readonly [string, string])[] = [
  ['Host', 'example.com'],
  ['Upgrade', 'websocket'],
  ['Connection', 'Upgrade'],
  ['Sec-WebSocket-Key', KEY],
  ['Sec-WebSocket-Version', '13'],
];

type Change = { readonly [name: string]: string | readonly string[] | undefined };

/** A good head with some fields replaced, removed (undefined), repeated (a list) or added. */
function headWith(change: Change, line: Partial<RequestHead> = {}): RequestHead {
  const changed = new Set(Object.keys(change).map((name) => name.toLowerCase()));
  const kept = GOOD.filter(([name]) => !changed.has(name.toLowerCase())).flat();
  const added = Object.entries(change).flatMap(([name, value]) =>
    [value ?? []].flat().flatMap((text) => [name, text]),
  );
  return { method: 'GET', target: '/', httpVersion: '1.1', rawHeaders: [...kept, ...added], ...line };
}

/** `accepted`, or the name of the refusal. */
function judge(change: Change, line?: Partial<RequestHead>): string {
  const outcome = checkOpeningRequest(headWith(change, line));
  if (outcome.ok) return 'accepted';
  const names = Object.entries(openingRefusals).filter(([, refusal]) => refusal === outcome.refusal);
  return names.map(([name]) => name).join();
}

describe('an acceptable request', () => {
  it('comes back taken apart', () => {
    const outcome = checkOpeningRequest(
      headWith(
        {
          Origin: 'https://example.com',
          'Sec-WebSocket-Protocol': ['v2', 'v1'],
          'sec-websocket-extensions': ['a; b=1', 'c'],
          'X-A': ['1', '\u00e9'],
          Cookie: ['p=1', 'q=2'],
        },
        { target: '/chat//x?a=b?c' },
      ),
    );
    expect(outcome).toEqual({
      ok: true,
      request: {
        method: 'GET',
        target: '/chat//x?a=b?c',
        path: '/chat//x',
        query: 'a=b?c',
        host: 'example.com',
        key: KEY,
        origin: 'https://example.com',
        subprotocols: ['v2', 'v1'],
        extensions: [
          { name: 'a', parameters: [['b', '1']] },
          { name: 'c', parameters: [] },
        ],
        headers: new Map([
          ['host', 'example.com'],
          ['upgrade', 'websocket'],
          ['connection', 'Upgrade'],
          ['sec-websocket-key', KEY],
          ['sec-websocket-version', '13'],
          ['origin', 'https://example.com'],
          ['sec-websocket-protocol', 'v2, v1'],
          ['sec-websocket-extensions', 'a; b=1, c'],
          ['x-a', '1, \u00e9'],
          ['cookie', 'p=1; q=2'],
        ]),
      },
    });
  });

  it('needs no more than five fields', () => {
    expect(checkOpeningRequest(headWith({}))).toMatchObject({
      request: { path: '/', query: '', origin: undefined, subprotocols: [], extensions: [] },
    });
  });
});

describe('each case and its outcome', () => {
  it.each<[id: string, outcome: string, change: Change, line?: Partial<RequestHead>]>([
    ['T-VER10', 'httpVersion', {}, { httpVersion: '1.0' }],
    ['T-VER20', 'httpVersion', {}, { httpVersion: '2.0' }],
    ['T-VER20: 1.2', 'httpVersion', {}, { httpVersion: '1.2' }],
    ['T-METHOD: POST', 'method', {}, { method: 'POST' }],
    ['T-METHOD: HEAD', 'method', {}, { method: 'HEAD' }],
    ['T-METHOD: CONNECT', 'method', {}, { method: 'CONNECT', target: 'example.com:80' }],
    ['T-METHOD: lower case', 'method', {}, { method: 'get' }],
    ['T-HOST: none', 'host', { Host: undefined }],
    ['T-HOST: two', 'host', { Host: ['example.com', 'example.com'] }],
    ['T-HOST: two spellings of the name', 'host', { Host: 'example.com', HOST: 'example.com' }],
    ['T-HOST: empty', 'host', { Host: '' }],
    ['T-HOST: bad', 'host', { Host: 'a/b' }],
    ['T-HOST: list', 'host', { Host: 'a.example, b.example' }],
    ['T-NONASCII: Host', 'host', { Host: 'ex\u00e4mple.com' }],
    ['T-HOST: port', 'accepted', { Host: 'example.com:8080' }],
    ['T-HOST: IPv6', 'accepted', { Host: '[::1]:8080' }],
    ['T-TARGET: absolute-form', 'accepted', {}, { target: 'http://example.com/x' }],
    ['T-TARGET: another authority', 'target', {}, { target: 'http://evil.example/x' }],
    ['T-TARGET: literal path', 'accepted', {}, { target: '//evil.example/x' }],
    ['T-TARGET: *', 'target', {}, { target: '*' }],
    ['T-TARGET: fragment', 'target', {}, { target: '/#f' }],
    ['T-TARGET: authority-form', 'target', {}, { target: 'example.com:80' }],
    ['T-BODY: Content-Length', 'contentLength', { 'Content-Length': '5' }],
    ['T-BODY: no bytes', 'accepted', { 'Content-Length': '0' }],
    ['T-BODY: chunked', 'transferEncoding', { 'Transfer-Encoding': 'chunked' }],
    ['T-BODY: both', 'transferEncoding', { 'Content-Length': '0', 'Transfer-Encoding': 'chunked' }],
    ['T-UPG: none', 'upgrade', { Upgrade: undefined }],
    ['T-UPG: other', 'upgrade', { Upgrade: 'h2c' }],
    ['T-UPG: empty', 'upgrade', { Upgrade: '' }],
    ['T-UPG: case', 'accepted', { Upgrade: 'WebSocket' }],
    ['T-UPG-LIST: list', 'accepted', { Upgrade: 'h2c, websocket' }],
    ['T-UPG-LIST: two fields', 'accepted', { Upgrade: ['h2c', 'websocket'] }],
    ['T-UPG-LIST: empty elements', 'accepted', { Upgrade: ',, websocket,' }],
    ['T-UPG-LIST: with a version', 'upgrade', { Upgrade: 'websocket/13' }],
    ['T-UPG-LIST: part of a word', 'upgrade', { Upgrade: 'websockets, xwebsocket' }],
    ['T-CONN: none', 'connection', { Connection: undefined }],
    ['T-CONN: other', 'connection', { Connection: 'keep-alive' }],
    ['T-CONN: list', 'accepted', { Connection: 'keep-alive, Upgrade' }],
    ['T-CONN: two fields', 'accepted', { Connection: ['keep-alive', 'UPGRADE'] }],
    ['T-CONN: duplicates', 'accepted', { Connection: 'Upgrade, upgrade' }],
    ['T-CONN: with close', 'accepted', { Connection: 'close, upgrade' }],
    ['T-NONASCII: key', 'opaqueBytes', { 'Sec-WebSocket-Key': `${KEY}\u00e9` }],
    ['T-NONASCII: protocol', 'opaqueBytes', { 'Sec-WebSocket-Protocol': '\x80' }],
    ['T-NONASCII: an unknown one of ours', 'opaqueBytes', { 'sec-websocket-x': '\u00ff' }],
    ['T-NONASCII: elsewhere', 'accepted', { Origin: 'http://\u00e9', Cookie: '\x80' }],
    ['T-HS-VER: none', 'versionCount', { 'Sec-WebSocket-Version': undefined }],
    ['T-HS-VER: two', 'versionCount', { 'Sec-WebSocket-Version': ['13', '13'] }],
    ['T-HS-VER: 8', 'version', { 'Sec-WebSocket-Version': '8' }],
    ['T-HS-VER: 7', 'version', { 'Sec-WebSocket-Version': '7' }],
    ['T-HS-VER: 14', 'version', { 'Sec-WebSocket-Version': '14' }],
    ['T-HS-VER: 013', 'version', { 'Sec-WebSocket-Version': '013' }],
    ['T-HS-VER: list', 'version', { 'Sec-WebSocket-Version': '13, 8' }],
    ['T-HS-VER: empty', 'version', { 'Sec-WebSocket-Version': '' }],
    ['T-KEY: none', 'key', { 'Sec-WebSocket-Key': undefined }],
    ['T-KEY: empty', 'key', { 'Sec-WebSocket-Key': '' }],
    ['T-KEY: 15 bytes', 'key', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j' }],
    ['T-KEY: 17 bytes', 'key', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZWU=' }],
    ['T-KEY: not base64', 'key', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25j!Q==' }],
    ['T-KEY-DUP: same', 'key', { 'Sec-WebSocket-Key': [KEY, KEY] }],
    ['T-KEY-DUP: other', 'key', { 'Sec-WebSocket-Key': [KEY, 'AAAAAAAAAAAAAAAAAAAAAA=='] }],
    ['T-KEY-NC', 'accepted', { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZR==' }],
    ['T-ORIGIN: two', 'origin', { Origin: ['http://a', 'http://b'] }],
    ['T-ORIGIN: null is for the policy to judge', 'accepted', { Origin: 'null' }],
    ['T-PROTO: bad token', 'subprotocols', { 'Sec-WebSocket-Protocol': 'a b' }],
    ['T-PROTO: duplicate', 'subprotocols', { 'Sec-WebSocket-Protocol': ['a', 'a'] }],
    ['T-PROTO: empty', 'subprotocols', { 'Sec-WebSocket-Protocol': '' }],
    ['T-EXT: syntax', 'extensions', { 'Sec-WebSocket-Extensions': 'a;' }],
    ['T-EXT: empty', 'extensions', { 'Sec-WebSocket-Extensions': '' }],
    [
      'T-EXT: unknown parameters are for the extension to judge',
      'accepted',
      { 'Sec-WebSocket-Extensions': 'a; b="c"' },
    ],
  ])('%s: %s', (_id, outcome, change, line) => {
    expect(judge(change, line)).toBe(outcome);
  });
});

describe('refusals', () => {
  it('have these statuses, in the order of the checks', () => {
    expect(Object.entries(openingRefusals).map(([name, refusal]) => `${name} ${refusal.status}`)).toEqual([
      'httpVersion 505',
      'method 405',
      'host 400',
      'target 400',
      'transferEncoding 400',
      'contentLength 400',
      'upgrade 426',
      'connection 426',
      'opaqueBytes 400',
      'versionCount 400',
      'version 426',
      'key 400',
      'origin 400',
      'subprotocols 400',
      'extensions 400',
    ]);
  });

  it('carry what their status owes the client', () => {
    expect(openingRefusals.method.headers).toEqual([['Allow', 'GET']]);
    for (const { headers } of [
      openingRefusals.upgrade,
      openingRefusals.connection,
      openingRefusals.version,
    ]) {
      expect(headers).toEqual([
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Version', '13'],
      ]);
    }
  });

  // One change for each row of the table that breaks that row and no other.
  const breaks: [name: string, change: Change, line: Partial<RequestHead>][] = [
    ['httpVersion', {}, { httpVersion: '1.0' }],
    ['method', {}, { method: 'POST' }],
    ['host', { Host: ['a', 'a'] }, {}],
    ['target', {}, { target: '*' }],
    ['transferEncoding', { 'Transfer-Encoding': 'chunked' }, {}],
    ['contentLength', { 'Content-Length': '1' }, {}],
    ['upgrade', { Upgrade: 'h2c' }, {}],
    ['connection', { Connection: 'close' }, {}],
    ['opaqueBytes', { 'Sec-WebSocket-X': '\x80' }, {}],
    ['versionCount', { 'Sec-WebSocket-Version': [] }, {}],
    ['version', { 'sec-websocket-version': '8' }, {}],
    ['key', { 'Sec-WebSocket-Key': 'x' }, {}],
    ['origin', { Origin: ['a', 'b'] }, {}],
    ['subprotocols', { 'Sec-WebSocket-Protocol': '' }, {}],
    ['extensions', { 'Sec-WebSocket-Extensions': '' }, {}],
  ];

  it('of two faults the earlier row decides', () => {
    expect(breaks.map(([name]) => name)).toEqual(Object.keys(openingRefusals));
    for (const [index, [name, change, line]] of breaks.entries()) {
      for (const [laterName, laterChange, laterLine] of breaks.slice(index)) {
        // One field cannot be absent and wrong at once.
        if (name === 'versionCount' && laterName === 'version') continue;
        expect(
          judge({ ...laterChange, ...change }, { ...laterLine, ...line }),
          `${name} and ${laterName}`,
        ).toBe(name);
      }
    }
  });
});

describe('heads from other servers', () => {
  it('T-HS-PROTO: names of Object.prototype are data', () => {
    for (const name of Object.getOwnPropertyNames(Object.prototype)) {
      const outcome = checkOpeningRequest({
        ...headWith({}),
        rawHeaders: [
          ...headWith({}).rawHeaders,
          name,
          name,
          'Sec-WebSocket-Protocol',
          name,
          'Sec-WebSocket-Extensions',
          `${name};${name}=${name}`,
        ],
      });
      expect(outcome).toMatchObject({
        request: { subprotocols: [name], extensions: [{ name, parameters: [[name, name]] }] },
      });
    }
  });

  it('T-HS-COUNT: no number of fields makes it throw, wherever ours are', () => {
    const { rawHeaders } = headWith({});
    const padding = Array.from({ length: 10_000 }, (_, index) => `x${index}`);
    for (const all of [
      [...padding, ...rawHeaders],
      [...rawHeaders, ...padding],
    ]) {
      expect(checkOpeningRequest({ ...headWith({}), rawHeaders: all }).ok).toBe(true);
    }
    expect(checkOpeningRequest({ ...headWith({}), rawHeaders: padding }).ok).toBe(false);
    expect(checkOpeningRequest({ ...headWith({}), rawHeaders: [] }).ok).toBe(false);
  });

  it('T-REDOS: hostile values of 16 KiB and of 64 KiB are judged, well within a second', () => {
    const fields = [
      'Host',
      'Upgrade',
      'Connection',
      'Content-Length',
      'Origin',
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Version',
      'Sec-WebSocket-Protocol',
      'Sec-WebSocket-Extensions',
    ];
    const shapes = [' ', ',', '\\', '"', ' ,', 'a;b="\\c', ':', '1:', '.', '%', ';', '=', 'a, '];
    const started = performance.now();
    for (const field of fields) {
      for (const shape of shapes) {
        for (const size of [16_384, 65_536]) {
          const value = `a${shape.repeat(size / shape.length)}`;
          for (const text of [value, `${value}b`, `a; b="${value}`, `[${value}`]) judge({ [field]: text });
          judge({ Host: 'a' }, { target: `http://${value}` });
        }
      }
    }
    // Some 50 million characters: a fraction of a second when linear, minutes when every shape is quadratic.
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
