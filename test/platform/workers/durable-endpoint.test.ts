/** What the runtime does not do on demand; the rest of the endpoint is proven on it, by durable.test.ts. */
import { describe, expect, it } from 'vitest';
import { DurableEndpoint, type DurableHandlers } from '../../../src/platform/workers/durable-endpoint.ts';
import { ConfigError } from '../../../src/platform/workers/errors.ts';
import { FakeHost, FakeSocket } from './support/fakes.ts';

/** An endpoint with one connected socket, and what its handlers were told. */
function setUp(handlers: Partial<DurableHandlers<string>> = {}) {
  const told: unknown[] = [];
  const socket = new FakeSocket();
  const endpoint = new DurableEndpoint<string>(new FakeHost(), undefined, {
    accept: () => {
      told.push('accept');
      return new Response('asked', { status: 418 });
    },
    message: (_socket, message, session) => void told.push(`${session}: ${String(message)}`),
    close: (_socket, { code, by }, session) => void told.push([session, code, by]),
    error: (error, where) => void told.push(`${error}${where === socket ? '' : ' elsewhere'}`),
    ...handlers,
  });
  endpoint.sessions.insert(socket, 'ann');
  return { endpoint, socket, told };
}

const opening = (origin: string): Request =>
  new Request('https://example.com/room', {
    headers: {
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
      Host: 'example.com',
      Origin: origin,
    },
  });

describe('the end of a connection', () => {
  it('is told once when the runtime reports an error and a close', async () => {
    const { endpoint, socket, told } = setUp();
    await endpoint.webSocketError(socket, new Error('Network connection lost.'));
    await endpoint.webSocketClose(socket, 1006, '', false);
    expect(told).toEqual([['ann', 1006, 'transport']]);
    expect(endpoint.sessions.size).toBe(0);
  });

  it('is told once when both come while a message is still handled', async () => {
    const told: string[] = [];
    let finish = (): void => {};
    const { endpoint, socket } = setUp({
      message: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
      close: () => void told.push('close'),
    });
    const handled = endpoint.webSocketMessage(socket, 'slow');
    const ends = [
      endpoint.webSocketClose(socket, 1001, '', true),
      endpoint.webSocketError(socket, new Error('late')),
    ];
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told).toEqual([]);
    finish();
    await Promise.all([handled, ...ends]);
    expect(told).toEqual(['close']);
  });

  it('comes after the messages before it, and none after it is handled', async () => {
    const { endpoint, socket, told } = setUp();
    socket.readyState = 2;
    const events = [
      endpoint.webSocketMessage(socket, 'last'),
      endpoint.webSocketClose(socket, 4000, 'bye', true),
    ];
    await Promise.all(events);
    await endpoint.webSocketMessage(socket, 'too late');
    expect(told).toEqual(['ann: last', ['ann', 4000, 'peer']]);
    expect(socket.closed).toEqual([4000, 'bye']);
  });

  it('is answered for a socket without a session as well', async () => {
    const { endpoint, socket, told } = setUp();
    endpoint.sessions.delete(socket);
    socket.readyState = 2;
    await endpoint.webSocketClose(socket, 1005, '', true);
    expect([told, socket.closed]).toEqual([[], []]);
  });
});

describe('a fault', () => {
  it('of a message handler closes its socket, and the next message waits for no one', async () => {
    const { endpoint, socket, told } = setUp({
      message: () => {
        throw new Error('boom');
      },
    });
    await endpoint.webSocketMessage(socket, 'x');
    expect([told, socket.closed]).toEqual([['Error: boom'], [1011, 'internal error']]);
  });

  it('of the error handler does not stop the messages behind it', async () => {
    const seen: unknown[] = [];
    const { endpoint, socket } = setUp({
      message: (_socket, message) => {
        seen.push(message);
        throw new Error('boom');
      },
      error: () => {
        throw new Error('the reporter is broken');
      },
    });
    const results = await Promise.allSettled([
      endpoint.webSocketMessage(socket, '1'),
      endpoint.webSocketMessage(socket, '2'),
    ]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(seen).toEqual(['1', '2']);
  });
});

describe('a handshake', () => {
  it('of a foreign page is refused before accept runs', async () => {
    const { endpoint, told } = setUp();
    expect((await endpoint.fetch(opening('https://evil.example'))).status).toBe(403);
    expect(told).toEqual([]);
    expect((await endpoint.fetch(opening('https://example.com'))).status).toBe(418);
    expect(told).toEqual(['accept']);
  });

  it('without a session is an error, and no connection', async () => {
    const { endpoint } = setUp({ accept: () => Reflect.get({}, 'forgotten') });
    await expect(endpoint.fetch(opening('https://example.com'))).rejects.toThrow(TypeError);
  });

  it('is configured when the object is made', () => {
    const make = (config: object) => () =>
      Reflect.construct(DurableEndpoint, [new FakeHost(), undefined, {}, config]);
    expect(make({ pingInterval: 1000 })).toThrow(ConfigError);
    expect(make({ origins: 'https://example.com' })).toThrow(ConfigError);
    expect(make({ subprotocols: ['v1'], origins: '*' })).not.toThrow();
  });
});
