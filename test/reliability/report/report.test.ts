import { describe, expect, it } from 'vitest';
import { chosen, positive, readArguments } from '../../../reliability/report/arguments.ts';
import { atLeast, atMost, exactly, held, none, type Outcome } from '../../../reliability/report/check.ts';
import { describe as describeOutcome, markdownReport } from '../../../reliability/report/report.ts';

const outcome = (checks: Outcome['checks'], more: Partial<Outcome> = {}): Outcome => ({
  name: 'cut',
  title: 'the line is cut',
  seconds: 1.5,
  checks,
  notes: ['3 connections'],
  ...more,
});

const machine = {
  date: '2026-11-25',
  processor: 'a processor',
  cores: 2,
  memoryGiB: 4,
  load: 0.5,
  system: 'linux 6',
  node: 'v20',
  engine: 'framewright 0',
};

describe('gates', () => {
  it('hold up to their bound and not beyond', () => {
    expect([atMost('a', 5, 5).held, atMost('a', 5.01, 5).held]).toEqual([true, false]);
    expect([atLeast('a', 5, 5).held, atLeast('a', 4.99, 5).held]).toEqual([true, false]);
    expect([exactly('a', 5, 5).held, exactly('a', 6, 5).held]).toEqual([true, false]);
    expect([none('a', []).held, none('a', ['x']).held]).toEqual([true, false]);
    expect(atMost('a', Number.NaN, 5).held).toBe(false);
  });

  it('say what was measured and what was allowed', () => {
    expect(atMost('a', 1_234, 5, 'KiB')).toMatchObject({
      measured: '1,234 KiB',
      allowed: '≤ 5 KiB',
      timed: false,
    });
    expect(atLeast('a', 1.234, 5, 'ms')).toMatchObject({
      measured: '1.23 ms',
      allowed: '≥ 5 ms',
      timed: true,
    });
    expect(none('a', ['w', 'x', 'y', 'z']).measured).toBe('4: w; x; y');
  });

  it('make an outcome that holds only when all of them do', () => {
    expect(held(outcome([atMost('a', 1, 2), atMost('b', 1, 2)]))).toBe(true);
    expect(held(outcome([atMost('a', 1, 2), atMost('b', 3, 2)]))).toBe(false);
  });
});

describe('the report', () => {
  const missed = outcome([exactly('closures', 2, 2), exactly('lost | found', 1, 0)]);

  it('shows missed gates on the terminal, and all when asked', () => {
    expect(describeOutcome(missed, false)).toBe(
      'MISSED  cut: the line is cut (1/2 gates, 1.5 s)\n    MISSED lost | found: 1 (0)\n    3 connections',
    );
    expect(describeOutcome(missed, true)).toContain('ok     closures: 2 (2)');
  });

  it('has every gate in Markdown', () => {
    const skipped = outcome([], { name: 'other', skipped: 'no namespace' });
    const text = markdownReport({
      title: 'Faults',
      machine,
      notes: ['A note.'],
      outcomes: [missed, skipped],
    });
    expect(text).toContain('# Faults\n');
    expect(text).toContain('| closures | 2 | 2 | held |');
    expect(text).toContain('| lost \\| found | 1 | 0 | **missed** |');
    expect(text).toContain('Skipped: no namespace');
  });
});

describe('arguments', () => {
  it('have defaults, and a smoke run is a small one', () => {
    expect(readArguments([])).toMatchObject({ scale: 1, smoke: false, verbose: false });
    expect(readArguments(['--smoke']).scale).toBe(0.05);
    expect(readArguments(['--smoke', '--scale', '0.5']).scale).toBe(0.5);
  });

  it("keep a run's own options apart", () => {
    const { own } = readArguments(['--minutes', '3', '--only', 'churn'], ['minutes', 'churn']);
    expect([...own]).toEqual([['minutes', '3']]);
    expect(() => readArguments(['--minutes', '3'])).toThrow('--minutes');
  });

  it('refuse what is no positive number, and names that nothing has', () => {
    for (const text of ['0', '-1', 'x', '']) expect(() => positive('scale', text, 1)).toThrow(RangeError);
    const all = [{ name: 'loss-1' }, { name: 'loss-5' }, { name: 'ends' }];
    expect(chosen(all, 'loss*,ends')).toEqual(all);
    expect(chosen(all, undefined)).toEqual(all);
    expect(() => chosen(all, 'lost')).toThrow('nothing is called "lost"');
  });
});
