import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UnsupportedError } from '../../../src/platform/lambda/errors.ts';
import { readEvent, readHeaders, readList, readQuery } from '../../../src/platform/lambda/event.ts';
import type { GatewayEvent } from '../../../src/platform/lambda/gateway.ts';
import { connectEvent, disconnectEvent, messageEvent } from './gateway-events.ts';
import { connection } from './invocation.ts';

const none = () => undefined;
const read = (event: GatewayEvent) => readEvent(event, none);

describe('CONNECT', () => {
  it('has the headers in lower case, the query, the origin and the offered subprotocols', () => {
    const headers = [
      'Origin',
      'https://app.example',
      'SEC-WebSocket-Protocol',
      'v2, v1',
      'Sec-WebSocket-Protocol',
      'v0',
    ];
    const event = read(connectEvent(connection, headers, new URLSearchParams('room=a b&tag=1&tag=2')));
    if (event.type !== 'CONNECT') throw new Error(event.type);
    expect(event.headers).toMatchObject({ origin: 'https://app.example' });
    expect(event.origin).toBe('https://app.example');
    expect(event.query.get('room')).toBe('a b');
    expect(event.query.getAll('tag')).toEqual(['1', '2']);
    expect(event.subprotocols).toEqual(['v2', 'v1', 'v0']);
    expect(event.routeKey).toBe('$connect');
  });

  it('bears an event without headers and query', () => {
    const event = read({ ...connectEvent(connection), headers: null, multiValueHeaders: undefined });
    expect(event).toMatchObject({ type: 'CONNECT', origin: undefined, subprotocols: [] });
  });

  it('never takes a header for a property of every object', () => {
    const event = connectEvent(connection, ['__proto__', 'x', 'constructor', 'y']);
    const headers = readHeaders(event);
    expect(Object.entries(headers)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
    expect('toString' in headers).toBe(false);
  });
});

describe('MESSAGE', () => {
  it('is text as it was sent', () => {
    expect(read(messageEvent(connection, '{"action":"x"}', 'x'))).toMatchObject({
      type: 'MESSAGE',
      routeKey: 'x',
      message: '{"action":"x"}',
    });
  });

  it('is the empty text when the event has no body', () => {
    const { body: _, ...bare } = messageEvent(connection, '');
    expect(read(bare)).toMatchObject({ message: '' });
    expect(read({ ...bare, body: null })).toMatchObject({ message: '' });
  });

  it('is bytes when API Gateway has converted it', () => {
    const bytes = Uint8Array.of(0, 1, 254, 255);
    const body = Buffer.from(bytes).toString('base64');
    const event = read({ ...messageEvent(connection, body), isBase64Encoded: true });
    if (event.type !== 'MESSAGE' || typeof event.message === 'string') throw new Error('no bytes');
    expect([...event.message]).toEqual([0, 1, 254, 255]);
  });
});

describe('DISCONNECT', () => {
  it('has code and reason', () => {
    expect(read(disconnectEvent(connection, 1001, 'Going away'))).toMatchObject({
      type: 'DISCONNECT',
      code: 1001,
      reason: 'Going away',
    });
  });

  it('has 1005 and no reason when API Gateway tells nothing', () => {
    const {
      disconnectStatusCode: _,
      disconnectReason: __,
      ...requestContext
    } = disconnectEvent(connection, 1000, '').requestContext;
    expect(read({ requestContext })).toMatchObject({ code: 1005, reason: '' });
  });
});

describe('other events', () => {
  it('are refused: another trigger, another kind, a connection id outside of the request context', () => {
    const rest = JSON.parse('{"httpMethod":"GET","requestContext":{"stage":"prod"}}');
    expect(() => read(rest)).toThrow(UnsupportedError);
    expect(() => read(JSON.parse('null'))).toThrow(UnsupportedError);
    const { connectionId, ...requestContext } = messageEvent(connection, '').requestContext;
    const forged = JSON.parse(JSON.stringify({ connectionId, headers: { connectionId }, requestContext }));
    expect(() => read(forged)).toThrow(UnsupportedError);
    const odd = JSON.parse(JSON.stringify(messageEvent(connection, '')).replace('MESSAGE', 'PING'));
    expect(() => read(odd)).toThrow(/PING/);
  });
});

describe('readList', () => {
  it('gives back what was joined, whatever the white space', () => {
    const item = fc.stringMatching(/^[a-z0-9.-]{1,12}$/);
    const blank = fc.constantFrom('', ' ', '\t', '  ');
    const property = fc.property(fc.uniqueArray(item), blank, blank, (items, before, after) => {
      expect(readList(items.map((one) => `${before}${one}${after}`).join(','))).toEqual(items);
    });
    fc.assert(property, { seed: 20261125, numRuns: 300 });
  });

  it('leaves out empty items and repetitions', () => {
    expect(readList(',a,,b, a')).toEqual(['a', 'b']);
    expect(readList(undefined)).toEqual([]);
  });
});

describe('readQuery', () => {
  it('keeps every value, in order, as it was', () => {
    const entries = fc.array(
      fc.tuple(fc.string({ minLength: 1, maxLength: 8 }), fc.string({ maxLength: 8 })),
    );
    const property = fc.property(entries, (pairs) => {
      const query = new URLSearchParams(pairs);
      const again = readQuery(connectEvent(connection, [], query));
      for (const name of query.keys()) expect(again.getAll(name)).toEqual(query.getAll(name));
      expect(again.size).toBe(query.size);
    });
    fc.assert(property, { seed: 20261125, numRuns: 300 });
  });

  it('reads the single-value form when it is the only one', () => {
    const event = { ...connectEvent(connection), queryStringParameters: { a: '1', b: undefined } };
    expect(readQuery(event).toString()).toBe('a=1');
  });
});
