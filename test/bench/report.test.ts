// What the report says about measurements: medians, ratios within a round, gates.
import { describe, expect, it } from 'vitest';
import { gates, judge } from '../../bench/gates.ts';
import type { Machine } from '../../bench/report/machine.ts';
import { figure, markdownReport } from '../../bench/report/markdown.ts';
import { summarize, type Taken } from '../../bench/report/summary.ts';
import { svgChart } from '../../bench/report/svg.ts';
import { type Scenario, scenarios } from '../../bench/scenarios.ts';
import { Histogram, median } from '../../bench/statistics.ts';

const machine: Machine = {
  date: '2026-11-25',
  processor: 'a processor',
  cores: 2,
  memoryGiB: 1,
  system: 'a system',
  node: 'v20.20.2',
  versions: { ws: '8' },
};

function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

const taken = (scenario: string, peer: string, round: number, value: number): Taken => ({
  scenario,
  peer,
  round,
  value,
  messages: 1,
  perSecond: value,
  serverCpu: 1,
  loadCpu: 0.5,
  latency: null,
  rss: 1 << 20,
  runtime: '',
  verified: 1,
});

describe('statistics', () => {
  it('takes the middle', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('keeps percentiles within a bucket of the truth', () => {
    const histogram = new Histogram();
    expect(histogram.percentile(0.5)).toBeUndefined();
    for (let ms = 1; ms <= 1000; ms += 1) histogram.add(ms);
    expect(Math.abs((histogram.percentile(0.5) ?? 0) / 500 - 1)).toBeLessThan(0.05);
    expect(Math.abs((histogram.percentile(0.99) ?? 0) / 990 - 1)).toBeLessThan(0.05);
    expect(histogram.percentile(1)).toBe(1000);
    histogram.clear();
    expect(histogram.percentile(1)).toBeUndefined();
  });
});

describe('gates', () => {
  it('bounds every row but those that are only shown, the goal beyond the gate', () => {
    const shown = [
      'deflate-16k',
      'deflate-125-no-takeover',
      'deflate-16k-no-takeover',
      'deflate-64k-no-takeover',
    ];
    const rows = scenarios.map(({ name }) => name).filter((name) => !shown.includes(name));
    expect(Object.keys(gates).sort()).toEqual(rows.sort());
    expect(scenarios).toHaveLength(rows.length + shown.length);
    for (const { gate, goal, measure } of Object.values(gates)) {
      if (measure === 'ratio') expect(goal).toBeGreaterThanOrEqual(gate);
      else expect(goal).toBeLessThanOrEqual(gate);
    }
  });

  it('judges ratios upwards and bounds downwards', () => {
    expect(judge('echo-20x50', 0, 1.24)).toBe('missed');
    expect(judge('echo-20x50', 0, 1.25)).toBe('gate');
    expect(judge('echo-20x50', 0, 1.7)).toBe('goal');
    expect(judge('echo-20x50', 0, undefined)).toBeUndefined();
    expect(judge('idle', 5.1, undefined)).toBe('missed');
    expect(judge('idle', 5, 3)).toBe('gate');
    expect(judge('idle', 4, 3)).toBe('goal');
  });
});

describe('the report', () => {
  const rounds = [
    ...[100, 200, 50].map((value, index) => taken('pipelined-20', 'ws', index + 1, value)),
    ...[1600, 3000, 1000].map((value, index) => taken('pipelined-20', 'framewright', index + 1, value)),
  ];
  const row = summarize(scenarioNamed('pipelined-20'), ['framewright', 'ws'], rounds);

  it('takes ratios within a round, so that a drifting machine does not matter', () => {
    const [ours, theirs] = row.cells;
    expect(ours).toMatchObject({ peer: 'framewright', rounds: 3, value: 1600, ratio: 16, verdict: 'gate' });
    expect(theirs).toMatchObject({ peer: 'ws', value: 100, ratio: undefined, verdict: undefined });
  });

  it('names machine, versions, gate and verdict', () => {
    const how = { rounds: 3, seconds: 1, pinned: true, notes: ['bun was skipped: it is not installed.'] };
    const text = markdownReport([row], ['framewright', 'ws'], machine, how);
    expect(text).toContain('a processor, 2 cores, 1 GiB, a system.');
    expect(text).toContain('Node v20.20.2 · ws 8.');
    expect(text).toContain('| 1,600 (16.00×) | 100 | 15× / 26× | gate reached |');
    expect(text).toContain('bun was skipped');
  });

  it('draws a bar as long as the ratio says, and memory upside down', () => {
    const idle = summarize(
      scenarioNamed('idle'),
      ['framewright', 'ws'],
      [taken('idle', 'ws', 1, 8), taken('idle', 'framewright', 1, 4)],
    );
    const chart = svgChart([row, idle], ['framewright', 'ws'], machine);
    expect(chart).toContain('>16×<');
    expect(chart).toContain('>2.0×<');
    expect(svgChart([], [], machine)).toBe('');
  });

  it('prints figures that can be read', () => {
    expect([figure(1234567), figure(0.012345), figure(12.345), figure(Number.NaN)]).toEqual([
      '1,234,567',
      '0.0123',
      '12.3',
      '–',
    ]);
  });
});
