import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RequestHead, RequestHeadParser } from '../../src/handshake/index.ts';
import { feed, latin1Bytes } from './feed.ts';

const SEED = 20261125;

// A second opinion: the whole grammar as one regular expression, asked about every prefix. A prefix is worth reading
// on exactly when one of these endings makes a head of it; there is one for every place where a head can stop.
const TCHAR = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
const GRAMMAR = new RegExp(
  `^(?:\\r\\n)?(${TCHAR}+) ([\\x21-\\x7e]+) HTTP/([0-9]\\.[0-9])\\r\\n` +
    `((?:${TCHAR}+:[\\t\\x20-\\x7e\\x80-\\xff]*\\r\\n)*)\\r\\n`,
);
const LAST = 'G / HTTP/1.1\r\n\r\n';
const ENDINGS = [
  ...Array.from(LAST, (_, index) => LAST.slice(index)),
  `\n${LAST}`,
  '.1\r\n\r\n',
  ':\r\n\r\n',
];

function oracle(text: string): RequestHead | 'more' | 'refused' {
  const match = GRAMMAR.exec(text);
  if (match === null) return ENDINGS.some((ending) => GRAMMAR.test(text + ending)) ? 'more' : 'refused';
  const [, method = '', target = '', httpVersion = '', fields = ''] = match;
  const rawHeaders = fields
    .split('\r\n')
    .slice(0, -1)
    .flatMap((line) => {
      const colon = line.indexOf(':');
      return [
        line.slice(0, colon),
        line
          .slice(colon + 1)
          .replace(/^[\t ]+/, '')
          .replace(/[\t ]+$/, ''),
      ];
    });
  return { method, target, httpVersion, rawHeaders };
}

describe('against a second opinion', () => {
  const pieces = fc.constantFrom(
    'GET',
    ' ',
    '/',
    '*',
    'HTTP/1.1',
    '\r\n',
    '\r\n\r\n',
    '\r',
    '\n',
    'Host',
    ':',
    ': ',
    'a',
    '\t',
    '\0',
    '\u00e9',
    '(',
  );
  const noise = fc.array(pieces, { maxLength: 14 }).map((parts) => parts.join(''));
  const valid = fc
    .array(fc.constantFrom('Host: a\r\n', 'x:\r\n', 'Long-Name:  some \t text \r\n', 'y: \u00ff\r\n'), {
      maxLength: 4,
    })
    .map((fields) => `GET /p?q HTTP/1.1\r\n${fields.join('')}\r\n`);
  const mutated = fc
    .tuple(valid, fc.nat(200), fc.nat(3), pieces, fc.boolean())
    .map(([text, at, cut, piece, empty]) => {
      const offset = at % text.length;
      return `${empty ? '\r\n' : ''}${text.slice(0, offset)}${piece}${text.slice(offset + cut)}`;
    });

  it('agrees about every prefix of noise, heads and damaged heads', () => {
    fc.assert(
      fc.property(fc.oneof(noise, valid, mutated), (text) => {
        const parser = new RequestHeadParser();
        for (let length = 1; length <= text.length; length++) {
          const progress = parser.push(latin1Bytes(text.slice(length - 1, length)));
          const expected = oracle(text.slice(0, length));
          expect(progress.state === 'done' ? progress.head : progress.state).toEqual(expected);
          if (progress.state !== 'more') return;
        }
      }),
      { seed: SEED, numRuns: 2000 },
    );
  });

  it('gives one outcome for any cuts, and never throws', () => {
    const text = fc.oneof(
      noise,
      mutated,
      fc.uint8Array({ maxLength: 300 }).map((bytes) => String.fromCharCode(...bytes)),
    );
    fc.assert(
      fc.property(text, fc.array(fc.nat(300), { maxLength: 8 }), (head, cuts) => {
        const limits = { maxHeadSize: 90, maxFields: 2, maxRequestLine: 30 };
        const inside = cuts.filter((cut) => cut <= head.length);
        expect(feed(new RequestHeadParser(limits), head, inside)).toEqual(
          feed(new RequestHeadParser(limits), head),
        );
      }),
      { seed: SEED, numRuns: 3000 },
    );
  });

  it('reads back every head that is written', () => {
    const token = fc.stringMatching(new RegExp(`^${TCHAR}{1,12}$`));
    const value = fc.stringMatching(
      /^(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]{0,20}[\x21-\x7e\x80-\xff])?)?$/,
    );
    const head = fc.record({
      method: token,
      target: fc.stringMatching(/^[\x21-\x7e]{1,30}$/),
      httpVersion: fc.constantFrom('1.0', '1.1', '2.0'),
      rawHeaders: fc.array(fc.tuple(token, value), { maxLength: 8 }).map((fields) => fields.flat()),
    });
    fc.assert(
      fc.property(head, (written) => {
        const fields = written.rawHeaders
          .map((text, index) => (index % 2 === 0 ? `${text}: ` : `${text}\r\n`))
          .join('');
        const text = `${written.method} ${written.target} HTTP/${written.httpVersion}\r\n${fields}\r\n`;
        expect(feed(new RequestHeadParser(), text)).toEqual({
          state: 'done',
          head: written,
          end: text.length,
        });
      }),
      { seed: SEED, numRuns: 1000 },
    );
  });
});
