// More clients than the process has descriptors.
// Rule: those it has room for are served, the server lives, and when descriptors are free it serves again at once.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { dial, dialWebSocket } from '../network/raw.ts';
import { atLeast, atMost, exactly } from '../report/check.ts';
import { type Fault, type Finding, onStage, scaled } from './fault.ts';
import type { Stage } from './stage.ts';

const descriptors = 128;
const connects = 400;

async function crowd(port: number): Promise<Socket[]> {
  const attempts = Array.from({ length: connects }, () => dial(port).catch(() => undefined));
  const sockets = await Promise.all(attempts);
  return sockets.filter((socket) => socket !== undefined);
}

async function play(stage: Stage, rounds: number): Promise<Finding> {
  let slowest = 0;
  let refused = 0;
  for (let round = 0; round < rounds; round += 1) {
    const sockets = await crowd(stage.port);
    await sleep(100);
    for (const socket of sockets) socket.resetAndDestroy();
    const begun = Date.now();
    const late: string[] = [];
    for (let number = 0; number < 100; number += 1) {
      try {
        (await dialWebSocket(stage.port, '/swallow')).resetAndDestroy();
      } catch (error) {
        late.push(String(error));
      }
    }
    slowest = Math.max(slowest, Date.now() - begun);
    refused += late.length;
    await stage.settled();
  }
  const { reported } = await stage.server.ask('counts');
  return {
    checks: [
      exactly('of the clients that came after the release refused', refused, 0),
      atMost('slowest hundred of them', slowest, 1_000, 'ms'),
      atLeast('rounds', rounds, 1),
      ...(await stage.checkResources()),
    ],
    notes: [
      `${rounds} rounds of ${connects} connects to a process with ${descriptors} descriptors; ${reported} errors reported to onError`,
    ],
  };
}

export const exhausted: Fault = {
  name: 'descriptors',
  title: 'EMFILE: more clients than descriptors',
  run: (setting) =>
    onStage(
      setting,
      {
        plan: { count: 0, mix: 'small', pause: 0 },
        reports: true,
        server: { descriptors },
        config: { handshakeTimeout: 2_000 },
      },
      (stage) => play(stage, scaled(setting, 20, 2)),
    ),
};
