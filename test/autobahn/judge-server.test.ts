import { beforeAll, describe, expect, it } from 'vitest';
import type { Case } from '../../autobahn/cases/case.ts';
import { allCases } from '../../autobahn/cases/index.ts';
import { passes } from '../../autobahn/judge.ts';
import { runAgainstServer } from '../../autobahn/run.ts';
import { schedule } from '../../autobahn/schedule.ts';
import { select } from '../../autobahn/select.ts';
import { parseTarget } from '../../autobahn/target.ts';
import { type Flaw, flawedPeer } from './flawed-peer.ts';

const TIMING = { pause: 200, fail: 600, drop: 300 };

const cases = (ids: string): Case[] => select({ only: ids.split(' '), exclude: [] }, 'client');

/** The ids among `ids` that are not OK on a peer with this flaw. */
async function caught(flaw: Flaw | null, ids: string): Promise<string[]> {
  const peer = await flawedPeer(flaw);
  try {
    const { results } = await runAgainstServer(parseTarget(peer.url), cases(ids), {
      timing: TIMING,
      concurrency: 24,
    });
    return results.filter((result) => !passes(result, true)).map(({ id }) => id);
  } finally {
    await peer.close();
  }
}

/** Short cases of every group, which a peer without a flaw passes. */
const REPRESENTATIVE =
  '1.1.1 1.1.3 1.1.6 1.1.8 1.2.* 2.* 3.* 4.* 5.* 6.1.* 6.2.* 6.3.* 6.4.* 6.6.* 6.12.* 6.20.* 7.1.* 7.3.* 7.5.1 7.7.1 7.7.13 7.9.* 9.1.1 9.2.1 9.3.6 9.5.6 9.7.1 10.1.1 12.1.1 13.3.2 20.5.1 20.5.8 21.2.5 22.*';

/** What each flaw must be caught by. Each list is the exact set within its own pattern. */
const FLAWS: readonly (readonly [flaw: Flaw, within: string, caught: string])[] = [
  ['drops messages over 125 octets', '1.1.*', '1.1.3 1.1.4 1.1.5 1.1.6 1.1.7 1.1.8'],
  ['sends long lengths for short frames', '1.1.1 1.1.2', '1.1.1 1.1.2'],
  ['masks its frames', '1.2.1 2.1 7.1.1', '1.2.1 2.1 7.1.1'],
  ['echoes text as binary', '1.1.1 1.2.1', '1.1.1'],
  ['never pongs', '2.*', '2.1 2.2 2.3 2.4 2.6 2.9 2.10 2.11'],
  ['pongs with another payload', '2.*', '2.1 2.2 2.3 2.4 2.6 2.9 2.10 2.11'],
  ['answers unsolicited pongs', '2.*', '2.7 2.8 2.9'],
  ['accepts long control frames', '2.*', '2.5'],
  ['ignores RSV bits', '3.*', '3.1 3.2 3.3 3.4 3.5 3.6 3.7'],
  ['ignores reserved opcodes', '4.*', '4.1.1 4.1.2 4.1.3 4.1.4 4.1.5 4.2.1 4.2.2 4.2.3 4.2.4 4.2.5'],
  ['accepts fragmented control frames', '5.1 5.2 5.3', '5.1 5.2'],
  ['delivers fragments as messages', '5.3 5.4 5.5 6.1.2 23.2.1', '5.3 5.4 5.5 6.1.2 23.2.1'],
  ['answers pings after the message', '5.3 5.6 5.7 5.8 5.19', '5.6 5.7 5.8 5.19'],
  ['accepts stray continuations', '5.3 5.9', '5.9'],
  ['does not check UTF-8', '6.2.1 6.3.1 6.6.1 6.12.1 6.20.1', '6.3.1 6.6.1 6.12.1 6.20.1'],
  ['checks UTF-8 at the end only', '6.3.1 6.4.1 6.4.2 22.9.1', '6.4.1 6.4.2 22.9.1'],
  ['does not echo the Close', '7.1.1 7.3.3 7.7.1', '7.1.1 7.3.3 7.7.1'],
  ['echoes a wrong close code', '7.1.1 7.7.1 7.7.2', '7.1.1 7.7.1'],
  ['accepts any close code', '7.7.1 7.9.2 7.9.9 22.8.2', '7.9.2 7.9.9 22.8.2'],
  ['answers a Close of one octet with 1000', '7.3.1 7.3.2 7.3.3', '7.3.2'],
  ['pongs after the Close', '7.1.3', '7.1.3'],
  ['drops TCP at a Close', '7.1.2 7.3.1', '7.1.2 7.3.1'],
  ['leaves TCP open after the Close', '7.1.2 7.3.1', '7.1.2 7.3.1'],
  ['fails with 1000', '3.1 6.3.1', '3.1 6.3.1'],
  ['loses an octet of long messages', '9.1.1 9.2.1 10.1.1', '9.1.1 9.2.1 10.1.1'],
  ['uses a larger window than agreed', '13.3.6', '13.3.6'],
  ['keeps its context though it promised not to', '12.1.1 13.2.1', '12.1.1 13.2.1'],
  ['loses an octet of compressed messages', '1.1.2 12.3.1 12.5.2 13.4.1', '12.3.1 12.5.2 13.4.1'],
  ['answers with an unknown deflate parameter', '12.1.1 13.1.1', '12.1.1 13.1.1'],
  ['never compresses its handshake', '1.1.1 12.1.1 13.7.1', '12.1.1 13.7.1'],
  ['ignores truncated deflate data', '24.1.1 24.2.3', '24.2.3'],
  ['accepts any key', '20.5.*', '20.5.1 20.5.2 20.5.3 20.5.4 20.5.5 20.5.6'],
  ['accepts any version', '20.5.7 20.5.9 20.9.1', '20.5.7 20.5.9'],
  ['takes bad deflate offers', '21.1.1 21.2.1 21.2.5 21.2.6', '21.2.1 21.2.5 21.2.6'],
  ['accepts long lengths for short frames', '22.1.1 22.1.5', '22.1.1 22.1.5'],
  ['accepts unmasked frames', '22.3.1 22.3.4 22.5.1', '22.3.1 22.3.4'],
];

const found = new Map<Flaw | null, readonly string[]>();

// Peers are judged side by side: most of the time goes by waiting for what a flawed peer never does.
beforeAll(async () => {
  const runs = [[null, REPRESENTATIVE] as const, ...FLAWS.map(([flaw, within]) => [flaw, within] as const)];
  await schedule(
    runs.map(([flaw, within]) => ({ cost: 1, flaw, within })),
    12,
    async ({ flaw, within }) => {
      found.set(flaw, await caught(flaw, within));
    },
  );
});

describe('judging servers', () => {
  it('finds nothing to say against a peer without a flaw, but that it judges text by whole frames', () => {
    expect(found.get(null)).toEqual(['6.4.3', '6.4.4']);
  });

  it.each(FLAWS)('catches a peer that %s', (flaw, _within, expected) => {
    expect(found.get(flaw)).toEqual(expected.split(' '));
  });

  it('has a planted flaw for every group that judges servers', () => {
    const groupOf = (id: string): string => id.split('.')[0] ?? '';
    const judged = new Set(allCases.filter(({ judges }) => judges !== 'client').map(({ id }) => groupOf(id)));
    const planted = new Set(FLAWS.flatMap(([, , ids]) => ids.split(' ').map(groupOf)));
    expect([...judged].filter((group) => !planted.has(group))).toEqual([]);
  });
});
