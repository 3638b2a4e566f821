import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeadLimits, ResponseHeadParser } from '../../src/handshake/index.ts';
import { everyOffset, feed, latin1Bytes, someOffsets } from './feed.ts';

const SEED = 20261125;

function parse(text: string, limits?: Partial<HeadLimits>) {
  const whole = feed(new ResponseHeadParser(limits), text);
  for (const cuts of [everyOffset(text), someOffsets(text, 3)]) {
    expect(feed(new ResponseHeadParser(limits), text, cuts)).toEqual(whole);
  }
  return whole;
}

function reasonOf(text: string, limits?: Partial<HeadLimits>): string | undefined {
  const progress = parse(text, limits);
  return progress.state === 'failed' ? progress.failure.reason : progress.state;
}

const LINE = 'HTTP/1.1 101 Switching Protocols\r\n';

describe('a well-formed response head', () => {
  it('is taken apart, and the frames behind it are left alone', () => {
    const text = `${LINE}Upgrade: websocket\r\nX: \u00e9 \r\n\r\n`;
    expect(parse(`${text}\u0081\u0000`)).toEqual({
      state: 'done',
      head: {
        httpVersion: '1.1',
        status: 101,
        statusText: 'Switching Protocols',
        rawHeaders: ['Upgrade', 'websocket', 'X', '\u00e9'],
      },
      end: text.length,
    });
  });

  it.each([
    ['HTTP/1.1 100 Continue', '1.1', 100, 'Continue'],
    ['HTTP/1.1 103 ', '1.1', 103, ''],
    ['HTTP/1.1 200', '1.1', 200, ''],
    ['HTTP/1.0 401 No  way\t\u00fc', '1.0', 401, 'No  way\t\u00fc'],
    ['HTTP/1.1 099 x', '1.1', 99, 'x'],
    ['HTTP/2.0 999 x', '2.0', 999, 'x'],
  ])('T-CLI-200: any status is for the caller: %j', (line, httpVersion, status, statusText) => {
    expect(parse(`${line}\r\n\r\n`)).toEqual({
      state: 'done',
      end: line.length + 4,
      head: { httpVersion, status, statusText, rawHeaders: [] },
    });
  });

  it('an interim response ends where the next one begins', () => {
    const interim = 'HTTP/1.1 100 Continue\r\n\r\n';
    const bytes = latin1Bytes(`${interim}${LINE}\r\n`);
    const first = new ResponseHeadParser().push(bytes);
    expect(first).toMatchObject({ state: 'done', end: interim.length });
    expect(new ResponseHeadParser().push(bytes.subarray(interim.length))).toMatchObject({
      head: { status: 101 },
    });
  });
});

describe('T-CLI-HEAD: failures', () => {
  it.each([
    ['SSH banner', 'SSH-2.0-x\r\n', 'badStartLine'],
    ['two digits', 'HTTP/1.1 20\r\n', 'badStartLine'],
    ['four digits', 'HTTP/1.1 2000 x\r\n', 'badStartLine'],
    ['letters as status', 'HTTP/1.1 2xx\r\n', 'badStartLine'],
    ['two spaces', 'HTTP/1.1  200\r\n', 'badStartLine'],
    ['no space', 'HTTP/1.1\r\n', 'badStartLine'],
    ['control in the reason phrase', 'HTTP/1.1 200 a\0\r\n', 'badStartLine'],
    ['empty line first', `\r\n${LINE}`, 'emptyLine'],
    ['LF only', 'HTTP/1.1 101 x\n', 'bareLineFeed'],
    ['bare CR', 'HTTP/1.1 101 x\r\r', 'bareCarriageReturn'],
    ['obs-fold', `${LINE}a: b\r\n c\r\n\r\n`, 'foldedField'],
    ['space before colon', `${LINE}a : b\r\n\r\n`, 'spaceBeforeColon'],
    ['too many fields', `${LINE}${'a:\r\n'.repeat(101)}`, 'tooManyFields'],
    ['endless reason phrase', `HTTP/1.1 200 ${'x'.repeat(20_000)}`, 'headTooLarge'],
    ['endless field', `${LINE}a: ${'x'.repeat(20_000)}`, 'headTooLarge'],
  ])('%s', (_case, text, reason) => {
    expect(reasonOf(text)).toBe(reason);
    expect(parse(text)).toMatchObject({
      failure: { message: expect.stringMatching(/^[\x20-\x7e]+\.$/) },
    });
  });

  it('limits can be set, and are checked', () => {
    expect(reasonOf(`${LINE}\r\n`, { maxHeadSize: 36 })).toBe('done');
    expect(reasonOf(`${LINE}\r\n`, { maxHeadSize: 35 })).toBe('headTooLarge');
    expect(() => new ResponseHeadParser({ maxFields: -1 })).toThrow(RangeError);
  });

  it('a head of exactly the limit is fine, one more byte is not', () => {
    const head = (size: number): string => `${LINE}a: ${'x'.repeat(size - LINE.length - 7)}\r\n\r\n`;
    expect([head(16_384).length, reasonOf(head(16_384)), reasonOf(head(16_385))]).toEqual([
      16_384,
      'done',
      'headTooLarge',
    ]);
  });

  it('takes no more bytes after its outcome', () => {
    const parser = new ResponseHeadParser();
    expect(parser.push(latin1Bytes('x')).state).toBe('failed');
    expect(() => parser.push(latin1Bytes('x'))).toThrow(TypeError);
  });
});

describe('properties', () => {
  it('reads back every head that is written', () => {
    const value = fc.stringMatching(
      /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/,
    );
    const head = fc.record({
      httpVersion: fc.constantFrom('1.0', '1.1'),
      status: fc.integer({ min: 100, max: 999 }),
      statusText: fc.stringMatching(/^[\t\x20-\x7e\x80-\xff]{0,20}$/),
      rawHeaders: fc
        .array(fc.tuple(fc.stringMatching(/^[a-z!#~-]{1,9}$/), value), { maxLength: 6 })
        .map((all) => all.flat()),
    });
    fc.assert(
      fc.property(head, (written) => {
        const fields = written.rawHeaders
          .map((text, index) => (index % 2 === 0 ? `${text}:` : `${text}\r\n`))
          .join('');
        const text = `HTTP/${written.httpVersion} ${written.status} ${written.statusText}\r\n${fields}\r\n`;
        expect(feed(new ResponseHeadParser(), text)).toEqual({
          state: 'done',
          head: written,
          end: text.length,
        });
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });

  it('T-NONASCII: any bytes, any cuts: one outcome and never a throw', () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map((codes) => String.fromCharCode(...codes));
    const text = fc.oneof(
      bytes,
      bytes.map((tail) => LINE + tail),
      bytes.map((tail) => `HTTP/1.1 ${tail}`),
      bytes.map((tail) => `${LINE}a:${tail}\r\n\r\n`),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(90), { maxLength: 6 }), (head, cuts) => {
        const inside = cuts.filter((cut) => cut <= head.length);
        expect(feed(new ResponseHeadParser(), head, inside)).toEqual(feed(new ResponseHeadParser(), head));
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });
});
