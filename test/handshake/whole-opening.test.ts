import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkOpeningRequest,
  type OpeningRequest,
  RequestHeadParser,
  readWholeOpening,
} from '../../src/handshake/index.ts';
import { latin1Bytes } from './feed.ts';

const SEED = 20261125;

const latin1 = (bytes: Uint8Array, start: number, end: number): string =>
  Buffer.from(bytes).toString('latin1', start, end);

const quick = (text: string) => readWholeOpening(latin1Bytes(text), text.length, latin1);

/** What a request says, as plain values. */
const factsOf = (request: OpeningRequest) => ({
  method: request.method,
  target: request.target,
  path: request.path,
  query: request.query,
  host: request.host,
  key: request.key,
  origin: request.origin,
  subprotocols: request.subprotocols,
  extensions: request.extensions,
  headers: request.headers,
});

/** The outcome of the parser and the judge that the short cut stands for; undefined when they do not accept. */
function reference(text: string) {
  const progress = new RequestHeadParser().push(latin1Bytes(text));
  if (progress.state !== 'done') return undefined;
  const outcome = checkOpeningRequest(progress.head);
  return outcome.ok ? { end: progress.end, head: progress.head, facts: factsOf(outcome.request) } : undefined;
}

function expectAgreement(text: string): 'taken' | 'left' {
  const whole = quick(text);
  if (whole === undefined) return 'left';
  const expected = reference(text);
  const { method, target, httpVersion, rawHeaders } = whole.head;
  expect({
    end: whole.end,
    head: { method, target, httpVersion, rawHeaders },
    facts: factsOf(whole.opening),
  }).toEqual(expected);
  return 'taken';
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const FIELDS = [
  'Host: localhost:4040',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Key: ${KEY}`,
  'Sec-WebSocket-Version: 13',
];

const headOf = (fields: readonly string[], line = 'GET /chat?room=1 HTTP/1.1'): string =>
  `${[line, ...fields].join('\r\n')}\r\n\r\n`;

describe('requests as clients send them are taken', () => {
  it.each<[client: string, fields: readonly string[]]>([
    ['a plain client', FIELDS],
    [
      'Firefox',
      [
        'Host: example.com',
        'User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
        'Accept: */*',
        'Accept-Language: en-US,en;q=0.5',
        'Accept-Encoding: gzip, deflate, br, zstd',
        'Sec-WebSocket-Version: 13',
        'Origin: https://example.com',
        'Sec-WebSocket-Extensions: permessage-deflate',
        `Sec-WebSocket-Key: ${KEY}`,
        'Connection: keep-alive, Upgrade',
        'Cookie: a=1; b=2',
        'Sec-Fetch-Dest: empty',
        'Upgrade: websocket',
      ],
    ],
    [
      'Chrome',
      [
        'Host: [::1]:4040',
        'Connection: Upgrade',
        'Pragma: no-cache',
        'Upgrade: websocket',
        'Origin: http://[::1]:4040',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${KEY}`,
        'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
        'Sec-WebSocket-Protocol: v2, v1',
      ],
    ],
    [
      'lower-case names, no spaces',
      FIELDS.map((field) =>
        field
          .toLowerCase()
          .replace(': ', ':')
          .replace(/key:.*/, `key:${KEY}`),
      ),
    ],
    [
      'upper-case names and much space',
      FIELDS.map((field) => field.replace(/^[^:]*: /, (name) => `${name.toUpperCase()}\t `).concat(' \t')),
    ],
    ['no further byte', [...FIELDS, 'X:']],
  ])('%s', (_, fields) => {
    expect(expectAgreement(headOf(fields))).toBe('taken');
  });

  it('and what follows the head is left alone', () => {
    const head = headOf(FIELDS);
    expect(quick(`${head}\x81\x80abcd`)?.end).toBe(head.length);
    const bytes = latin1Bytes(`${head}GET / HTTP/1.1\r\n\r\n`);
    expect(readWholeOpening(bytes, head.length - 1, latin1)).toBeUndefined();
    expect(readWholeOpening(bytes, head.length, latin1)?.end).toBe(head.length);
  });

  it('up to the limits, and not beyond', () => {
    const fields = (count: number): string[] => [
      ...FIELDS,
      ...Array.from({ length: count - FIELDS.length }, (_, n) => `X-${n}: y`),
    ];
    expect(expectAgreement(headOf(fields(100)))).toBe('taken');
    expect(expectAgreement(headOf(fields(101)))).toBe('left');
    const line = (length: number): string => `GET /${'a'.repeat(length - 'GET / HTTP/1.1'.length)} HTTP/1.1`;
    expect(expectAgreement(headOf(FIELDS, line(8_192)))).toBe('taken');
    expect(expectAgreement(headOf(FIELDS, line(8_193)))).toBe('left');
    const filled = (length: number): string => {
      const base = headOf([...FIELDS, 'X: ']).length;
      return headOf([...FIELDS, `X: ${'a'.repeat(length - base)}`]);
    };
    expect(expectAgreement(filled(16_384))).toBe('taken');
    expect(expectAgreement(filled(16_385))).toBe('left');
  });
});

