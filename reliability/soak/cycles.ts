// The churn: connect, one echo, close, over and over, every other connection compressed.
// Rule: each cycle is clean, and what the server holds after the last one is what it held after the first thousand.
import { Stage } from '../faults/stage.ts';
import { atLeast, atMost, type Check, exactly, none } from '../report/check.ts';
import { type Sample, slope } from './slope.ts';

export interface ChurnSetting {
  readonly cycles: number;
  readonly engine: string | undefined;
}

const batches = 10;
const concurrency = 32;
/** Cycles from which on a slope and a rate say something. */
const enough = 20_000;

export async function churn({ cycles, engine }: ChurnSetting): Promise<{ checks: Check[]; notes: string[] }> {
  const stage = await Stage.open({
    plan: { count: 0, mix: 'small', pause: 0 },
    engine,
    config: { perMessageDeflate: { threshold: 0 } },
  });
  try {
    const { peers, server, port } = stage;
    const warm = Math.min(2_000, cycles);
    await peers.ask('churn', port, warm, concurrency, true);
    await stage.settled();
    const before = await server.ask('counts');
    const samples: Sample[] = [{ at: 0, value: (await server.ask('resources')).heap }];
    const failures: string[] = [];
    let seconds = 0;
    let done = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      const churned = await peers.ask('churn', port, Math.ceil(cycles / batches), concurrency, true);
      await stage.settled();
      seconds += churned.seconds;
      done += churned.cycles;
      failures.push(...churned.failures);
      samples.push({ at: done, value: (await server.ask('resources')).heap });
    }
    const { opened, ended } = await server.ask('counts');
    const codes = await server.ask('endings');
    return {
      checks: [
        none('cycles with another end than a clean 1000', failures),
        exactly('connections the server opened', opened - before.opened, done),
        exactly('closures they had', ended - before.ended, done),
        // Over fewer cycles the code that is still being compiled weighs more than a leak would.
        ...(done < enough
          ? []
          : [
              atMost('heap slope', slope(samples), 10, 'B/cycle'),
              atLeast('rate', done / seconds, 500, 'cycles/s'),
            ]),
        ...(await stage.checkResources(2 * 1_048_576)),
      ],
      notes: [
        `${done.toLocaleString('en')} cycles in ${seconds.toFixed(1)} s, ${concurrency} at a time; closures ${JSON.stringify(codes)}`,
        `heap slope ${slope(samples).toFixed(2)} B/cycle, ${(done / seconds).toFixed(0)} cycles a second`,
      ],
    };
  } finally {
    await stage.close();
  }
}
