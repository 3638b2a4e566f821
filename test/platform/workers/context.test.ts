import { describe, expect, it } from 'vitest';
import type { Stub } from '../../../src/platform/workers/index.ts';
import {
  ConfigError,
  handshake,
  upgradeWith,
  WebSocketContext,
} from '../../../src/platform/workers/index.ts';

const headers = {
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
  Host: 'example.com',
};

const opening = (more: Record<string, string> = {}): Request =>
  new Request('https://example.com/room?x=1', { headers: { ...headers, ...more } });

const ctx = { waitUntil(): void {} };

/** A Durable Object that answers, and keeps what it was asked. */
function stubOf(): Stub & { readonly requests: Request[] } {
  const requests: Request[] = [];
  return {
    requests,
    async fetch(request) {
      requests.push(request);
      return new Response('from the object', { status: 418, headers: { 'X-Room': 'tea' } });
    },
  };
}

describe('a context', () => {
  it('has the request and the environment', () => {
    const context = WebSocketContext.from(opening(), { env: { NAME: 'n' }, ctx });
    expect(context.env.NAME).toBe('n');
    expect(context.request.path).toBe('/room');
  });

  it('refuses with status, body and headers', async () => {
    const response = WebSocketContext.from(opening()).reject(401, 'who are you', {
      'WWW-Authenticate': 'Basic',
    });
    expect([response.status, await response.text()]).toEqual([401, 'who are you']);
    expect(response.headers.get('www-authenticate')).toBe('Basic');
    expect(() => WebSocketContext.from(opening()).reject(99)).toThrow(RangeError);
  });

  it('refuses a wrong option before a socket exists', () => {
    const context = WebSocketContext.from(opening());
    expect(() => context.upgradeWith({ closeTimeout: -1 }, () => {})).toThrow(ConfigError);
    expect(() => context.upgrade_with({ maxQueueSize: -1 }, () => {})).toThrow(ConfigError);
    expect(() => upgradeWith({ maxQueueSize: -1 }, () => {})).toThrow(ConfigError);
  });
});

describe('passing a request on', () => {
  it('passes the original, and gives the whole response back', async () => {
    for (const name of ['upgradeDurable', 'upgrade_durable'] as const) {
      const [request, stub] = [opening(), stubOf()];
      const response = await WebSocketContext.from(request)[name](stub);
      expect(stub.requests).toEqual([request]);
      expect([response.status, response.headers.get('x-room')]).toEqual([418, 'tea']);
    }
  });

  it('passes another in its place', async () => {
    for (const name of ['upgradeDurableWith', 'upgrade_durable_with'] as const) {
      const [request, stub] = [opening(), stubOf()];
      const other = new Request('https://room/lobby', request);
      await WebSocketContext.from(request)[name](other, stub);
      expect(stub.requests).toEqual([other]);
    }
  });

  it('does not let a foreign origin near the object, unless the policy does', async () => {
    const stub = stubOf();
    const foreign = opening({ Origin: 'https://evil.example' });
    expect((await WebSocketContext.from(foreign).upgradeDurable(stub)).status).toBe(403);
    expect(stub.requests).toEqual([]);
    const origins = ['https://evil.example'];
    expect((await WebSocketContext.from(foreign).upgradeDurable(stub, { origins })).status).toBe(418);
  });
});

describe('handlers as fetch', () => {
  const decide = handshake<undefined>((context) => context.reject(403, context.request.path));

  it('decide about handshakes only', async () => {
    expect(await (await decide(opening(), undefined, ctx)).text()).toBe('/room');
    const plain = await decide(new Request('https://example.com/'), undefined, ctx);
    expect([plain.status, plain.headers.get('sec-websocket-version')]).toEqual([426, '13']);
  });

  it('let errors of the application through', async () => {
    const broken = handshake<undefined>(() => {
      throw new SyntaxError('mine');
    });
    await expect(broken(opening(), undefined, ctx)).rejects.toThrow(SyntaxError);
  });
});
