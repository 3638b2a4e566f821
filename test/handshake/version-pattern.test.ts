import { describe, expect, it } from 'vitest';
import { isDigitCode, VersionPattern } from '../../src/handshake/version-pattern.ts';
import { latin1Bytes } from './feed.ts';

/** How many characters were taken, and whether that was a whole version. */
function take(text: string): [taken: number, complete: boolean] {
  const pattern = new VersionPattern();
  const refused = [...latin1Bytes(text)].findIndex((byte) => !pattern.accepts(byte));
  return refused === -1 ? [text.length, pattern.isComplete()] : [refused, false];
}

describe('HTTP version', () => {
  it.each([
    ['HTTP/1.1', 8, true],
    ['HTTP/0.9', 8, true],
    ['HTTP/1.', 7, false],
    ['', 0, false],
    ['http/1.1', 0, false],
    ['HTTP/ .1', 5, false],
    ['HTTP/1. ', 7, false],
    ['HTTP/1,1', 6, false],
    ['HTTP/1.10', 8, false],
    ['HTTPS/1.1', 4, false],
  ])('%j', (text, taken, complete) => {
    expect(take(text)).toEqual([taken, complete]);
  });

  it('has decimal digits only', () => {
    expect([0x2f, 0x30, 0x39, 0x3a, 0xb2].map(isDigitCode)).toEqual([false, true, true, false, false]);
  });
});
