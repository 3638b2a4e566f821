/**
 * Group 20: opening handshakes a server must accept, and those it must refuse.
 *
 * Rule: a row changes one thing in a good request and names the outcome. Each row runs twice: in
 * one write (20.1 to 20.8) and one octet per write (20.11 to 20.18). RFC 6455 §4.2, RFC 9112 §2
 * to §6, RFC 9110 §5, §7.8, §15.
 */
import { OPCODE, writeFrame } from '../wire/frame.ts';
import { type Case, define, type OpeningExpectation, type OpeningPlot, type Target } from './case.ts';

type Lines = readonly string[];

/** Request line, Host, Upgrade, Connection, Key, Version, in this order. */
const good = ({ host, path }: Target, key: string): Lines => [
  `GET ${path} HTTP/1.1`,
  `Host: ${host}`,
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Key: ${key}`,
  'Sec-WebSocket-Version: 13',
];

type Change = (lines: Lines, target: Target) => Lines | string;
type Row = readonly [what: string, change: Change, ...statuses: number[]];

/** Replaces the line that begins with `start`. */
const swap =
  (start: string, ...by: readonly string[]): Change =>
  (lines) =>
    lines.flatMap((line) => (line.startsWith(start) ? by : [line]));
const add =
  (...more: readonly string[]): Change =>
  (lines) => [...lines, ...more];
const requestLine =
  (make: (target: Target) => string): Change =>
  (lines, target) => [make(target), ...lines.slice(1)];
const keep: Change = (lines) => lines;

const METHODS: readonly Row[] = [
  ['the method POST', requestLine(({ path }) => `POST ${path} HTTP/1.1`), 405],
  ['the method get, in lower case', requestLine(({ path }) => `get ${path} HTTP/1.1`), 405, 400, 501],
  ['HTTP/1.0', requestLine(({ path }) => `GET ${path} HTTP/1.0`), 505, 400, 426],
  ['HTTP/2.0 in text', requestLine(({ path }) => `GET ${path} HTTP/2.0`), 505, 400],
  ['the target *', requestLine(() => 'GET * HTTP/1.1'), 400],
  ['a fragment in the target', requestLine(({ path }) => `GET ${path}#part HTTP/1.1`), 400],
  ['a space in the target', requestLine(({ path }) => `GET ${path} x HTTP/1.1`), 400],
  ['no target', requestLine(() => 'GET  HTTP/1.1'), 400],
  [
    'an absolute target with the same authority',
    requestLine(({ host, path }) => `GET http://${host}${path} HTTP/1.1`),
  ],
  [
    'an absolute target with another authority',
    requestLine(({ path }) => `GET http://other.example${path} HTTP/1.1`),
    400,
    421,
  ],
];

const LINES: readonly Row[] = [
  ['lines that end in LF alone', (lines) => `${lines.join('\n')}\n\n\r\n\r\n`, 400],
  ['a bare CR in a value', add('X-Note: a\rb'), 400],
  ['a folded line', add('X-Note: a\r\n b'), 400],
  ['a space before a colon', add('X-Note : a'), 400],
  ['a space before the first field', (lines) => [lines[0] ?? '', ` ${lines[1]}`, ...lines.slice(2)], 400],
  ['one empty line before the request', (lines) => `\r\n${lines.join('\r\n')}\r\n\r\n`],
  ['three empty lines before the request', (lines) => `\r\n\r\n\r\n${lines.join('\r\n')}\r\n\r\n`, 400],
  ['NUL in a value', add('X-Note: a\0b'), 400],
  ['a control character in a name', add('X-\u0001Note: a'), 400],
  ['octets above 0x7f in Host', swap('Host', 'Host: \u00e9.example'), 400],
  ['octets above 0x7f in Sec-WebSocket-Protocol', add('Sec-WebSocket-Protocol: caf\u00e9'), 400],
  ['octets above 0x7f in another field', add('X-Note: caf\u00e9')],
  ['a field without a colon', add('X-Note'), 400],
  ['a field with an empty name', add(': a'), 400],
];

const HOSTS: readonly Row[] = [
  ['no Host', swap('Host'), 400],
  ['two Hosts', (lines, { host }) => [...lines, `Host: ${host}`], 400],
  ['a Host with a space in it', swap('Host', 'Host: a b'), 400],
  ['a Host with a path in it', swap('Host', 'Host: a/b'), 400],
];

