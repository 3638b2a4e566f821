// The soak: numbered messages of all sizes on many connections for minutes, half of them compressed.
// Rule: at the end every message is accounted for, and memory has not followed time.
import { setTimeout as sleep } from 'node:timers/promises';
import { Stage } from '../faults/stage.ts';
import { summary, unharmed } from '../faults/traffic.ts';
import { atLeast, atMost, type Check } from '../report/check.ts';
import { type Sample, settled, slope } from './slope.ts';

export interface MixSetting {
  readonly seconds: number;
  readonly connections: number;
  readonly engine: string | undefined;
}

const mebibyte = 1_048_576;
/** Milliseconds between two messages of one end. */
const pause = 20;

interface Samples {
  readonly heap: Sample[];
  readonly rss: Sample[];
}

async function sampled(stage: Stage, seconds: number): Promise<Samples> {
  const samples: Samples = { heap: [], rss: [] };
  const begun = Date.now();
  const every = Math.min(10, seconds / 6) * 1_000;
  for (let at = 0; at < seconds; at = (Date.now() - begun) / 1_000) {
    await sleep(every);
    const { heap, rss } = await stage.server.ask('resources');
    samples.heap.push({ at, value: heap });
    samples.rss.push({ at, value: rss });
  }
  return samples;
}

const perMinute = (samples: readonly Sample[]): number => (slope(settled(samples, 1 / 3)) * 60) / 1_024;

export async function soak({
  seconds,
  connections,
  engine,
}: MixSetting): Promise<{ checks: Check[]; notes: string[] }> {
  const plan = { count: Number.POSITIVE_INFINITY, mix: 'soak', pause } as const;
  const stage = await Stage.open({ plan, engine, config: { perMessageDeflate: true } });
  try {
    const half = Math.ceil(connections / 2);
    await stage.peers.ask('open', { port: stage.port, first: 1, count: half, plan });
    await stage.peers.ask('open', {
      port: stage.port,
      first: half + 1,
      count: connections - half,
      plan,
      options: { perMessageDeflate: { threshold: 0 } },
    });
    const { heap, rss } = await sampled(stage, seconds);
    await stage.server.ask('stopSending');
    await stage.peers.ask('closeAll', 1000);
    await stage.settled();
    const audit = await stage.audit();
    const last = settled(heap, 1 / 3);
    const growth = ((last.at(-1)?.value ?? 0) - (last[0]?.value ?? 0)) / 1_024;
    const rssNow = (rss.at(-1)?.value ?? 0) / mebibyte;
    return {
      checks: [
        ...unharmed(audit, connections),
        atLeast('messages', audit.messages, connections),
        // One message of a MiB more in the air at one end than at the other.
        atMost('heap growth after the first third', growth, 4_096, 'KiB'),
        ...(await stage.checkResources(4 * mebibyte)),
      ],
      notes: [
        summary(audit),
        `heap slope ${perMinute(heap).toFixed(1)} KiB/min, resident slope ${perMinute(rss).toFixed(1)} KiB/min over the last two thirds (${last.length} samples); resident at the end ${rssNow.toFixed(1)} MiB`,
        `${(audit.messages / seconds).toFixed(0)} messages a second`,
      ],
    };
  } finally {
    await stage.close();
  }
}
