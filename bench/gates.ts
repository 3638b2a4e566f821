// What each row must reach (gate) and where the field's record stands or falls (goal).
// Rule: ratios are to `ws` in the same run; memory rows are KiB per connection and delay rows milliseconds, both
// as upper bounds.

export interface Gate {
  readonly gate: number;
  readonly goal: number;
  readonly measure: 'ratio' | 'at most';
}

const ratio = (gate: number, goal: number): Gate => ({ gate, goal, measure: 'ratio' });
const atMost = (gate: number, goal: number): Gate => ({ gate, goal, measure: 'at most' });

export const gates: Readonly<Record<string, Gate>> = {
  'echo-20x50': ratio(1.25, 1.7),
  'echo-20x1000': ratio(1.35, 1.8),
  'echo-16k': ratio(2.4, 3.6),
  'pipelined-20': ratio(15, 26),
  'pipelined-125': ratio(15, 32),
  'echo-1m': ratio(2.3, 4.3),
  'echo-1m-text': ratio(2, 4),
  'receive-20': ratio(3, 6),
  'receive-125': ratio(4, 9),
  'receive-fragments': ratio(3, 5.5),
  'receive-64k': ratio(3, 8),
  'broadcast-1': ratio(1.3, 1.6),
  'broadcast-8': ratio(8, 13),
  handshakes: ratio(1.8, 3),
  idle: atMost(5, 4),
  'idle-deflate': atMost(80, 40),
  'idle-deflate-no-takeover': atMost(8, 5),
  'deflate-125': ratio(6, 11),
  'deflate-1k': ratio(4.5, 5.5),
  'deflate-64k': ratio(1.5, 2.4),
  'deflate-1k-no-takeover': ratio(4.5, 6),
  'fairness-large': atMost(20, 10),
  'fairness-tiny': atMost(20, 10),
};

export type Verdict = 'goal' | 'gate' | 'missed';

/** Judges one row: `value` is the row's figure, `ratioToBaseline` its ratio to ws when that was measured. */
export function judge(name: string, value: number, ratioToBaseline: number | undefined): Verdict | undefined {
  const bound = gates[name];
  if (bound === undefined) return undefined;
  if (bound.measure === 'at most')
    return value <= bound.goal ? 'goal' : value <= bound.gate ? 'gate' : 'missed';
  if (ratioToBaseline === undefined) return undefined;
  return ratioToBaseline >= bound.goal ? 'goal' : ratioToBaseline >= bound.gate ? 'gate' : 'missed';
}