describe('everything else is left to the parser and the judge', () => {
  const changed = (name: string, ...fields: string[]): string =>
    headOf([...FIELDS.filter((field) => !field.startsWith(`${name}:`)), ...fields]);

  it.each<[what: string, text: string]>([
    ['no field at all', headOf([])],
    ['an empty line in front', `\r\n${headOf(FIELDS)}`],
    ['another method', headOf(FIELDS, 'POST / HTTP/1.1')],
    ['another version', headOf(FIELDS, 'GET / HTTP/1.0')],
    ['an absolute target', headOf(FIELDS, 'GET http://localhost:4040/ HTTP/1.1')],
    ['a fragment', headOf(FIELDS, 'GET /#a HTTP/1.1')],
    ['two spaces', headOf(FIELDS, 'GET  / HTTP/1.1')],
    ['a body', headOf([...FIELDS, 'Content-Length: 0'])],
    ['a transfer coding', headOf([...FIELDS, 'Transfer-Encoding: chunked'])],
    ['two hosts', headOf([...FIELDS, 'Host: localhost:4040'])],
    ['a bad host', changed('Host', 'Host: a b')],
    ['a port too high', changed('Host', 'Host: a:65536')],
    ['an upgrade of two', changed('Upgrade', 'Upgrade: h2c, websocket')],
    ['another upgrade', changed('Upgrade', 'Upgrade: websocket/13')],
    ['no connection', changed('Connection')],
    ['another connection', changed('Connection', 'Connection: keep-alive')],
    ['another version of ours', changed('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 8')],
    ['a key too short', changed('Sec-WebSocket-Key', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=')],
    ['a field of the other side', headOf([...FIELDS, 'Sec-WebSocket-Accept: \xe9'])],
    ['an empty subprotocol', headOf([...FIELDS, 'Sec-WebSocket-Protocol: a,'])],
    ['a broken extension', headOf([...FIELDS, 'Sec-WebSocket-Extensions: a;'])],
    ['a folded field', headOf([...FIELDS, 'X: a', ' b'])],
    ['a bare line feed', headOf(FIELDS).replace('\r\n', '\n')],
    ['a space before a colon', headOf([...FIELDS, 'X : a'])],
    ['a control in a value', headOf([...FIELDS, 'X: \x00'])],
  ])('%s', (_, text) => {
    expect(quick(text)).toBeUndefined();
  });

  it('a head that is not whole, at every offset', () => {
    const head = headOf(FIELDS);
    for (let length = 0; length < head.length; length += 1)
      expect(quick(head.slice(0, length))).toBeUndefined();
  });
});

describe('against the parser and the judge', () => {
  const TCHAR = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
  const others = fc
    .tuple(
      fc.oneof(
        fc.stringMatching(new RegExp(`^${TCHAR}{1,24}$`)),
        fc.constantFrom('sec-websocket-x', 'Origin', 'Cookie'),
      ),
      fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,30}$/),
    )
    .map(([name, value]) => `${name}:${value}`);
  const known = fc.constantFrom(
    'Host: a',
    'Host: A.example:80',
    'host:[::1]:65535',
    'Upgrade: WebSocket',
    'Upgrade: h2c',
    'Connection: close, UPGRADE',
    'Connection:',
    `Sec-WebSocket-Key:\t${KEY} `,
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAA===',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Version: 013',
    'Sec-WebSocket-Protocol: a, b',
    'Sec-WebSocket-Extensions: x; y="z"',
    'Sec-WebSocket-Extensions: x, ',
    'Origin: null',
    'Content-Length: 0',
  );
  const target = fc.oneof(
    fc.constantFrom('/', '/?', '//x?a?b', '*', 'http://a/'),
    fc.stringMatching(/^\/[\x21-\x7e]{0,12}$/),
  );
  const head = fc
    .tuple(
      target,
      fc.oneof(
        fc.shuffledSubarray(FIELDS, { minLength: FIELDS.length }),
        fc.shuffledSubarray(FIELDS, { minLength: 4 }),
      ),
      fc.array(fc.oneof(others, known), { maxLength: 4 }),
      fc.constantFrom('', 'rest', '\r\n'),
    )
    .map(([path, fields, more, rest]) => headOf([...fields, ...more], `GET ${path} HTTP/1.1`) + rest);
  const damaged = fc
    .tuple(
      head,
      fc.nat(400),
      fc.nat(3),
      fc.constantFrom('', '\r', '\n', '\r\n', ':', ' ', '\t', '\0', '\xe9', 'a'),
    )
    .map(([text, at, cut, piece]) => {
      const offset = at % text.length;
      return text.slice(0, offset) + piece + text.slice(offset + cut);
    });

  it('takes nothing that they do not take, and with the same result', () => {
    const seen = { taken: 0, left: 0 };
    fc.assert(
      fc.property(fc.oneof(head, damaged), (text) => {
        seen[expectAgreement(text)] += 1;
      }),
      { seed: SEED, numRuns: 6_000 },
    );
    expect(seen.taken).toBeGreaterThan(500);
    expect(seen.left).toBeGreaterThan(500);
  });

  it('takes noise for nothing, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (noise, prefixed) => {
        const text = (prefixed ? headOf(FIELDS).slice(0, -2) : '') + String.fromCharCode(...noise);
        expectAgreement(text);
      }),
      { seed: SEED, numRuns: 2_000 },
    );
  });
});
