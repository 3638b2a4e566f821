// The load generator: a process of its own, told by the runner what to do (see work.ts for the conversation).
import { performance } from 'node:perf_hooks';
import { BroadcastWork } from './broadcast.ts';
import { CompressedEchoWork } from './compressed-echo.ts';
import { EchoWork } from './echo.ts';
import { FairnessWork } from './fairness.ts';
import { HandshakeWork } from './handshakes.ts';
import { IdleWork } from './idle.ts';
import { ReceiveWork } from './receive.ts';
import type { Answer, Ask, Order, Work } from './work.ts';

let work: Work | undefined;
let failure: Error | undefined;
let reportFailure: (error: Error) => void = () => {};

/** The first fault ends the measurement, whatever is being waited for. */
const failed = new Promise<never>((_, reject) => {
  reportFailure = (error) => {
    failure ??= error;
    reject(error);
  };
});
failed.catch(() => {});

function workFor({ scenario, target }: Order): Work {
  switch (scenario.kind) {
    case 'echo':
      return scenario.deflate === undefined
        ? new EchoWork(scenario, target, reportFailure)
        : new CompressedEchoWork(scenario, target, reportFailure);
    case 'receive':
      return new ReceiveWork(scenario, target, reportFailure);
    case 'broadcast':
      return new BroadcastWork(scenario, target, reportFailure);
    case 'handshakes':
      return new HandshakeWork(scenario, target, reportFailure);
    case 'idle':
      return new IdleWork(scenario, target, reportFailure);
    case 'fairness':
      return new FairnessWork(scenario, target, reportFailure);
  }
}

async function perform(ask: Ask): Promise<void> {
  if (ask.do === 'open') {
    work = workFor(ask.order);
    await work.open();
  } else if (ask.do === 'start') work?.start();
  else if (ask.do === 'step') await work?.step();
  else if (ask.do === 'stop') await work?.stop();
}

function answer(): Answer {
  const { user, system } = process.cpuUsage();
  const latency = work?.latency;
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => latency?.percentile(share));
  return {
    ...(failure === undefined ? {} : { failed: failure.message }),
    sent: work?.sent ?? 0,
    completed: work?.completed ?? 0,
    cpu: user + system,
    at: performance.now(),
    latency:
      p50 === undefined || p99 === undefined || p999 === undefined
        ? null
        : { p50, p99, p999, max: latency?.max ?? 0 },
    lastDigest: work?.lastDigest ?? '',
  };
}

process.on('message', (ask: Ask) => {
  Promise.race([perform(ask), failed])
    .catch(reportFailure)
    .finally(() => {
      process.send?.(answer());
      // What follows a sample is counted afresh, so that the warm-up is not in the percentiles.
      if (ask.do === 'sample') work?.latency.clear();
    });
});
process.on('disconnect', () => process.exit(0));
