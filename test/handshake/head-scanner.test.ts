import { describe, expect, it } from 'vitest';
import { HeadScanner, type StartLine } from '../../src/handshake/head-scanner.ts';
import { resolveHeadLimits } from '../../src/handshake/limits.ts';
import { everyOffset, feed } from './feed.ts';

/** A start line of its own kind: letters, at least two. */
class Letters implements StartLine {
  readonly maxLength = 5;
  readonly mayFollowEmptyLine: boolean;
  #length = 0;

  constructor(mayFollowEmptyLine: boolean) {
    this.mayFollowEmptyLine = mayFollowEmptyLine;
  }

  accepts(byte: number): boolean {
    this.#length++;
    return byte >= 0x61 && byte <= 0x7a;
  }

  isComplete(): boolean {
    return this.#length >= 2;
  }
}

function scan(text: string, mayFollowEmptyLine = true) {
  const scanner = (): HeadScanner => new HeadScanner(resolveHeadLimits(), new Letters(mayFollowEmptyLine));
  const whole = feed(scanner(), text);
  expect(feed(scanner(), text, everyOffset(text))).toEqual(whole);
  return whole;
}

describe('head scanner', () => {
  it('knows lines and fields, and leaves the start line to its grammar', () => {
    expect(scan('abc\r\nN:v\r\n\r\nrest')).toEqual({
      state: 'done',
      head: { startLine: 'abc', rawHeaders: ['N', 'v'] },
      end: 12,
    });
    expect(scan('\r\nabc\r\n\r\n')).toMatchObject({ head: { startLine: 'abc', rawHeaders: [] } });
  });

  it.each([
    ['a1', 'badStartLine'],
    ['a\r', 'badStartLine'],
    ['ab\n', 'bareLineFeed'],
    ['abcdef', 'startLineTooLong'],
    ['\r\nabcdef', 'startLineTooLong'],
    ['ab\rc', 'bareCarriageReturn'],
    ['\r\n\r\n', 'emptyLine'],
    ['ab\r\n a', 'spaceBeforeField'],
    ['ab\r\na: b\r\n c', 'foldedField'],
    ['ab\r\na :b', 'spaceBeforeColon'],
    ['ab\r\na@:b', 'badFieldName'],
    ['ab\r\na:\0', 'badFieldValue'],
  ])('%j is %s', (text, fault) => {
    expect(scan(text)).toEqual({ state: 'fault', fault });
  });

  it('takes an empty line first only where the grammar says so', () => {
    expect(scan('\r\nabc\r\n\r\n', false)).toEqual({ state: 'fault', fault: 'emptyLine' });
  });
});
