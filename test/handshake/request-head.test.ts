import { describe, expect, it } from 'vitest';
import { type HeadLimits, RequestHeadParser } from '../../src/handshake/index.ts';
import { everyOffset, feed, latin1Bytes, someOffsets } from './feed.ts';

/** Parses in one chunk, byte by byte and at other cuts, and insists on one outcome. */
function parse(text: string, limits?: Partial<HeadLimits>) {
  const whole = feed(new RequestHeadParser(limits), text);
  for (const cuts of [everyOffset(text), someOffsets(text, 1), someOffsets(text, 2)]) {
    expect(feed(new RequestHeadParser(limits), text, cuts)).toEqual(whole);
  }
  return whole;
}

function statusOf(text: string, limits?: Partial<HeadLimits>): number | string | undefined {
  const progress = parse(text, limits);
  return progress.state === 'refused' ? progress.refusal.status : progress.state;
}

/** How many bytes were taken when the refusal came, one byte at a time. */
function refusedAfter(text: string): number {
  const parser = new RequestHeadParser();
  return [...latin1Bytes(text)].findIndex((byte) => parser.push(Uint8Array.of(byte)).state === 'refused') + 1;
}

const LINE = 'GET /chat?x=1 HTTP/1.1\r\n';

describe('a well-formed head', () => {
  it('is taken apart, values without white space around them', () => {
    const text = `${LINE}Host: example.com\r\nX-Empty:\r\nx-Tab:\t a \t b\t \r\nHOST:again\r\n\r\n`;
    const progress = parse(text);
    expect(progress).toEqual({
      state: 'done',
      end: text.length,
      head: {
        method: 'GET',
        target: '/chat?x=1',
        httpVersion: '1.1',
        rawHeaders: ['Host', 'example.com', 'X-Empty', '', 'x-Tab', 'a \t b', 'HOST', 'again'],
      },
    });
  });

  it('may have no fields, any token as method and any one-digit version', () => {
    for (const line of ['get / HTTP/1.0', 'PRI * HTTP/2.0', "!#$%&'*+-.^_`|~09 x HTTP/9.9"]) {
      expect(statusOf(`${line}\r\n\r\n`)).toBe('done');
    }
  });

  it('T-PIPE: bytes behind the head are left alone, and `end` counts in the last chunk', () => {
    const parser = new RequestHeadParser();
    const text = `${LINE}a: b\r\n\r\n`;
    expect(parser.push(latin1Bytes(text.slice(0, 10))).state).toBe('more');
    const progress = parser.push(latin1Bytes(`${text.slice(10)}\u0081\u0000GET / HTTP/1.1\r\n\r\n`));
    expect(progress).toMatchObject({ state: 'done', end: text.length - 10 });
  });

  it('does not keep a view of the chunks it was given', () => {
    const parser = new RequestHeadParser();
    const chunk = latin1Bytes(`${LINE}Host: exam`);
    parser.push(chunk);
    chunk.fill(0x2a);
    const progress = parser.push(latin1Bytes('ple.com\r\n\r\n'));
    expect(progress).toMatchObject({ head: { rawHeaders: ['Host', 'example.com'] } });
  });

  it('T-NONASCII: keeps bytes above 0x7F in a value as latin-1', () => {
    const progress = parse(`${LINE}X-Name: \u0080caf\u00e9\u00ff\r\n\r\n`);
    expect(progress).toMatchObject({ head: { rawHeaders: ['X-Name', '\u0080caf\u00e9\u00ff'] } });
  });

  it('takes empty chunks', () => {
    const parser = new RequestHeadParser();
    expect(parser.push(new Uint8Array(0))).toEqual({ state: 'more' });
    expect(parser.push(latin1Bytes(`${LINE}\r\n`)).state).toBe('done');
  });
});

describe('a parser that has given its outcome', () => {
  it.each([`${LINE}\r\n`, 'GET  '])('takes no more bytes: %j', (text) => {
    const parser = new RequestHeadParser();
    parser.push(latin1Bytes(text));
    expect(() => parser.push(latin1Bytes('x'))).toThrow(TypeError);
  });
});

