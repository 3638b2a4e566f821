/**
 * Makes heads of HTTP/1.1 messages that are mostly right (RFC 9112 §3, §4, §5).
 *
 * The rule of this file: a head is put together of pieces that are each right or wrong in one known way, then sometimes
 * damaged at a byte, cut off, or followed by bytes of the next protocol.
 */
import type { Random } from '../random.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const lines = [
  'Host: example.com',
  'Host: [::1]:80',
  'Upgrade: websocket',
  'Upgrade: WebSocket, h2c',
  'Connection: keep-alive, Upgrade',
  'Connection:upgrade',
  `Sec-WebSocket-Key: ${key}`,
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Version: 8, 13',
  'Sec-WebSocket-Protocol: chat, superchat',
  'Sec-WebSocket-Protocol: chat',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  'Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits',
  'Sec-WebSocket-Extensions: permessage-deflate',
  'Sec-WebSocket-Extensions: a;b="c\\d", e',
  'Origin: http://example.com',
  'Cookie: a=b; c=d',
  'Content-Length: 0',
  'Transfer-Encoding: chunked',
  'X: \t padded \t ',
  'Empty:',
  'Latin: \xe9\xff',
  'Long: abcdefghijklmnopqrstuvwxyz0123456789',
  'Bad name: x',
  'Bad\x00: x',
  'Bad: a\x01b',
  ': nameless',
  'no colon',
  ' folded',
  'Before : colon',
] as const;
const goodLines = lines.slice(0, 23);
const requestLines = [
  'GET / HTTP/1.1',
  'GET /chat?x=%20 HTTP/1.1',
  'GET http://example.com/ HTTP/1.1',
  'POST * HTTP/1.1',
  'GET / HTTP/1.0',
  'GET  / HTTP/1.1',
  'GET / HTTP/2',
  'get /\xe9 HTTP/1.1',
  '\r\nGET / HTTP/1.1',
] as const;
const statusLines = [
  'HTTP/1.1 101 Switching Protocols',
  'HTTP/1.1 101 ',
  'HTTP/1.1 101',
  'HTTP/1.1 404 Not Found',
  'HTTP/1.0 200 OK',
  'HTTP/1.1 99 x',
  'HTTP/1.1  101 x',
  'HTTP/11 101 x',
  'HTTP/1.1 101 \xe9\t',
] as const;
const openings = { request: requestLines, response: statusLines } as const;
/** What a client and a server send when all is well. */
const complete = { request: [0, 2, 4, 6, 7], response: [2, 4, 11] } as const;
const lineEnds = ['\n', '\r', '\r\r\n', ''] as const;

/** Makes a head, as Latin-1 bytes. */
export function generateHead(random: Random, kind: 'request' | 'response'): Uint8Array {
  const list: string[] = complete[kind].flatMap((index) => (random.once(24) ? [] : [lines[index] ?? '']));
  for (let count = random.below(5); count > 0; count -= 1) {
    const line = random.once(10) ? random.pick(lines) : random.pick(goodLines);
    list.splice(random.below(list.length + 1), 0, line);
  }
  if (random.once(128)) list.push(`Many: ${'x'.repeat(random.below(400))}`);
  const end = (): string => (random.once(96) ? random.pick(lineEnds) : '\r\n');
  const first = random.once(3) ? random.pick(openings[kind]) : openings[kind][0];
  const head = `${[first, ...list].map((line) => line + end()).join('')}${end()}`;
  const bytes = Buffer.from(random.once(3) ? `${head}\x82\x00GET / HTTP/1.1\r\n` : head, 'latin1');
  if (random.once(8)) bytes[random.below(bytes.length)] = random.bits();
  return random.once(6) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}
