import { describe, expect, it } from 'vitest';
import type { RoundsPlot } from '../../autobahn/cases/case.ts';
import { recorded } from '../../autobahn/recordings.ts';
import { Deflater, Inflater } from '../../autobahn/wire/deflate.ts';

const plot = (series: string): RoundsPlot => ({
  kind: 'rounds',
  count: 4,
  binary: false,
  message: (round) => Buffer.alloc(2000, `${series} ${round} `),
  series,
  fragment: 0,
  patience: 1000,
});

describe('what the suite sends compressed', () => {
  it.each([true, false])('is what a compressor of its own would send, with takeover %s', (takeover) => {
    const direction = { windowBits: 15, takeover };
    const deflater = new Deflater(direction);
    const one = plot('own');
    for (let round = 0; round < 4; round++) {
      expect(recorded(one, round, direction).equals(deflater.deflate(one.message(round)))).toBe(true);
    }
  });

  it('can be followed by several connections, each at its own round', () => {
    const direction = { windowBits: 15, takeover: true };
    const [ahead, behind] = [new Inflater(direction), new Inflater(direction)];
    const one = plot('shared');
    const read = (inflater: Inflater, round: number): string =>
      inflater.inflate(recorded(one, round, direction)).toString();
    for (const round of [0, 1, 2]) read(ahead, round);
    for (const round of [0, 1, 2, 3]) expect(read(behind, round)).toBe(one.message(round).toString());
  });

  it('differs by series and by parameters', () => {
    const payload = (series: string, windowBits: number, takeover: boolean): string =>
      [0, 1].map((round) => recorded(plot(series), round, { windowBits, takeover }).toString('hex')).join();
    const all = [payload('a', 15, true), payload('a', 15, false), payload('b', 15, true)];
    expect(new Set(all).size).toBe(3);
  });
});
