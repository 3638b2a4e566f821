import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen, type Server, upgrade } from 'framewright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { headOf, openingLines, Wire } from './wire.ts';

/** Each way in gets each request in one chunk, byte by byte and cut at odd places. */
const cuts: readonly (readonly [string, (head: string) => string[]])[] = [
  ['one chunk', (head) => [head]],
  ['byte by byte', (head) => [...head]],
  ['odd cuts', (head) => head.match(/[\s\S]{1,17}/g) ?? []],
];

interface Row {
  readonly id: string;
  readonly lines: (base: string[]) => string[];
  /** Status on the raw server. */
  readonly raw: number;
  /** Status attached to node:http, where Node's own parser comes first and may have judged already. */
  readonly attached?: number;
  readonly head?: RegExp;
}

const replace =
  (name: string, ...values: string[]) =>
  (base: string[]) =>
    base.flatMap((line) =>
      line.toLowerCase().startsWith(`${name.toLowerCase()}:`) ? values.map((v) => `${name}: ${v}`) : [line],
    );
const add =
  (...lines: string[]) =>
  (base: string[]) => [...base, ...lines];
const requestLine = (line: string) => (base: string[]) => [line, ...base.slice(1)];

const rows: readonly Row[] = [
  { id: 'T-UPG missing', lines: replace('Upgrade'), raw: 426, attached: 0, head: /upgrade: websocket/i },
  { id: 'T-UPG other', lines: replace('Upgrade', 'h2c'), raw: 426, head: /upgrade: websocket/i },
  { id: 'T-UPG with a version', lines: replace('Upgrade', 'websocket/13'), raw: 426 },
  { id: 'T-UPG-LIST', lines: replace('Upgrade', 'h2c, WebSocket'), raw: 101 },
  { id: 'T-UPG-LIST two fields', lines: replace('Upgrade', 'h2c', 'websocket'), raw: 101 },
  { id: 'T-CONN list', lines: replace('Connection', 'keep-alive, Upgrade'), raw: 101 },
  { id: 'T-CONN two fields', lines: replace('Connection', 'keep-alive', 'upgrade'), raw: 101 },
  { id: 'T-KEY missing', lines: replace('Sec-WebSocket-Key'), raw: 400 },
  { id: 'T-KEY short', lines: replace('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25j'), raw: 400 },
  { id: 'T-KEY no base64', lines: replace('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub2*jZQ=='), raw: 400 },
  { id: 'T-KEY-DUP', lines: add('Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='), raw: 400 },
  { id: 'T-KEY-NC', lines: replace('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZR=='), raw: 101 },
  { id: 'T-HS-VER missing', lines: replace('Sec-WebSocket-Version'), raw: 400 },
  {
    id: 'T-HS-VER 8',
    lines: replace('Sec-WebSocket-Version', '8'),
    raw: 426,
    head: /sec-websocket-version: 13/i,
  },
  {
    id: 'T-HS-VER 013',
    lines: replace('Sec-WebSocket-Version', '013'),
    raw: 426,
    head: /sec-websocket-version: 13/i,
  },
  { id: 'T-HS-VER two', lines: add('Sec-WebSocket-Version: 13'), raw: 400 },
  { id: 'T-METHOD', lines: requestLine('POST /ws HTTP/1.1'), raw: 405, head: /allow: GET/i },
  { id: 'T-VER10', lines: requestLine('GET /ws HTTP/1.0'), raw: 505 },
  { id: 'T-HOST none', lines: replace('Host'), raw: 400 },
  { id: 'T-HOST two', lines: add('Host: localhost'), raw: 400 },
  { id: 'T-HOST bad', lines: replace('Host', 'local host'), raw: 400 },
  { id: 'T-BODY content-length', lines: add('Content-Length: 5'), raw: 400 },
  { id: 'T-BODY chunked', lines: add('Transfer-Encoding: chunked'), raw: 400 },
  { id: 'T-BODY empty', lines: add('Content-Length: 0'), raw: 101 },
  { id: 'T-SMUGGLE both', lines: add('Content-Length: 5', 'Transfer-Encoding: chunked'), raw: 400 },
  { id: 'T-PROTO twice', lines: add('Sec-WebSocket-Protocol: a, a'), raw: 400 },
  { id: 'T-PROTO grammar', lines: add('Sec-WebSocket-Protocol: a b'), raw: 400 },
  { id: 'T-PROTO empty', lines: add('Sec-WebSocket-Protocol: '), raw: 400 },
  { id: 'T-EXT grammar', lines: add('Sec-WebSocket-Extensions: a;;b'), raw: 400 },
  { id: 'T-ORIGIN foreign', lines: add('Origin: https://attacker.example'), raw: 403 },
  { id: 'T-ORIGIN same', lines: add('Origin: http://localhost'), raw: 101 },
  { id: 'T-TARGET fragment', lines: requestLine('GET /ws#f HTTP/1.1'), raw: 400 },
  { id: 'T-TARGET absolute', lines: requestLine('GET http://localhost/ws HTTP/1.1'), raw: 101 },
  { id: 'T-TARGET absolute elsewhere', lines: requestLine('GET http://other/ws HTTP/1.1'), raw: 400 },
  { id: 'T-NONASCII elsewhere', lines: add('X-Name: \xe9'), raw: 101 },
  { id: 'T-NONASCII in a protocol', lines: add('Sec-WebSocket-Protocol: \xe9'), raw: 400 },
  { id: 'T-FOLD', lines: add('X-A: b', ' c'), raw: 400 },
  { id: 'T-COLON', lines: add('X-A : b'), raw: 400 },
  { id: 'T-CTL', lines: add('X-A: \x01'), raw: 400 },
  {
    id: 'T-HS-COUNT',
    lines: (base) => [...base, ...Array.from({ length: 96 }, (_, i) => `X-${i}: 1`)],
    raw: 431,
    attached: 431,
  },
  { id: 'T-HS-URI', lines: requestLine(`GET /${'a'.repeat(8_200)} HTTP/1.1`), raw: 414, attached: 414 },
];