const UPGRADES: readonly Row[] = [
  ['no Upgrade', swap('Upgrade'), 426, 400],
  ['an Upgrade to h2c', swap('Upgrade', 'Upgrade: h2c'), 426, 400],
  ['an Upgrade to websocket/13', swap('Upgrade', 'Upgrade: websocket/13'), 426, 400],
  ['no Connection', swap('Connection'), 400, 426],
  ['Connection: close', swap('Connection', 'Connection: close'), 400, 426],
  ['an Upgrade to h2c or websocket', swap('Upgrade', 'Upgrade: h2c, websocket')],
  ['two Upgrade fields', swap('Upgrade', 'Upgrade: h2c', 'Upgrade: websocket')],
  ['Upgrade: WebSocket', swap('Upgrade', 'Upgrade: WebSocket')],
  ['Connection: keep-alive, Upgrade', swap('Connection', 'Connection: keep-alive, Upgrade')],
  ['two Connection fields', swap('Connection', 'Connection: keep-alive', 'Connection: upgrade')],
];

const KEYS: readonly Row[] = [
  ['no key', swap('Sec-WebSocket-Key'), 400],
  ['a key of 15 octets', swap('Sec-WebSocket-Key', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAA'), 400],
  ['a key of 17 octets', swap('Sec-WebSocket-Key', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAAA='), 400],
  ['a key that is not base64', swap('Sec-WebSocket-Key', 'Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!=='), 400],
  ['an empty key', swap('Sec-WebSocket-Key', 'Sec-WebSocket-Key:'), 400],
  ['the key twice', (lines) => [...lines, lines[4] ?? ''], 400],
  ['no version', swap('Sec-WebSocket-Version'), 400, 426],
  ['version 8', swap('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 8'), 426, 400],
  ['version 14', swap('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 14'), 426, 400],
  ['version 013', swap('Sec-WebSocket-Version', 'Sec-WebSocket-Version: 013'), 426, 400],
  ['the version twice', add('Sec-WebSocket-Version: 13'), 400],
];

const BODIES: readonly Row[] = [
  ['a body of 5 octets', (lines) => `${lines.join('\r\n')}\r\nContent-Length: 5\r\n\r\nhello`, 400, 413],
  [
    'a chunked body',
    (lines) => `${lines.join('\r\n')}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
    501,
  ],
  ['both a length and chunks', add('Content-Length: 0', 'Transfer-Encoding: chunked'), 400, 501],
  ['two lengths', add('Content-Length: 0', 'Content-Length: 5'), 400],
  ['a length with a sign', add('Content-Length: +5'), 400],
];

const LISTS: readonly Row[] = [
  ['a subprotocol that is no token', add('Sec-WebSocket-Protocol: a b'), 400],
  ['a subprotocol twice', add('Sec-WebSocket-Protocol: chat, chat'), 400],
  ['an empty subprotocol list', add('Sec-WebSocket-Protocol:'), 400],
  ['an extension without a name', add('Sec-WebSocket-Extensions: ; a'), 400],
  ['an extension parameter without a name', add('Sec-WebSocket-Extensions: x-none; =1'), 400],
  ['an extension with an open quote', add('Sec-WebSocket-Extensions: x-none; a="1'), 400],
  ['an extension nobody knows', add('Sec-WebSocket-Extensions: x-none; a=1')],
];

const SIZES: readonly Row[] = [
  ['a head of 17 KiB', add(`X-Note: ${'a'.repeat(17 * 1024)}`), 431, 400],
  [
    'a head of 70 KiB',
    add(...Array.from({ length: 10 }, (_, i) => `X-Note-${i}: ${'a'.repeat(7000)}`)),
    431,
    400,
  ],
  ['150 fields', add(...Array.from({ length: 150 }, (_, i) => `X-Note-${i}: a`)), 431, 400],
  [
    'a request line of 9000 octets',
    requestLine(({ path }) => `GET ${path}?${'a'.repeat(9000)} HTTP/1.1`),
    414,
    431,
    400,
  ],
  ['a head of 4 KiB', add(`X-Note: ${'a'.repeat(3800)}`)],
  ['40 fields', add(...Array.from({ length: 30 }, (_, i) => `X-Note-${i}: a`))],
];

const TABLES = [METHODS, LINES, HOSTS, UPGRADES, KEYS, BODIES, LISTS, SIZES];

const octetsOf = (head: Lines | string): Buffer =>
  Buffer.from(typeof head === 'string' ? head : `${head.join('\r\n')}\r\n\r\n`, 'latin1');

/** Rows a server may accept: the RFCs leave the limit, or the policy, to it. */
const MAY_ACCEPT: ReadonlySet<string> = new Set([
  'three empty lines before the request',
  'an absolute target with another authority',
  'version 8',
  ...SIZES.map(([what]) => what),
]);

function expectation([what, , ...statuses]: Row): OpeningExpectation {
  if (statuses.length === 0) return { outcome: 'accept' };
  const refusal = { outcome: 'refuse', statuses } as const;
  if (MAY_ACCEPT.has(what)) return { ...refusal, policy: true };
  return UPGRADES.some(([other]) => other === what) ? { ...refusal, plain: true } : refusal;
}

function expected(expect: OpeningExpectation): string {
  if (expect.outcome !== 'refuse') return 'Accepted with 101; a message comes back.';
  const refused = `Refused with ${expect.statuses.join(' or ')}, and the server closes the socket`;
  return expect.policy ? `${refused}; or accepted, for information.` : `${refused}.`;
}

function rowCase(id: string, row: Row, chop: number | undefined): Case {
  const [what, change] = row;
  const expect = expectation(row);
  const plot: OpeningPlot = {
    kind: 'opening',
    request: (target, key) => octetsOf(change(good(target, key), target)),
    expect,
    ...(chop === undefined ? {} : { chop }),
  };
  const how = chop === undefined ? '' : ', one octet per write';
  return define(id, [`A request with ${what}${how}.`, expected(expect)], () => plot, { judges: 'server' });
}

const rows: readonly Case[] = TABLES.flatMap((table, t) =>
  table.flatMap((row, i) => [
    rowCase(`20.${t + 1}.${i + 1}`, row, undefined),
    // Sizes in single octets only cost time: the small rows already show that cuts do not matter.
    ...(table === SIZES ? [] : [rowCase(`20.${t + 11}.${i + 1}`, row, 1)]),
  ]),
);

export const EARLY = 'early';
const earlyPing = (): Buffer => writeFrame({ opcode: OPCODE.ping, payload: Buffer.from(EARLY) }, true);
const opening = (
  change: Change,
  expect: OpeningExpectation,
  more: Partial<OpeningPlot> = {},
): OpeningPlot => ({
  kind: 'opening',
  request: (target, key) => octetsOf(change(good(target, key), target)),
  expect,
  ...more,
});

const SECOND = Buffer.from('GET /second HTTP/1.1\r\nHost: second.example\r\n\r\n');

const rest: readonly Case[] = [
  define(
    '20.9.1',
    ['A good request.', expected({ outcome: 'accept' })],
    () => opening(keep, { outcome: 'accept' }),
    {
      judges: 'server',
    },
  ),
  define(
    '20.9.2',
    ['A good request, one octet per write.', expected({ outcome: 'accept' })],
    () => opening(keep, { outcome: 'accept' }, { chop: 1 }),
    { judges: 'server' },
  ),
  define(
    '20.9.3',
    [
      'A good request with a ping behind it in the same write.',
      'Accepted; the ping is answered, then a message comes back.',
    ],
    () => opening(keep, { outcome: 'accept' }, { pipelined: earlyPing() }),
    { judges: 'server' },
  ),
  define(
    '20.9.4',
    [
      'A request without a key, with a second request behind it in the same write.',
      'Refused with 400; the second request gets no answer.',
    ],
    () => opening(swap('Sec-WebSocket-Key'), { outcome: 'refuse', statuses: [400] }, { pipelined: SECOND }),
    { judges: 'server' },
  ),
  define(
    '20.9.5',
    [
      'A request from a page of another origin.',
      'Refused with 403, unless the server means to serve every origin (then for information).',
    ],
    () =>
      opening(add('Origin: https://attacker.example'), { outcome: 'refuse', statuses: [403], policy: true }),
    { judges: 'server' },
  ),
];

export const openingCases: readonly Case[] = [...rows, ...rest];
