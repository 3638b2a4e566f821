/**
 * Request smuggling: shapes that two HTTP parsers have read differently.
 *
 * One rule: an opening handshake has no body, so whatever hints at one, in any spelling, is refused with 400, and a
 * spelling that hides such a field from us would have to be malformed, so that is refused as well.
 */
import { describe, expect, it } from 'vitest';
import { checkOpeningRequest, RequestHeadParser } from '../../src/handshake/index.ts';
import { everyOffset, feed, someOffsets } from './feed.ts';

const CL = 'Content-Length';
const TE = 'Transfer-Encoding';

/** Parses and judges the head of a good request with these lines in it. */
function statusOf(lines: string, cuts: readonly number[]): number {
  const text =
    'GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n${lines}\r\n\r\n`;
  const progress = feed(
    new RequestHeadParser(),
    text,
    cuts.filter((cut) => cut < text.length),
  );
  if (progress.state === 'refused') return progress.refusal.status;
  if (progress.state === 'more') return 0;
  const outcome = checkOpeningRequest(progress.head);
  return outcome.ok ? 101 : outcome.refusal.status;
}

describe('T-SMUGGLE', () => {
  it.each([
    // Content-Length
    `${CL}: 1`,
    `${CL}: 10`,
    `${CL}:1`,
    `content-length: 1`,
    `CONTENT-LENGTH:\t1\t`,
    `${CL}: 0\r\n${CL}: 0`,
    `${CL}: 0\r\ncontent-length: 5`,
    `${CL}: 0, 0`,
    `${CL}: 0,5`,
    `${CL}:`,
    `${CL}: +0`,
    `${CL}: -0`,
    `${CL}: +1`,
    `${CL}: -1`,
    `${CL}: 0x0`,
    `${CL}: 00`,
    `${CL}: 0.0`,
    `${CL}: 0e1`,
    `${CL}: 0 0`,
    `${CL}: 0;`,
    `${CL}: "0"`,
    `${CL}: 18446744073709551616`,
    `${CL}: \u00b2`,
    `${CL} : 0`,
    `${CL}\t: 0`,
    ` ${CL}: 5`,
    `X: y\r\n ${CL}: 5`,
    `${CL}: 0\r\n 5`,
    `${CL}: 0\r\n\t5`,
    `${CL}: 0\n${TE}: chunked`,
    `X: y\r${CL}: 5`,
    `${CL}: 0\0`,
    `${CL}\0: 5`,
    // Transfer-Encoding
    `${TE}: chunked`,
    `transfer-encoding:chunked`,
    `${TE}: Chunked`,
    `${TE}:\tchunked`,
    `${TE}: chunked, identity`,
    `${TE}: identity, chunked`,
    `${TE}: identity`,
    `${TE}:`,
    `${TE}: ,`,
    `${TE}: "chunked"`,
    `${TE}: chunked;q=1`,
    `${TE}: xchunked`,
    `${TE}: gzip\r\n${TE}: chunked`,
    `${TE} : chunked`,
    `${TE}\t:chunked`,
    ` ${TE}: chunked`,
    `${TE}:\r\n chunked`,
    `${TE}: chun\r\n\tked`,
    `${TE}:\x0bchunked`,
    `${TE}: \x00chunked`,
    `${TE}: chunked\r`,
    `${TE}\x0b: chunked`,
    `${TE}\r: chunked`,
    `\u00a0${TE}: chunked`,
    `X: y\n${TE}: chunked`,
    // both
    `${CL}: 0\r\n${TE}: chunked`,
    `${TE}: chunked\r\n${CL}: 0`,
    `${TE}: identity\r\n${CL}: 5`,
    // a head that ends twice
    `X: y\r\n\rX`,
    `X: y\n\r\n${CL}: 5`,
    `X: y\r\n\n${CL}: 5`,
  ])('%j gets 400', (lines) => {
    expect(statusOf(lines, [])).toBe(400);
    const padded = 'x'.repeat(400);
    for (const cuts of [everyOffset(padded), someOffsets(padded, 5)]) expect(statusOf(lines, cuts)).toBe(400);
  });

  it('the one harmless spelling, and fields that only look alike, are fine', () => {
    expect(statusOf('X: y', [])).toBe(101);
    expect(statusOf(`${CL}: 0`, [])).toBe(101);
    expect(statusOf(`${CL}:\t 0 \t`, [])).toBe(101);
    expect(statusOf('Content_Length: 5\r\nX-Transfer-Encoding: chunked\r\nTE: trailers', [])).toBe(101);
  });
});
