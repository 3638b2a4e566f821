// Handlers that throw, reject, or throw nothing at all, next to connections whose handlers are well.
// Rule: its own connection closes with 1011 (its own request is answered with 500), it is reported once, others live.

import { dial, dialWebSocket, frame, requestHead } from '../network/raw.ts';
import { exactly, none } from '../report/check.ts';
import { failingContexts, failingSessions } from '../server/faulty.ts';
import { type Fault, type Finding, onStage, type Setting, scaled } from './fault.ts';
import type { Stage } from './stage.ts';
import { openTraffic, summary, unharmed } from './traffic.ts';

/** The first bytes that come, as latin1. */
function answerOf(socket: Awaited<ReturnType<typeof dial>>): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (chunk: Buffer) => resolve(chunk.toString('latin1')));
    socket.once('end', () => resolve(''));
    socket.resume();
    socket.once('close', () => resolve(''));
  });
}

async function sessionFault(port: number, path: string): Promise<string | undefined> {
  const socket = await dialWebSocket(port, `/${path}`);
  socket.write(frame(0x82, 'do it'));
  const answer = Buffer.from(await answerOf(socket), 'latin1');
  socket.destroy();
  const isClose = answer[0] === 0x88 && answer.length >= 4;
  return isClose && answer.readUInt16BE(2) === 1011 ? undefined : `${path}: no Close 1011`;
}

async function contextFault(port: number, path: string): Promise<string | undefined> {
  const socket = await dial(port);
  socket.write(requestHead(`/${path}`));
  const answer = await answerOf(socket);
  socket.destroy();
  return answer.startsWith('HTTP/1.1 500') ? undefined : `${path}: ${answer.slice(0, 20)}`;
}

async function play(stage: Stage, setting: Setting): Promise<Finding> {
  const connections = scaled(setting, 30, 3);
  const rounds = scaled(setting, 30, 2);
  await openTraffic(stage, { connections, plan: { count: 50, mix: 'mixed', pause: 10 } });
  const problems: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const outcomes = await Promise.all([
      ...failingSessions.map((path) => sessionFault(stage.port, path)),
      ...failingContexts.map((path) => contextFault(stage.port, path)),
    ]);
    for (const outcome of outcomes) if (outcome !== undefined) problems.push(outcome);
  }
  const { reported } = await stage.server.ask('counts');
  await stage.peers.ask('sent');
  await stage.peers.ask('closeAll', 1000);
  await stage.settled();
  const audit = await stage.audit();
  const faults = (failingSessions.length + failingContexts.length) * rounds;
  return {
    checks: [
      none('failures that were not answered', problems),
      exactly('failures reported to onError', reported, faults),
      ...unharmed(audit, connections),
      ...(await stage.checkResources()),
    ],
    notes: [
      `${faults} failures of ${[...failingSessions, ...failingContexts].join(', ')}; ${summary(audit)}`,
    ],
  };
}

export const handlers: Fault = {
  name: 'handlers',
  title: 'handlers that throw and reject',
  run: (setting) =>
    onStage(setting, { plan: { count: 50, mix: 'mixed', pause: 10 }, reports: true }, (stage) =>
      play(stage, setting),
    ),
};
