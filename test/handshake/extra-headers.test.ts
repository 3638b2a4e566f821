import { describe, expect, it } from 'vitest';
import { checkExtraHeaders, checkRefusalHeaders } from '../../src/handshake/index.ts';

const BOTH = [
  'Connection',
  'UPGRADE',
  'content-length',
  'Transfer-Encoding',
  'Trailer',
  'TE',
  'Keep-Alive',
  'Proxy-Connection',
  'Sec-WebSocket-Key',
  'sec-websocket-anything',
];

describe('T-CRLF: names and values', () => {
  it.each(['', 'a b', 'a:', 'a\r\nb', '\u00e9', 'a\0'])('%j is no name', (name) => {
    expect(() => checkExtraHeaders([[name, 'x']], 'request')).toThrow(TypeError);
    expect(() => checkRefusalHeaders([[name, 'x']])).toThrow(TypeError);
  });

  it.each(['a\r\nX: y', 'a\n', '\r', 'a\0', '\x7f', '\x1b', '\u0100', '\u20ac'])(
    '%j is no value',
    (value) => {
      expect(() => checkExtraHeaders([['X-Name', value]], 'response')).toThrow(/X-Name/);
      expect(() => checkRefusalHeaders([['X-Name', value]])).toThrow(/X-Name/);
    },
  );

  it('texts from code without types are checked as well', () => {
    const headers: [string, string][] = JSON.parse('[["X-Name", 1]]');
    expect(() => checkExtraHeaders(headers, 'request')).toThrow(/X-Name/);
    const names: [string, string][] = JSON.parse('[[null, "x"]]');
    expect(() => checkExtraHeaders(names, 'request')).toThrow(TypeError);
  });

  it('latin-1, tabs and empty values are fine, from any iterable', () => {
    const headers = new Map([
      ['X-A', 'caf\u00e9\t\u00ff'],
      ['constructor', ''],
    ]);
    expect(() => checkExtraHeaders(headers, 'request')).not.toThrow();
    expect(() => checkExtraHeaders(headers.entries(), 'response')).not.toThrow();
  });
});

describe('T-CRLF-2: reserved names', () => {
  it.each(BOTH)('%s belongs to the handshake on both sides', (name) => {
    expect(() => checkExtraHeaders([[name, 'x']], 'request')).toThrow(name);
    expect(() => checkExtraHeaders([[name, 'x']], 'response')).toThrow(name);
  });

  it('Host and Expect are reserved in a request only', () => {
    for (const name of ['Host', 'expect']) {
      expect(() => checkExtraHeaders([[name, 'x']], 'request')).toThrow(name);
      expect(() => checkExtraHeaders([[name, 'x']], 'response')).not.toThrow();
    }
  });

  it('a refusal may say what it would upgrade to, but not how it is framed', () => {
    expect(() =>
      checkRefusalHeaders([
        ['Upgrade', 'websocket'],
        ['Sec-WebSocket-Version', '13'],
      ]),
    ).not.toThrow();
    for (const name of ['Connection', 'Content-Length', 'TRANSFER-ENCODING']) {
      expect(() => checkRefusalHeaders([[name, '0']])).toThrow(name);
    }
  });
});
