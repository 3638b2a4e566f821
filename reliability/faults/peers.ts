// Peers whose process is stopped or killed while others go on.
// Rule: nobody else loses a message; a killed peer's connection ends with 1006 once; a stopped one is dropped by its
// heartbeat or, woken in time, goes on without a gap.
import { setTimeout as sleep } from 'node:timers/promises';
import { exactly, ledgerHolds } from '../report/check.ts';
import { type Fault, type Finding, onStage, type Setting, scaled } from './fault.ts';
import type { Stage } from './stage.ts';
import { openTraffic, summary } from './traffic.ts';

const plan = { count: Number.POSITIVE_INFINITY, mix: 'mixed', pause: 10 } as const;
const heartbeat = { pingInterval: 1_000, pingTimeout: 1_000 };

/** Sends of both ends end; then the peers close. */
async function finish(stage: Stage): Promise<void> {
  await stage.server.ask('stopSending');
  await stage.peers.ask('closeAll', 1000);
  await stage.settled();
}

async function killPeers(stage: Stage, setting: Setting): Promise<Finding> {
  const connections = scaled(setting, 50, 3);
  const rounds = scaled(setting, 10, 2);
  await openTraffic(stage, { connections, plan });
  for (let round = 1; round <= rounds; round += 1) {
    const victims = await stage.morePeers();
    await victims.ask('open', { port: stage.port, count: connections, first: round * 1_000, plan });
    await sleep(100);
    victims.signal('SIGKILL');
    await victims.exited;
  }
  await sleep(200);
  await finish(stage);
  const audit = await stage.audit(true);
  const here = await stage.server.ask('accounts');
  const killed = here.filter(({ id }) => id >= 1_000);
  return {
    checks: [
      ledgerHolds(audit),
      exactly(
        'closures 1006 of killed peers',
        killed.filter(({ endings }) => endings[0]?.code === 1006).length,
        connections * rounds,
      ),
      exactly('others that closed clean', audit.clean, connections),
      ...(await stage.checkResources()),
    ],
    notes: [`${rounds} processes killed in the middle of messages; ${summary(audit)}`],
  };
}

async function stopPeers(stage: Stage, setting: Setting, ms: number, survives: boolean): Promise<Finding> {
  const connections = scaled(setting, 50, 3);
  await openTraffic(stage, { connections, plan, options: heartbeat });
  const sleepers = await stage.morePeers();
  await sleepers.ask('open', {
    port: stage.port,
    count: connections,
    first: 1_000,
    plan,
    options: { pingInterval: 0 },
  });
  await sleep(200);
  sleepers.signal('SIGSTOP');
  await sleep(ms);
  const before = await stage.peers.ask('received');
  await sleep(200);
  const flowing = (await stage.peers.ask('received')) > before;
  sleepers.signal('SIGCONT');
  await sleep(300);
  await stage.server.ask('stopSending');
  await Promise.all([stage.peers.ask('closeAll', 1000), sleepers.ask('closeAll', 1000)]);
  await stage.settled();
  const audit = await stage.audit(false, [sleepers]);
  const here = await stage.server.ask('accounts');
  const dropped = here.filter(({ id, endings }) => id >= 1_000 && endings[0]?.code === 1006).length;
  return {
    checks: [
      ledgerHolds(audit),
      exactly('others still served meanwhile (1 = yes)', Number(flowing), 1),
      exactly('stopped peers dropped with 1006', dropped, survives ? 0 : connections),
      exactly('connections that closed clean', audit.clean, survives ? connections * 2 : connections),
      ...(await stage.checkResources()),
    ],
    notes: [summary(audit)],
  };
}

export const killedPeers: Fault = {
  name: 'killed-peers',
  title: 'SIGKILL of peers in the middle of messages',
  run: (setting) => onStage(setting, { plan, config: heartbeat }, (stage) => killPeers(stage, setting)),
};

export const stoppedPeers: Fault = {
  name: 'stopped-peers',
  title: 'SIGSTOP of peers, longer than the heartbeat bears',
  run: (setting) =>
    onStage(setting, { plan, config: heartbeat }, (stage) => stopPeers(stage, setting, 4_000, false)),
};

export const pausedPeers: Fault = {
  name: 'paused-peers',
  title: 'SIGSTOP of peers, woken before the heartbeat ends',
  run: (setting) =>
    onStage(setting, { plan, config: { pingInterval: 5_000, pingTimeout: 5_000 } }, (stage) =>
      stopPeers(stage, setting, 2_000, true),
    ),
};
