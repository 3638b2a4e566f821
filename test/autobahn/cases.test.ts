import { isUtf8 } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { readCommand } from '../../autobahn/arguments.ts';
import { allCases, autobahnCases, beyondCases, byId, GROUPS } from '../../autobahn/cases/index.ts';
import { sample } from '../../autobahn/cases/samples.ts';
import { select } from '../../autobahn/select.ts';

const spread = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}.${i + 1}`);

/** The case ids of the Autobahn test suite 0.8.2, group by group. */
const ORIGINAL: readonly string[] = [
  ...spread('1.1', 8),
  ...spread('1.2', 8),
  ...spread('2', 11),
  ...spread('3', 7),
  ...spread('4.1', 5),
  ...spread('4.2', 5),
  ...spread('5', 20),
  ...[3, 4, 2, 4, 5, 11, 4, 2, 4, 3, 5, 8, 5, 10, 1, 3, 5, 5, 5, 7, 8, 34, 7].flatMap((count, i) =>
    spread(`6.${i + 1}`, count),
  ),
  ...spread('7.1', 6),
  ...spread('7.3', 6),
  ...spread('7.5', 1),
  ...spread('7.7', 13),
  ...spread('7.9', 9),
  ...spread('7.13', 2),
  ...[6, 6, 9, 9, 6, 6, 6, 6].flatMap((count, i) => spread(`9.${i + 1}`, count)),
  ...spread('10.1', 1),
  ...[1, 2, 3, 4, 5].flatMap((group) => spread(`12.${group}`, 18)),
  ...[1, 2, 3, 4, 5, 6, 7].flatMap((group) => spread(`13.${group}`, 18)),
];

describe('the cases', () => {
  it('are the 517 of the original, under the same ids and in the same order', () => {
    expect(ORIGINAL).toHaveLength(517);
    expect(autobahnCases.map(({ id }) => id)).toEqual(ORIGINAL);
  });

  it('have ids of their own, in order, each in a group that has a name', () => {
    const ids = allCases.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort(byId)).toEqual(ids);
    for (const id of ids) expect(GROUPS.has(Number(id.split('.')[0])), id).toBe(true);
  });

  it('go beyond the original from group 20 on only', () => {
    expect(beyondCases.every(({ id }) => Number(id.split('.')[0]) >= 20)).toBe(true);
    expect(beyondCases.length).toBeGreaterThan(250);
  });

  it('judge servers and clients alike in the original groups', () => {
    expect(autobahnCases.every(({ judges }) => judges === 'both')).toBe(true);
  });

  it('state the validity of each UTF-8 vector as node sees it', () => {
    const vectors = autobahnCases.filter(({ id }) => /^6\.(5|6|7|8|9|1\d|2\d)\./.test(id));
    expect(vectors).toHaveLength(132);
    for (const one of vectors) {
      const plot = one.plot('client');
      if (plot.kind !== 'script') throw new TypeError(one.id);
      const step = plot.steps[0];
      const payload = step?.do === 'send' ? step.frames[0]?.payload : undefined;
      expect(isUtf8(payload ?? Buffer.alloc(0)), one.id).toBe(plot.close.by === 'suite');
    }
  });
});

describe('samples', () => {
  it.each(['records', 'markup', 'greek', 'prose'] as const)('of %s are cut between characters', (kind) => {
    for (const size of [16, 64, 256, 1024, 4096, 131072]) {
      for (const round of [0, 1, 7, 999]) {
        const octets = sample(kind, size, round);
        expect(octets).toHaveLength(size);
        expect(isUtf8(octets)).toBe(true);
      }
    }
  });
});

describe('selection', () => {
  const ids = (only: string[], exclude: string[] = []): string[] =>
    select({ only, exclude }, 'client').map(({ id }) => id);

  it('takes ids and patterns, and leaves out what is excluded', () => {
    expect(ids(['7.1.6', '3.*'], ['3.2', '3.3'])).toEqual(['3.1', '3.4', '3.5', '3.6', '3.7', '7.1.6']);
    expect(ids(['1.*'])).toEqual(ORIGINAL.filter((id) => id.startsWith('1.')));
  });

  it('knows the original and what goes beyond it by name', () => {
    expect(ids(['autobahn'])).toEqual(ORIGINAL);
    expect(ids(['beyond']).every((id) => Number(id.split('.')[0]) >= 20)).toBe(true);
  });

  it('offers a server no cases for clients, and the other way round', () => {
    expect(ids([]).some((id) => id.startsWith('25.'))).toBe(false);
    expect(select({ only: [], exclude: [] }, 'server').some(({ id }) => id.startsWith('20.'))).toBe(false);
  });

  it('refuses a pattern that fits nothing', () => {
    expect(() => ids(['8.*'])).toThrow(TypeError);
    expect(() => ids(['six'])).toThrow(TypeError);
  });
});

describe('the command line', () => {
  it('names the server, or the address to serve at', () => {
    const server = readCommand(['conform', 'wss://example.com/echo?x=1', '--only', '1.*,2.1', '--strict']);
    expect(server).toMatchObject({ mode: 'server', strict: true, selection: { only: ['1.*', '2.1'] } });
    expect(server.target).toMatchObject({
      hostname: 'example.com',
      port: 443,
      path: '/echo?x=1',
      secure: true,
    });
    expect(readCommand(['conform', '--serve'])).toMatchObject({
      mode: 'client',
      host: 'localhost',
      port: 9001,
    });
    expect(readCommand(['conform', '--serve', '[::1]:80'])).toMatchObject({ host: '::1', port: 80 });
  });

  it.each([
    [['conform']],
    [['conform', 'http://example.com']],
    [['conform', '--serve', 'here']],
    [['conform', 'ws://a', '--concurrency', '0']],
    [['attack', 'ws://a']],
    [['conform', 'ws://a', 'ws://b']],
    [['conform', 'ws://a', '--unknown']],
  ])('refuses %j', (args) => {
    expect(() => readCommand(args)).toThrow(TypeError);
  });
});