describe('opening handshake over a socket', () => {
  let raw: Server;
  let http: HttpServer;

  beforeAll(async () => {
    raw = await listen({ port: 0, host: '127.0.0.1' }, (context) =>
      context.upgrade(async (c) => void (await c.recv())),
    );
    http = createServer((_request, response) => response.end('page'));
    http.on(
      'upgrade',
      upgrade(async (c) => void (await c.recv())),
    );
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  });

  afterAll(async () => {
    Wire.destroyAll();
    await raw.close({ timeout: 100 });
    http.closeAllConnections();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  });

  for (const row of rows) {
    it(`${row.id} → ${row.raw}, raw server, however it is cut`, async () => {
      const head = headOf(row.lines(openingLines()));
      for (const [, cut] of cuts) {
        const wire = await Wire.open(raw.port);
        for (const piece of cut(head)) wire.write(piece);
        expect(await wire.status()).toBe(row.raw);
        if (row.head !== undefined) expect(await wire.head()).toMatch(row.head);
        if (row.raw !== 101) {
          expect(await wire.head()).toMatch(/connection: close/i);
          await wire.until((w) => w.ended, 'the end of a refused socket');
        }
        wire.destroy();
      }
    });

    if (row.attached === 0) continue;
    it(`${row.id} → ${row.attached ?? row.raw}, attached to node:http`, async () => {
      const wire = await Wire.open((http.address() as AddressInfo).port);
      wire.write(headOf(row.lines(openingLines())));
      const status = await wire.status();
      // Node's parser refuses malformed heads by itself, always with 400.
      expect([
        row.attached ?? row.raw,
        ...(status === 400 && row.raw >= 400 && !/T-HS-|T-VER|T-UPG|T-METHOD|T-ORIGIN/.test(row.id)
          ? [400]
          : []),
      ]).toContain(status);
      if (status !== 101) await wire.until((w) => w.ended, 'the end of a refused socket');
      wire.destroy();
    });
  }

  it('T-HS-SIZE: 16,384 bytes are taken, one more is 431', async () => {
    for (const [size, status] of [
      [16_383, 101],
      [16_384, 101],
      [16_385, 431],
    ] as const) {
      const bare = headOf([...openingLines(), 'X-Fill: ']);
      const head = headOf([...openingLines(), `X-Fill: ${'f'.repeat(size - bare.length)}`]);
      expect(head.length).toBe(size);
      for (const pieces of [[head], head.match(/[\s\S]{1,97}/g) ?? []]) {
        const wire = await Wire.open(raw.port);
        for (const piece of pieces) wire.write(piece);
        expect(await wire.status()).toBe(status);
        wire.destroy();
      }
    }
  });

  it('T-LF and T-CR: line ends are CRLF and nothing else', async () => {
    for (const head of [
      headOf(openingLines()).replaceAll('\r\n', '\n'),
      headOf(openingLines()).replace('\r\nUpgrade', '\rUpgrade'),
    ]) {
      const wire = await Wire.open(raw.port);
      wire.write(head);
      expect(await wire.status()).toBe(400);
      wire.destroy();
    }
  });

  it('T-LEADCRLF: one empty line before the request is skipped, two are not', async () => {
    for (const [lead, status] of [
      ['\r\n', 101],
      ['\r\n\r\n', 400],
    ] as const) {
      const wire = await Wire.open(raw.port);
      wire.write(lead + headOf(openingLines()));
      expect(await wire.status()).toBe(status);
      wire.destroy();
    }
  });

  it('T-REBIND: a loopback server has loopback names only', async () => {
    const wire = await Wire.open(raw.port);
    wire.write(headOf(openingLines('/ws', 'attacker.example')));
    expect(await wire.status()).toBe(403);
    wire.destroy();
  });

  it('accepts with the value of RFC 6455 §1.3', async () => {
    const wire = await Wire.open(raw.port);
    wire.write(headOf(openingLines()));
    expect(await wire.head()).toMatch(/sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i);
    wire.destroy();
  });

  it('T-PIPE: a second request behind a refused one gets no answer', async () => {
    for (const port of [raw.port, (http.address() as AddressInfo).port]) {
      const wire = await Wire.open(port);
      const refused = headOf(replace('Sec-WebSocket-Version', '8')(openingLines()));
      wire.write(`${refused}GET / HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      await wire.until((w) => w.ended, 'the end');
      expect(wire.received.toString('latin1').match(/HTTP\/1\.1 /g)).toHaveLength(1);
      wire.destroy();
    }
  });

  it('T-REJECT: a refused socket is destroyed though the peer keeps it open', async () => {
    const wire = await Wire.open(raw.port);
    wire.write(headOf(replace('Upgrade', 'h2c')(openingLines())));
    await wire.until((w) => w.ended, 'FIN');
    // The peer does not end its side: ours is gone all the same within the grace of a second.
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    wire.write('x');
    await new Promise((resolve) => setTimeout(resolve, 50));
    wire.write('y');
    await wire.until((w) => w.closed, 'the reset');
  });
});
