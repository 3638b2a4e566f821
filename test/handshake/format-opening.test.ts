import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  checkOpeningRequest,
  checkOpeningResponse,
  formatOpeningRequest,
  formatOpeningResponse,
  type OpeningRequestParts,
  RequestHeadParser,
  ResponseHeadParser,
} from '../../src/handshake/index.ts';
import { latin1Bytes } from './feed.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const PARTS: OpeningRequestParts = { host: 'example.com', target: '/', key: KEY };

describe('the request of a client', () => {
  it('has the five fields that it must have', () => {
    expect(formatOpeningRequest(PARTS)).toBe(
      'GET / HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  });

  it('has what the application asks for behind them', () => {
    const text = formatOpeningRequest({
      host: '[::1]:4040',
      target: '//chat?x=1',
      key: KEY,
      origin: 'http://a.example',
      subprotocols: ['v2', 'v1'],
      extensions: [
        { name: 'a', parameters: [['b', '1']] },
        { name: 'c', parameters: [['d', undefined]] },
      ],
      headers: new Map([['X-Name', '\u00e9']]),
    });
    expect(text.split('\r\n').slice(6)).toEqual([
      'Origin: http://a.example',
      'Sec-WebSocket-Protocol: v2, v1',
      'Sec-WebSocket-Extensions: a; b=1, c; d',
      'X-Name: \u00e9',
      '',
      '',
    ]);
    expect(text.startsWith('GET //chat?x=1 HTTP/1.1\r\nHost: [::1]:4040\r\n')).toBe(true);
  });

  it.each<[string, Partial<OpeningRequestParts>]>([
    ['host', { host: 'a\r\nX: y' }],
    ['host with userinfo', { host: 'u@a' }],
    ['host beyond ASCII', { host: '\u212a' }],
    ['empty host', { host: '' }],
    ['target', { target: '/ HTTP/1.1\r\nX: y' }],
    ['target beyond ASCII', { target: '/\u00e9' }],
    ['target with a fragment', { target: '/#f' }],
    ['target without a slash', { target: 'chat' }],
    ['key', { key: `${KEY}\r\nX: y` }],
    ['short key', { key: 'AA==' }],
    ['origin', { origin: 'http://a\r\nX: y' }],
    ['origin beyond latin-1', { origin: '\u20ac' }],
    ['subprotocol', { subprotocols: ['a\r\nX: y'] }],
    ['empty subprotocol', { subprotocols: [''] }],
    ['subprotocol twice', { subprotocols: ['a', 'b', 'a'] }],
    ['extension', { extensions: [{ name: 'a\r\nX: y', parameters: [] }] }],
    ['header value', { headers: [['X', 'a\r\nY: z']] }],
    ['reserved header', { headers: [['sec-websocket-key', KEY]] }],
    ['Host header', { headers: [['HOST', 'evil.example']] }],
    ['origin twice', { origin: 'http://a', headers: [['origin', 'http://b']] }],
  ])('T-CRLF: a bad %s is a TypeError', (_part, change) => {
    expect(() => formatOpeningRequest({ ...PARTS, ...change })).toThrow(TypeError);
  });

  it('takes Origin from the headers when that is the only one', () => {
    expect(formatOpeningRequest({ ...PARTS, headers: [['Origin', 'http://b']] })).toContain(
      '\r\nOrigin: http://b\r\n',
    );
    expect(formatOpeningRequest({ ...PARTS, origin: 'http://b', headers: [['X', 'y']] })).toContain(
      '\r\nX: y\r\n',
    );
  });
});

describe('the 101 of a server', () => {
  it('has three fields, and what was settled on', () => {
    expect(formatOpeningResponse({ accept: ACCEPT })).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
    );
    const text = formatOpeningResponse({
      accept: ACCEPT,
      subprotocol: 'v1',
      extensions: [{ name: 'a', parameters: [] }],
      headers: [['Set-Cookie', 'p=1']].map(([name = '', value = '']) => [name, value] as const),
    });
    expect(text.split('\r\n').slice(4)).toEqual([
      'Sec-WebSocket-Protocol: v1',
      'Sec-WebSocket-Extensions: a',
      'Set-Cookie: p=1',
      '',
      '',
    ]);
  });

  it.each([
    ['accept value', { accept: 'x\r\ny' }],
    ['subprotocol', { accept: ACCEPT, subprotocol: 'a\r\nX: y' }],
    ['empty subprotocol', { accept: ACCEPT, subprotocol: '' }],
    ['extension', { accept: ACCEPT, extensions: [{ name: '', parameters: [] }] }],
    ['header', { accept: ACCEPT, headers: new Map([['X', '\n']]) }],
    ['reserved header', { accept: ACCEPT, headers: new Map([['connection', 'close']]) }],
  ])('T-CRLF: a bad %s is a TypeError', (_part, parts) => {
    expect(() => formatOpeningResponse(parts)).toThrow(TypeError);
  });
});

describe('what one side writes the other side reads', () => {
  const token = fc.stringMatching(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,8}$/);
  const text = fc.stringMatching(
    /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,9}[\x21-\x7e\x80-\xff])?)?$/,
  );
  const parts = fc.record({
    target: fc.stringMatching(/^\/[\x21\x22\x24-\x7e]{0,20}$/),
    origin: fc.option(text, { nil: undefined }),
    subprotocols: fc.uniqueArray(token, { maxLength: 4 }),
    extensions: fc.array(
      fc.record({
        name: token,
        parameters: fc.array(fc.tuple(token, fc.option(token, { nil: undefined })), { maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
    headers: fc.uniqueArray(
      fc.tuple(
        token.map((name) => `x-${name.toLowerCase()}`),
        text,
      ),
      {
        maxLength: 4,
        selector: ([name]) => name,
      },
    ),
  });
  const settings = { seed: 20261125, numRuns: 500 };

  it('as a request', () => {
    fc.assert(
      fc.property(parts, (sent) => {
        const written = formatOpeningRequest({ ...PARTS, ...sent });
        const progress = new RequestHeadParser().push(latin1Bytes(written));
        if (progress.state !== 'done') throw new Error(progress.state);
        const outcome = checkOpeningRequest(progress.head);
        if (!outcome.ok) throw new Error(outcome.refusal.message);
        const { target, origin, subprotocols, extensions, headers } = outcome.request;
        expect({ target, origin, subprotocols, extensions }).toEqual({
          target: sent.target,
          origin: sent.origin,
          subprotocols: sent.subprotocols,
          extensions: sent.extensions,
        });
        for (const [name, value] of sent.headers) expect(headers.get(name)).toBe(value);
      }),
      settings,
    );
  });

  it('as a response', () => {
    fc.assert(
      fc.property(parts, (sent) => {
        const [subprotocol] = sent.subprotocols;
        const extensions = sent.extensions.slice(0, 1);
        const written = formatOpeningResponse({
          accept: ACCEPT,
          subprotocol,
          extensions,
          headers: sent.headers,
        });
        const progress = new ResponseHeadParser().push(latin1Bytes(written));
        if (progress.state !== 'done') throw new Error(progress.state);
        const outcome = checkOpeningResponse(progress.head, {
          accept: ACCEPT,
          subprotocols: sent.subprotocols,
          offeredExtensions: sent.extensions,
        });
        if (!outcome.ok) throw new Error(outcome.failure.message);
        expect(outcome.response).toMatchObject({ subprotocol, extensions });
        for (const [name, value] of sent.headers) expect(outcome.response.headers.get(name)).toBe(value);
      }),
      settings,
    );
  });
});
