import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expandHead, keepHead, RequestHeadParser } from '../../src/handshake/index.ts';
import { TextHead } from '../../src/handshake/text-head.ts';
import { latin1Bytes } from './feed.ts';

describe('a head as its text', () => {
  it.each([
    'GET / HTTP/1.1\r\n\r\n',
    'GET /a?b=c HTTP/1.1\r\nHost: a\r\n\r\n',
    'GET /:// HTTP/1.1\r\nA:b:c\r\nEmpty:\r\nBlank: \t \r\nLong-Name: \t two  words\t\r\na: \xe9 \r\n\r\n',
  ])('is taken apart as the parser does it: %j', (text) => {
    const progress = new RequestHeadParser().push(latin1Bytes(text));
    const { method, target, httpVersion, rawHeaders } = new TextHead(text);
    expect(progress).toMatchObject({ state: 'done', head: { method, target, httpVersion, rawHeaders } });
  });
});

describe('a head that is kept', () => {
  it('says the same afterwards, whatever its parts are', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('', '\n', 'a\nb', '\r\n', ' ', 'GET / HTTP/1.1\r\n\r\n'),
    );
    const head = fc.record({
      method: part,
      target: part,
      httpVersion: part,
      rawHeaders: fc.array(part, { maxLength: 8 }),
    });
    fc.assert(
      fc.property(head, (given) => {
        expect(expandHead(keepHead(given))).toEqual(given);
      }),
      { seed: 20261125, numRuns: 1_000 },
    );
  });

  it('is a string, and text that came stays as it is', () => {
    const text = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
    expect(keepHead(new TextHead(text))).toBe(text);
    expect(expandHead(text)).toMatchObject({ target: '/', rawHeaders: ['Host', 'a'] });
    const parts = { method: 'GET', target: '/', httpVersion: '1.1', rawHeaders: ['Host', 'a'] };
    expect(keepHead(parts)).toBeTypeOf('string');
  });
});
