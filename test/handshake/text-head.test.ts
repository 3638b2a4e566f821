import { describe, expect, it } from 'vitest';
import { RequestHeadParser } from '../../src/handshake/index.ts';
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
