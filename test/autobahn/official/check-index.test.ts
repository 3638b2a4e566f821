import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { autobahnCases } from '../../../autobahn/cases/index.ts';
import { type Baseline, checkIndex, readBaseline } from '../../../autobahn/official/check-index.ts';

const file = new URL('../../../autobahn/expected.json', import.meta.url);
const committed: unknown = JSON.parse(readFileSync(file, 'utf8'));

const OK = { behavior: 'OK', behaviorClose: 'OK' };
const INFORMATIONAL = { behavior: 'INFORMATIONAL', behaviorClose: 'INFORMATIONAL' };
const baseline: Baseline = { '1.1.1': OK, '7.1.6': INFORMATIONAL };

const check = (cases: Record<string, unknown>): string[] =>
  checkIndex({ framewright: cases }, 'framewright', baseline);

describe('the committed baseline', () => {
  it('has every case of the original, all OK but the three that are informational', () => {
    const cases = readBaseline(committed);
    expect(Object.keys(cases)).toEqual(autobahnCases.map(({ id }) => id));
    const other = Object.entries(cases).filter(
      ([, { behavior, behaviorClose }]) => behavior !== 'OK' || behaviorClose !== 'OK',
    );
    expect(other).toEqual(['7.1.6', '7.13.1', '7.13.2'].map((id) => [id, INFORMATIONAL]));
  });
});

describe('checking an index', () => {
  it('passes what equals the baseline', () => {
    expect(
      check({
        '1.1.1': { ...OK, duration: 3, remoteCloseCode: 1000, reportfile: 'x.json' },
        '7.1.6': INFORMATIONAL,
      }),
    ).toEqual([]);
  });

  it.each(['NON-STRICT', 'FAILED', 'UNIMPLEMENTED', 'INFORMATIONAL'])('refuses %s', (behavior) => {
    expect(check({ '1.1.1': { ...OK, behavior }, '7.1.6': INFORMATIONAL })[0]).toBe(`1.1.1: ${behavior}`);
  });

  it.each(['WRONG CODE', 'UNCLEAN', 'FAILED BY CLIENT'])('refuses a closing that is %s', (behaviorClose) => {
    expect(check({ '1.1.1': { ...OK, behaviorClose }, '7.1.6': INFORMATIONAL })[0]).toBe(
      `1.1.1: closing ${behaviorClose}`,
    );
  });

  it('refuses a case that was not run, one nobody knows, and one that changed', () => {
    expect(check({ '1.1.1': OK })).toEqual(['7.1.6: was not run']);
    expect(check({ '1.1.1': OK, '7.1.6': INFORMATIONAL, '1.1.9': OK })).toEqual([
      '1.1.9: not in the baseline',
    ]);
    expect(check({ '1.1.1': OK, '7.1.6': OK })).toEqual([
      '7.1.6: the baseline has INFORMATIONAL/INFORMATIONAL, this run OK/OK',
    ]);
  });

  it('refuses what is no index at all', () => {
    expect(() => checkIndex([], 'framewright', baseline)).toThrow(TypeError);
    expect(() => checkIndex({ other: {} }, 'framewright', baseline)).toThrow(TypeError);
    expect(() => checkIndex({ framewright: { '1.1.1': {} } }, 'framewright', baseline)).toThrow(TypeError);
  });
});
