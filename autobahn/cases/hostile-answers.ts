/**
 * Group 25: answers to a client's opening handshake, from correct to hostile.
 *
 * Rule: a row changes one thing in a good 101. Behind a bad answer comes a ping, so that a client
 * that took it for good gives itself away. RFC 6455 §4.1, RFC 7692 §7.1, RFC 9112 §2 to §5.
 */
import { type AnswerPlot, type Case, define } from './case.ts';

type Change = (lines: readonly string[], accept: string) => readonly string[] | string;
type Row = readonly [what: string, change: Change, chop?: number];

/** Status line, Upgrade, Connection, Accept, in this order. */
const good = (accept: string): readonly string[] => [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Accept: ${accept}`,
];

const keep: Change = (lines) => lines;
const add =
  (...more: readonly string[]): Change =>
  (lines) => [...lines, ...more];
const swap =
  (start: string, ...by: readonly string[]): Change =>
  (lines) =>
    lines.flatMap((line) => (line.startsWith(start) ? by : [line]));
const status = (line: string): Change => swap('HTTP', line);
/** A refusal that is complete, so that nobody waits for a body. */
const refusal =
  (line: string, ...more: readonly string[]): Change =>
  () => [line, ...more, 'Content-Length: 0', 'Connection: close'];

const ACCEPTED: readonly Row[] = [
  ['a good answer', keep],
  ['a good answer, one octet per write', keep, 1],
  [
    'names and tokens in other cases',
    (_, accept) => [
      'HTTP/1.1 101 Switching Protocols',
      'upgrade: WebSocket',
      'CONNECTION: upgrade',
      `sec-websocket-ACCEPT: ${accept}`,
    ],
  ],
  ['fields nobody knows', add('Server: conformance', 'X-Note: a')],
  ['a status line without a reason', status('HTTP/1.1 101 ')],
  ['Connection: keep-alive, Upgrade', swap('Connection', 'Connection: keep-alive, Upgrade')],
  [
    'spaces around the values',
    (_, accept) => [
      'HTTP/1.1 101 Switching Protocols',
      'Upgrade:  websocket  ',
      'Connection:\tUpgrade',
      `Sec-WebSocket-Accept: ${accept}  `,
    ],
  ],
];

const ACCEPT: readonly Row[] = [
  ['no Sec-WebSocket-Accept', swap('Sec-WebSocket-Accept')],
  [
    'an accept value for another key',
    swap('Sec-WebSocket-Accept', 'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo='),
  ],
  [
    'an accept value in other case',
    (lines, accept) => [
      ...lines.slice(0, 3),
      `Sec-WebSocket-Accept: ${accept.toUpperCase() === accept ? accept.toLowerCase() : accept.toUpperCase()}`,
    ],
  ],
  ['an empty accept value', swap('Sec-WebSocket-Accept', 'Sec-WebSocket-Accept:')],
  [
    'two accept values, the first wrong',
    (lines, accept) => [
      ...lines.slice(0, 3),
      'Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=',
      `Sec-WebSocket-Accept: ${accept}`,
    ],
  ],
  ['two accept values, the second wrong', add('Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=')],
];

const STATUS: readonly Row[] = [
  ['200 OK', refusal('HTTP/1.1 200 OK')],
  ['200 with the fields of a 101', status('HTTP/1.1 200 OK')],
  ['204', refusal('HTTP/1.1 204 No Content')],
  ['302 to another server', refusal('HTTP/1.1 302 Found', 'Location: ws://127.0.0.1:1/')],
  ['400', refusal('HTTP/1.1 400 Bad Request')],
  ['401', refusal('HTTP/1.1 401 Unauthorized', 'WWW-Authenticate: Basic realm="a"')],
  ['404', refusal('HTTP/1.1 404 Not Found')],
  ['426', refusal('HTTP/1.1 426 Upgrade Required', 'Sec-WebSocket-Version: 8')],
  ['500', refusal('HTTP/1.1 500 Internal Server Error')],
  ['503', refusal('HTTP/1.1 503 Service Unavailable', 'Retry-After: 1')],
  ['101 in HTTP/1.0', status('HTTP/1.0 101 Switching Protocols')],
  ['101 in HTTP/2.0', status('HTTP/2.0 101 Switching Protocols')],
  ['a status of four digits', status('HTTP/1.1 1010 Switching Protocols')],
  ['no status', status('HTTP/1.1 Switching Protocols')],
  ['another protocol altogether', () => 'SSH-2.0-nothing\r\n\r\n'],
];

const TOKENS: readonly Row[] = [
  ['no Upgrade', swap('Upgrade')],
  ['Upgrade: h2c', swap('Upgrade', 'Upgrade: h2c')],
  ['no Connection', swap('Connection')],
  ['Connection: close', swap('Connection', 'Connection: close')],
];

const EXTENSION = 'Sec-WebSocket-Extensions: permessage-deflate';
const EXTRAS: readonly Row[] = [
  ['a subprotocol nobody asked for', add('Sec-WebSocket-Protocol: x-none')],
  ['an extension nobody offered', add('Sec-WebSocket-Extensions: x-none')],
  ['permessage-deflate twice', add(`${EXTENSION}, permessage-deflate`)],
  ['permessage-deflate with an unknown parameter', add(`${EXTENSION}; x_unknown=1`)],
  ['permessage-deflate with server_max_window_bits=16', add(`${EXTENSION}; server_max_window_bits=16`)],
  ['permessage-deflate with server_max_window_bits=7', add(`${EXTENSION}; server_max_window_bits=7`)],
  [
    'permessage-deflate with client_max_window_bits without a value',
    add(`${EXTENSION}; client_max_window_bits`),
  ],
  [
    'permessage-deflate with a parameter twice',
    add(`${EXTENSION}; server_no_context_takeover; server_no_context_takeover`),
  ],
  ['a Content-Length', add('Content-Length: 5')],
  ['a Transfer-Encoding', add('Transfer-Encoding: chunked')],
];

const GRAMMAR: readonly Row[] = [
  ['lines that end in LF alone', (lines) => `${lines.join('\n')}\n\n`],
  ['a folded line', add('X-Note: a\r\n b')],
  ['a space before a colon', add('X-Note : a')],
  ['NUL in a value', add('X-Note: a\0b')],
  ['a field without a colon', add('X-Note')],
  [
    'octets above 0x7f in the accept value',
    (lines, accept) => [...lines.slice(0, 3), `Sec-WebSocket-Accept: \u00e9${accept.slice(1)}`],
  ],
];

const SIZES: readonly Row[] = [
  ['a field of 64 KiB', add(`X-Note: ${'a'.repeat(65536)}`)],
  ['1000 fields', add(...Array.from({ length: 1000 }, (_, i) => `X-Note-${i}: a`))],
  ['a head of 1 MiB that does not end', (lines) => `${lines.join('\r\n')}\r\nX-Note: ${'a'.repeat(1 << 20)}`],
];

const octetsOf = (head: readonly string[] | string): Buffer =>
  Buffer.from(typeof head === 'string' ? head : `${head.join('\r\n')}\r\n\r\n`, 'latin1');

const TABLES = [ACCEPTED, ACCEPT, STATUS, TOKENS, EXTRAS, GRAMMAR, SIZES];

export const hostileAnswerCases: readonly Case[] = TABLES.flatMap((table, t) =>
  table.map(([what, change, chop], i) => {
    const accepts = table === ACCEPTED;
    const plot: AnswerPlot = {
      kind: 'answer',
      answer: (_, accept) => octetsOf(change(good(accept), accept)),
      accepts,
      ...(chop === undefined ? {} : { chop }),
    };
    const expectation = accepts
      ? 'The connection opens and a message comes back.'
      : 'The client fails the connection: it ends TCP and sends nothing more.';
    return define(`25.${t + 1}.${i + 1}`, [`Answered with ${what}.`, expectation], () => plot, {
      judges: 'client',
    });
  }),
);
