import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen, type OpeningFacts, type SessionHandler, upgrade } from 'framewright';
import { afterEach, describe, expect, it } from 'vitest';
import { headOf, openingLines, Wire } from './wire.ts';

const closing: (() => unknown)[] = [];

afterEach(async () => {
  Wire.destroyAll();
  await Promise.all(closing.splice(0).map((close) => close()));
});

const factsOf = (request: OpeningFacts) => ({
  method: request.method,
  url: request.url,
  path: request.path,
  query: [...request.query],
  origin: request.origin,
  subprotocols: request.subprotocols,
  extensions: request.extensions,
  headers: [...request.headers],
});

const lines = [
  ...openingLines('/a?b=c', '127.0.0.1'),
  'Origin: http://127.0.0.1',
  'Sec-WebSocket-Protocol: v2, v1',
  'Sec-WebSocket-Extensions: x; y=1',
  'X-Note: one',
  'X-Note: two',
];

/** What a request says while it is answered, and what it says when its connection is open. */
async function bothTimes(
  serve: (session: SessionHandler, seen: (request: OpeningFacts) => void) => Promise<number>,
  text: string,
): Promise<unknown[]> {
  const seen: unknown[] = [];
  const port = await serve(
    async (connection) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(factsOf(connection.request));
      await connection.send('.');
    },
    (request) => seen.push(factsOf(request)),
  );
  const wire = await Wire.open(port);
  wire.write(text);
  await wire.until((w) => w.body.length >= 3 && w.received.includes('101'), 'the message');
  return seen;
}

const raw = async (session: SessionHandler, seen: (request: OpeningFacts) => void): Promise<number> => {
  const server = await listen({ port: 0, host: '127.0.0.1' }, (context) => {
    seen(context.request);
    return context.upgrade(session);
  });
  closing.push(() => server.close({ timeout: 50 }));
  return server.port;
};

const attached = async (session: SessionHandler, seen: (request: OpeningFacts) => void): Promise<number> => {
  const http = createServer();
  http.on(
    'upgrade',
    upgrade({
      '/a': (context) => {
        seen(context.request);
        return context.upgrade(session);
      },
    }),
  );
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  closing.push(() => http.close());
  return (http.address() as AddressInfo).port;
};

const expected = {
  method: 'GET',
  url: 'ws://127.0.0.1/a?b=c',
  path: '/a',
  query: [['b', 'c']],
  origin: 'http://127.0.0.1',
  subprotocols: ['v2', 'v1'],
  extensions: [{ name: 'x', parameters: [['y', '1']] }],
  headers: expect.arrayContaining([
    ['host', '127.0.0.1'],
    ['x-note', 'one, two'],
  ]),
};

describe('the request of a connection', () => {
  it.each([
    ['read in one piece', raw, headOf(lines)],
    ['read by the parser, because a line precedes it', raw, `\r\n${headOf(lines)}`],
    ['read by node:http', attached, headOf(lines)],
  ])('says the same before and after it was answered: %s', async (_, serve, text) => {
    expect(await bothTimes(serve, text)).toEqual([expected, expected]);
  });
});