describe('refusals at the byte that proves the fault', () => {
  // The text up to and including the offending byte, and the status.
  const cases: [id: string, text: string][] = [
    ['T-LF in the request line', 'GET / HTTP/1.1\n'],
    ['T-LF after a field', `${LINE}a: b\n`],
    ['T-LF in an empty value', `${LINE}a:\n`],
    ['T-LF as end of the head', `${LINE}a: b\r\n\n`],
    ['T-LF before the request', '\n'],
    ['T-LF within a name', `${LINE}a\n`],
    ['T-CR in the request line', 'GET / HTTP/1.1\rX'],
    ['T-CR in a value', `${LINE}a: b\rc`],
    ['T-CR twice', `${LINE}a: b\r\r`],
    ['T-CR in the target', 'GET /a\r'],
    ['T-CR in the method', 'GET\r'],
    ['T-CR before the end', `${LINE}a: b\r\n\rX`],
    ['T-CR before the request', '\rG'],
    ['T-CR in a name', `${LINE}a\r`],
    ['T-FOLD with a space', `${LINE}a: b\r\n `],
    ['T-FOLD with a tab', `${LINE}a: b\r\n\t`],
    ['T-COLON space', `${LINE}Host `],
    ['T-COLON tab', `${LINE}Host\t`],
    ['T-COLON no name', `${LINE}:`],
    ['T-LEADSP space', `${LINE} `],
    ['T-LEADSP tab', `${LINE}\t`],
    ['T-LEADCRLF two empty lines', '\r\n\r'],
    ['T-CTL NUL in a value', `${LINE}a: \0`],
    ['T-CTL NUL within a value', `${LINE}a: b\0`],
    ['T-CTL DEL in a value', `${LINE}a: b\x7f`],
    ['T-CTL vertical tab in a value', `${LINE}a: b\x0b`],
    ['T-CTL NUL in a name', `${LINE}a\0`],
    ['T-CTL bad first character of a name', `${LINE}(`],
    ['T-CTL NUL in the target', 'GET /\0'],
    ['T-CTL TLS client hello', '\x16'],
    ['T-CTL bad method', 'G('],
    ['T-NONASCII in a name', `${LINE}n\u00e9`],
    ['T-NONASCII in the target', 'GET /\u00e9'],
    ['T-NONASCII in the method', '\u00c3'],
    ['request line: leading space', ' '],
    ['request line: tab as separator', 'GET\t'],
    ['request line: two spaces', 'GET  '],
    ['request line: two spaces before the version', 'GET /  '],
    ['request line: no version', 'GET /\r'],
    ['request line: lower-case version', 'GET / h'],
    ['request line: bad digit', 'GET / HTTP/x'],
    ['request line: no dot', 'GET / HTTP/11'],
    ['request line: two-digit version', 'GET / HTTP/1.10'],
    ['request line: short version', 'GET / HTTP/1.\r'],
    ['request line: space at the end', 'GET / HTTP/1.1 '],
  ];

  it.each(cases)('%s', (_id, text) => {
    expect(refusedAfter(`${text}tail`)).toBe(text.length);
    expect(statusOf(`${text}tail`)).toBe(400);
    expect(statusOf(text.slice(0, -1))).toBe('more');
  });

  it('names the fault in one ASCII sentence without further fields', () => {
    expect(parse(`${LINE}a: b\r\n c`)).toEqual({
      state: 'refused',
      refusal: { status: 400, message: 'A field value must not continue on the next line.', headers: [] },
    });
  });

  it('T-LEADCRLF: one empty line is skipped', () => {
    expect(parse(`\r\n${LINE}a: b\r\n\r\n`)).toMatchObject({
      head: { method: 'GET', target: '/chat?x=1', rawHeaders: ['a', 'b'] },
    });
  });
});

describe('limits', () => {
  const headOf = (size: number): string => {
    const frame = `${LINE}a: \r\n\r\n`;
    return `${LINE}a: ${'x'.repeat(size - frame.length)}\r\n\r\n`;
  };

  it.each([
    [16_383, 'done'],
    [16_384, 'done'],
    [16_385, 431],
    [70_000, 431],
  ])('T-HS-SIZE: a head of %i bytes', (size, outcome) => {
    expect(headOf(size)).toHaveLength(size);
    expect(statusOf(headOf(size))).toBe(outcome);
  });

  it('T-HS-SIZE: an unfinished head is refused at byte 16 385 and not before', () => {
    const endless = `${LINE}a: ${'x'.repeat(20_000)}`;
    expect(refusedAfter(endless)).toBe(16_385);
    expect(statusOf(endless.slice(0, 16_384))).toBe('more');
  });

  it('T-HS-SIZE: the empty line before a request counts', () => {
    expect(statusOf(`\r\n${headOf(16_383)}`)).toBe(431);
    expect(statusOf(`\r\n${headOf(16_382)}`)).toBe('done');
  });

  it.each([
    [99, 'done'],
    [100, 'done'],
    [101, 431],
    [3000, 431],
  ])('T-HS-COUNT: %i fields', (count, outcome) => {
    expect(statusOf(`${LINE}${'a:\r\n'.repeat(count)}\r\n`)).toBe(outcome);
  });

  it.each([
    [8191, 'done'],
    [8192, 'done'],
    [8193, 414],
    [20_000, 414],
  ])('T-HS-URI: a request line of %i bytes', (length, outcome) => {
    const frame = 'GET / HTTP/1.1'.length;
    const line = `GET /${'x'.repeat(length - frame)} HTTP/1.1`;
    expect(line).toHaveLength(length);
    expect(statusOf(`${line}\r\n\r\n`)).toBe(outcome);
    expect(statusOf(`\r\n${line}\r\n\r\n`)).toBe(outcome);
  });

  it('T-HS-URI: a method without an end is cut off as well', () => {
    expect(refusedAfter('A'.repeat(9000))).toBe(8193);
  });

  it('can be set, also beyond the size of one block of text', () => {
    expect(statusOf(headOf(100), { maxHeadSize: 99 })).toBe(431);
    expect(statusOf(headOf(50_000), { maxHeadSize: 50_000 })).toBe('done');
    expect(statusOf(`${LINE}a:\r\nb:\r\n\r\n`, { maxFields: 1 })).toBe(431);
    expect(statusOf(`${LINE}\r\n`, { maxRequestLine: 10 })).toBe(414);
    expect(() => new RequestHeadParser({ maxHeadSize: 0 })).toThrow(RangeError);
  });
});

describe('T-DRIP', () => {
  it('copies a dripped head a bounded number of times: each byte is held once and moved at most twice', () => {
    // The parser's only loops are over the chunk, so the cost of one byte must not depend on what came before it.
    const text = `${LINE}a: ${'x'.repeat(16_000)}`;
    let moved = 0;
    const set = Uint8Array.prototype.set;
    Uint8Array.prototype.set = function counted(
      this: Uint8Array,
      source: ArrayLike<number>,
      offset?: number,
    ): void {
      moved += source.length;
      set.call(this, source, offset);
    };
    try {
      expect(feed(new RequestHeadParser(), text, everyOffset(text)).state).toBe('more');
    } finally {
      Uint8Array.prototype.set = set;
    }
    expect(moved).toBeLessThan(text.length * 3);
    expect(moved).toBeGreaterThanOrEqual(text.length);
  });
});
