import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settled, slope } from '../../../reliability/soak/slope.ts';

describe('a slope', () => {
  it('is that of the line through the samples', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000, max: 1_000 }),
        fc.integer(),
        fc.integer({ min: 2, max: 50 }),
        (rise, start, count) => {
          const samples = Array.from({ length: count }, (_, at) => ({ at, value: start + rise * at }));
          expect(slope(samples)).toBeCloseTo(rise, 3);
        },
      ),
      { seed: 20261125, numRuns: 100 },
    );
  });

  it('evens out what swings around the line', () => {
    const samples = Array.from({ length: 100 }, (_, at) => ({ at, value: 5 * at + (at % 2) }));
    expect(slope(samples)).toBeCloseTo(5, 2);
  });

  it('is unknown for a single sample', () => {
    expect(slope([{ at: 0, value: 1 }])).toBeNaN();
    expect(slope([])).toBeNaN();
  });
});

describe('settled samples', () => {
  it('are those behind a share of the time', () => {
    const samples = Array.from({ length: 10 }, (_, at) => ({ at, value: 0 }));
    expect(settled(samples, 1 / 3).map(({ at }) => at)).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(settled(samples, 0)).toEqual(samples);
  });
});
