import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkOrigin, chooseSubprotocol, parseSubprotocols } from '../../../src/handshake/index.ts';
import { HandshakeError } from '../../../src/platform/workers/errors.ts';
import {
  acceptance,
  allowsOrigin,
  readRequest,
  type WorkersRequest,
} from '../../../src/platform/workers/request.ts';

const handshake = {
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

const request = (
  headers: Record<string, string> = {},
  url = 'https://example.com/a%20b?x=1&x=2',
): WorkersRequest => readRequest(new Request(url, { headers: { ...handshake, ...headers } }));

/** The refusal, or undefined. */
function refusalOf(attempt: () => unknown): { status: number } | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof HandshakeError) return error;
    throw error;
  }
}

describe('reading a request', () => {
  it('gives path, query, origin and subprotocols', () => {
    const read = request({ 'Sec-WebSocket-Protocol': 'b , a', Origin: 'https://example.com' });
    expect(read).toMatchObject({
      method: 'GET',
      url: 'https://example.com/a%20b?x=1&x=2',
      path: '/a%20b',
      origin: 'https://example.com',
      subprotocols: ['b', 'a'],
    });
    expect(read.query.getAll('x')).toEqual(['1', '2']);
    expect(request().origin).toBeUndefined();
  });

  it('accepts a request that never was on a wire: neither key nor version', () => {
    const inner = new Request('https://room/', { headers: { Upgrade: 'websocket' } });
    expect(readRequest(inner).path).toBe('/');
  });

  it('carries the refusal as a response', async () => {
    const refusal = refusalOf(() => readRequest(new Request('https://example.com/', { method: 'POST' })));
    if (!(refusal instanceof HandshakeError)) throw new Error('not refused');
    const response = refusal.response();
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET');
    expect(await response.text()).toBe(refusal.body);
    expect(refusal).toMatchObject({ code: 'ERR_WS_HANDSHAKE', name: 'HandshakeError' });
  });

  it('judges a subprotocol field as the Node side does', () => {
    const field = fc.string({
      unit: fc.constantFrom('a', 'B', '1', '-', ',', ',', ' ', '"', '/', '!'),
      maxLength: 12,
    });
    const property = fc.property(field, (text) => {
      const trimmed = text.trim();
      const expected = parseSubprotocols(trimmed);
      let actual: readonly string[] | undefined;
      const refusal = refusalOf(() => {
        actual = request({ 'Sec-WebSocket-Protocol': trimmed }).subprotocols;
      });
      expect(actual).toEqual(expected);
      expect(refusal?.status).toBe(expected === undefined ? 400 : undefined);
    });
    fc.assert(property, { seed: 20261125, numRuns: 1000 });
  });
});

describe('the origin policy', () => {
  const own = (origin: string, url?: string, headers: Record<string, string> = {}): boolean =>
    allowsOrigin(request({ ...headers, Origin: origin }, url));

  it('lets requests through that come from no page', () => {
    expect(allowsOrigin(request(), [])).toBe(true);
  });

  it('is by default: same host and port', () => {
    expect(own('https://example.com')).toBe(true);
    expect(own('https://EXAMPLE.com:443')).toBe(true);
    expect(own('https://example.com:444')).toBe(false);
    expect(own('https://example.com.evil.net')).toBe(false);
    expect(own('https://evil.net/example.com')).toBe(false);
    expect(own('null')).toBe(false);
    expect(own('')).toBe(false);
  });

  it('does not take a page in plain text for the same origin as an https URL', () => {
    expect(own('http://example.com')).toBe(false);
    expect(own('http://localhost:8787', 'http://localhost:8787/ws')).toBe(true);
  });

  it('does not take what is no origin for ours', () => {
    for (const origin of [
      '',
      'null',
      'example.com',
      '//example.com',
      'https:',
      'https://',
      'https://example.com@evil.example',
    ])
      expect(own(origin)).toBe(false);
  });

  it('goes by Host when the URL was rewritten for an object', () => {
    const rewritten = 'https://room/lobby';
    expect(own('http://localhost:8787', rewritten, { Host: 'localhost:8787' })).toBe(true);
    expect(own('https://room', rewritten, { Host: 'example.com' })).toBe(false);
  });

  it('may be everyone, a list, or a function', () => {
    const from = request({ Origin: 'https://app.example' });
    expect(allowsOrigin(from, '*')).toBe(true);
    expect(allowsOrigin(from, ['https://other.example', 'HTTPS://app.example:443'])).toBe(true);
    expect(allowsOrigin(from, ['http://app.example'])).toBe(false);
    expect(allowsOrigin(from, (origin) => origin.endsWith('.example'))).toBe(true);
    // A promise is truthy; forgotten to be waited for, it must not let everybody in.
    expect(Reflect.apply(allowsOrigin, undefined, [from, async () => true])).toBe(false);
    expect(allowsOrigin(request({ Origin: 'null' }), ['null'])).toBe(true);
    expect(allowsOrigin(request({ Origin: 'null' }), ['https://app.example', 'nonsense'])).toBe(false);
    expect(allowsOrigin(request({ Origin: 'chrome-extension://aaaa' }), ['chrome-extension://bbbb'])).toBe(
      false,
    );
  });

  it('judges well-formed origins as the Node side does', () => {
    const host = fc.constantFrom('example.com', 'EXAMPLE.com', 'a.example.com', 'localhost', '127.0.0.1');
    const port = fc.constantFrom('', ':80', ':443', ':8080');
    const origin = fc
      .tuple(fc.constantFrom('http', 'https'), host, port)
      .map(([scheme, name, number]) => `${scheme}://${name}${number}`);
    const property = fc.property(
      origin,
      host,
      port,
      fc.array(origin, { maxLength: 3 }),
      (from, name, number, list) => {
        const url = `http://${name}${number}/`;
        const read = request({ Origin: from, Host: `${name}${number}` }, url);
        expect(allowsOrigin(read)).toBe(checkOrigin(from, 'same', `${name}${number}`, false));
        expect(allowsOrigin(read, list)).toBe(checkOrigin(from, list, name, false));
      },
    );
    fc.assert(property, { seed: 20261125, numRuns: 1000 });
  });
});

describe('the 101 response', () => {
  const offering = request({ 'Sec-WebSocket-Protocol': 'v3, v2, v1' });

  it('has the client’s first subprotocol that is spoken here', () => {
    for (const supported of [['v1', 'v2'], ['v9'], []]) {
      const { subprotocol, headers } = acceptance(offering, { subprotocols: supported });
      expect(subprotocol).toBe(chooseSubprotocol(offering.subprotocols, supported));
      expect(headers.get('sec-websocket-protocol')).toBe(subprotocol ?? null);
    }
  });

  it('takes the choice of a function, if it was offered', () => {
    expect(acceptance(offering, { subprotocols: (offered) => offered.at(-1) }).subprotocol).toBe('v1');
    expect(() => acceptance(offering, { subprotocols: () => 'v9' })).toThrow(TypeError);
  });

  it('has further fields, but none of the handshake’s own and none that cannot be sent', () => {
    expect(acceptance(offering, { headers: { 'X-A': 'b' } }).headers.get('x-a')).toBe('b');
    expect(() => acceptance(offering, { headers: { 'Sec-WebSocket-Accept': 'x' } })).toThrow(TypeError);
    expect(() => acceptance(offering, { headers: { 'X-A': 'b\r\nX-C: d' } })).toThrow(TypeError);
  });
});
