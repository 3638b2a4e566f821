// From single measurements to the rows of the report.
// Rule: ratios are taken within a round and the median of them is reported, because absolute figures drift on a
// shared machine while neighbours in time drift together.
import { judge, type Verdict } from '../gates.ts';
import type { Measurement } from '../measure.ts';
import { type Scenario, unitOf } from '../scenarios.ts';
import { median } from '../statistics.ts';

export interface Cell {
  readonly peer: string;
  readonly rounds: number;
  /** Median of the row's figure. */
  readonly value: number;
  /** Median over the rounds of this peer's figure to the baseline's; undefined for the baseline itself. */
  readonly ratio: number | undefined;
  readonly perSecond: number;
  readonly serverCpu: number;
  readonly loadCpu: number;
  readonly latency: { p50: number; p99: number; p999: number; max: number } | undefined;
  readonly rssMiB: number;
  readonly verdict: Verdict | undefined;
}

export interface Row {
  readonly scenario: string;
  readonly title: string;
  readonly unit: string;
  readonly baseline: string;
  readonly cells: readonly Cell[];
}

/** A measurement together with the round it belongs to. */
export type Taken = Measurement & { readonly round: number };

export function summarize(scenario: Scenario, peers: readonly string[], taken: readonly Taken[]): Row {
  const baseline = peers.includes('ws') ? 'ws' : (peers[0] ?? '');
  const mine = taken.filter((one) => one.scenario === scenario.name);
  const cells = peers.flatMap((peer) => {
    const rounds = mine.filter((one) => one.peer === peer);
    return rounds.length === 0 ? [] : [cellOf(scenario, peer, rounds, mine, baseline)];
  });
  return { scenario: scenario.name, title: scenario.title, unit: unitOf(scenario).unit, baseline, cells };
}

function cellOf(
  scenario: Scenario,
  peer: string,
  rounds: readonly Taken[],
  all: readonly Taken[],
  baseline: string,
): Cell {
  const ratios = rounds.flatMap(({ round, value }) => {
    const reference = all.find((one) => one.peer === baseline && one.round === round);
    return reference === undefined ? [] : [value / reference.value];
  });
  const ratio = peer === baseline || ratios.length === 0 ? undefined : median(ratios);
  const middle = (pick: (one: Taken) => number): number => median(rounds.map(pick));
  const value = middle((one) => one.value);
  const times = rounds.flatMap(({ latency }) => (latency === null ? [] : [latency]));
  const time = (pick: (one: (typeof times)[number]) => number): number => median(times.map(pick));
  return {
    peer,
    rounds: rounds.length,
    value,
    ratio,
    perSecond: middle((one) => one.perSecond),
    serverCpu: middle((one) => one.serverCpu),
    loadCpu: middle((one) => one.loadCpu),
    latency:
      times.length === 0
        ? undefined
        : {
            p50: time((one) => one.p50),
            p99: time((one) => one.p99),
            p999: time((one) => one.p999),
            max: time((one) => one.max),
          },
    rssMiB: middle((one) => one.rss) / 1024 / 1024,
    verdict: peer.startsWith('framewright') ? judge(scenario.name, value, ratio) : undefined,
  };
}
