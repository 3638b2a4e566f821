import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  formatRefusal,
  isRefusalStatus,
  openingRefusals,
  ResponseHeadParser,
  reasonPhrase,
  reasonPhrases,
} from '../../src/handshake/index.ts';

/** Reads the bytes as a client does. */
function read(bytes: Uint8Array) {
  const progress = new ResponseHeadParser().push(bytes);
  if (progress.state !== 'done') throw new Error(`unreadable: ${progress.state}`);
  return {
    ...progress.head,
    body: new TextDecoder().decode(bytes.subarray(progress.end)),
    bytes: bytes.length - progress.end,
  };
}

describe('a refusal on the wire', () => {
  it('T-REJECT: ends the connection, and says so', () => {
    const text = new TextDecoder().decode(formatRefusal(openingRefusals.method));
    expect(text).toBe(
      'HTTP/1.1 405 Method Not Allowed\r\nConnection: close\r\nContent-Length: 27\r\n' +
        'Content-Type: text/plain; charset=utf-8\r\nAllow: GET\r\n\r\nOnly GET opens a WebSocket.',
    );
  });

  it('counts the bytes of its body, not the characters', () => {
    const { body, bytes, rawHeaders } = read(
      formatRefusal({ status: 403, message: 'nein \u00fc \u{1f600}' }),
    );
    expect(body).toBe('nein \u00fc \u{1f600}');
    expect(bytes).toBe(12);
    expect(rawHeaders.slice(2, 4)).toEqual(['Content-Length', '12']);
  });

  it('has the reason phrase as its body when there is no message', () => {
    expect(read(formatRefusal({ status: 503 }))).toMatchObject({
      statusText: 'Service Unavailable',
      body: 'Service Unavailable',
    });
    expect(read(formatRefusal({ status: 404, message: '' })).bytes).toBe(0);
  });

  it('takes fields of the application as latin-1, and its content type instead of ours', () => {
    const { rawHeaders } = read(
      formatRefusal({
        status: 401,
        headers: new Map([
          ['content-TYPE', 'text/html'],
          ['X-Name', '\u00e9'],
        ]),
      }),
    );
    expect(rawHeaders).toEqual([
      'Connection',
      'close',
      'Content-Length',
      '12',
      'content-TYPE',
      'text/html',
      'X-Name',
      '\u00e9',
    ]);
  });

  it.each([0, 100, 101, 199, 204, 205, 304, 600, 403.5, Number.NaN])(
    'is not possible with status %d',
    (status) => {
      expect(isRefusalStatus(status)).toBe(false);
      expect(() => formatRefusal({ status })).toThrow(RangeError);
    },
  );

  it('is not possible with headers that split or frame the message', () => {
    expect(() => formatRefusal({ status: 400, headers: [['X', 'a\r\nb']] })).toThrow(TypeError);
    expect(() => formatRefusal({ status: 400, headers: [['Content-Length', '0']] })).toThrow(TypeError);
  });

  it.each(Object.entries(openingRefusals))('%s can be written', (_name, refusal) => {
    const response = read(formatRefusal(refusal));
    expect(response.status).toBe(refusal.status);
    expect(response.body).toMatch(/^[A-Z][\x20-\x7e]+\.$/);
  });
});

describe('reason phrases', () => {
  it.each([...reasonPhrases])('%d %s', (status, phrase) => {
    expect(isRefusalStatus(status)).toBe(true);
    // Two names are older on the platform than in RFC 9110.
    const renamed = new Map([
      [413, 'Payload Too Large'],
      [422, 'Unprocessable Entity'],
    ]);
    expect(STATUS_CODES[status]).toBe(renamed.get(status) ?? phrase);
  });

  it('is Unknown for a status without a name', () => {
    expect(reasonPhrase(499)).toBe('Unknown');
    expect(read(formatRefusal({ status: 499, message: 'x' }))).toMatchObject({
      status: 499,
      statusText: 'Unknown',
    });
  });
});
