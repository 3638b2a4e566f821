// Bad links: packets lost, a slow line, a line that is down for a moment, and peers that vanish without a word.
// Rule: what TCP can mend is mended and nobody notices but by the clock; what it cannot ends with 1006, once, in time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from '../network/link.ts';
import { atMost, exactly, ledgerHolds } from '../report/check.ts';
import { type Fault, type Finding, onStage, type Setting, scaled } from './fault.ts';
import type { Stage } from './stage.ts';
import { flow, openTraffic, summary, unharmed } from './traffic.ts';

function linkOf({ link }: Setting): Link {
  if (link === undefined) throw new Error('There is no link that can be spoilt.');
  return link;
}

const percent = (share: number): string => `${share * 100} %`;

/** Packets lost at random, each way. */
export const loss = [0.01, 0.05, 0.1].map(
  (share): Fault => ({
    name: `loss-${share * 100}`,
    title: `${percent(share)} of the packets lost each way`,
    needsLink: true,
    run(setting) {
      const link = linkOf(setting);
      const connections = scaled(setting, 30, 3);
      const plan = { count: scaled(setting, 60, 8), mix: 'mixed', pause: 20 } as const;
      return onStage(setting, { plan, config: { pingInterval: 0 } }, async (stage) => {
        link.lose(share);
        const options = { pingInterval: 0, handshakeTimeout: 60_000, closeTimeout: 60_000 };
        const audit = await flow(stage, { connections, plan, options });
        link.heal();
        return {
          checks: [...unharmed(audit, connections), ...(await stage.checkResources())],
          notes: [summary(audit)],
        };
      });
    },
  }),
);

/** A line of so many kilobits a second, shared by all. */
export const slow = [512, 64].map(
  (kilobits): Fault => ({
    name: `slow-${kilobits}`,
    title: `a line of ${kilobits} kbit/s`,
    needsLink: true,
    run(setting) {
      const link = linkOf(setting);
      const connections = scaled(setting, 10, 2);
      const cap = 262_144;
      const plan = { count: Number.POSITIVE_INFINITY, mix: 'mixed', pause: 0 } as const;
      const config = {
        pingInterval: 0,
        maxWriteBufferSize: cap,
        writeBufferSize: 65_536,
        closeTimeout: 60_000,
      };
      return onStage(setting, { plan, config }, async (stage) => {
        const before = await stage.server.ask('memory');
        const peerPlan = { ...plan, count: 5 };
        await openTraffic(stage, { connections, plan: peerPlan, options: { ...config } });
        link.throttle(kilobits);
        let most = 0;
        for (let second = 0; second < scaled(setting, 8, 2); second += 1) {
          await sleep(1_000);
          most = Math.max(most, (await stage.server.ask('memory')) - before);
        }
        link.heal();
        await stage.server.ask('stopSending');
        await stage.peers.ask('sent');
        await sleep(500);
        await stage.peers.ask('closeAll', 1000);
        await stage.settled();
        const audit = await stage.audit();
        const allowed = (connections * (cap + 65_536)) / 1_024;
        return {
          checks: [
            ...unharmed(audit, connections),
            atMost('memory while the server pours', most / 1_024, allowed, 'KiB'),
            ...(await stage.checkResources()),
          ],
          notes: [summary(audit)],
        };
      });
    },
  }),
);

/** The link goes down and comes back before anybody's patience ends. */
export const outage: Fault = {
  name: 'outage',
  title: 'the link is down for 2 s',
  needsLink: true,
  run(setting) {
    const link = linkOf(setting);
    const connections = scaled(setting, 50, 3);
    const plan = { count: 100, mix: 'mixed', pause: 20 } as const;
    const config = { pingInterval: 2_000, pingTimeout: 6_000 };
    return onStage(setting, { plan, config }, async (stage) => {
      const audit = await flow(stage, { connections, plan, options: config }, async () => {
        link.cut();
        await sleep(2_000);
        link.lose(0);
      });
      return {
        checks: [...unharmed(audit, connections), ...(await stage.checkResources())],
        notes: [summary(audit)],
      };
    });
  },
};

const heartbeat = 1_000;

async function vanish(stage: Stage, setting: Setting): Promise<Finding> {
  const link = linkOf(setting);
  const connections = scaled(setting, 200, 5);
  const rounds = scaled(setting, 3, 1);
  const plan = { count: Number.POSITIVE_INFINITY, mix: 'small', pause: 50 } as const;
  const options = { pingInterval: heartbeat, pingTimeout: heartbeat };
  const notes: string[] = [];
  const checks = [];
  let slowest = 0;
  for (let round = 0; round < rounds; round += 1) {
    await stage.forget();
    await openTraffic(stage, { connections, plan, options });
    await sleep(300);
    link.cut();
    const cutAt = Date.now();
    const open = await stage.peers.ask('ended', 2 * heartbeat + 3_000);
    await stage.settled();
    link.heal();
    const audit = await stage.audit();
    const both = [...(await stage.server.ask('accounts')), ...(await stage.peers.ask('accounts'))];
    const times = both.map(({ endings }) => (endings[0]?.at ?? Number.POSITIVE_INFINITY) - cutAt);
    slowest = Math.max(slowest, ...times);
    const lost = both.filter(({ endings }) => endings[0]?.code === 1006).length;
    checks.push(ledgerHolds(audit), exactly('ends that were told 1006', lost, connections * 2));
    checks.push(exactly('connections still open', open, 0));
    notes.push(summary(audit));
  }
  checks.push(atMost('slowest detection', slowest, 2 * heartbeat + 1_000, 'ms'));
  return { checks: [...checks, ...(await stage.checkResources())], notes };
}

/** Both ends become half open: no packet passes any more. */
export const halfOpen: Fault = {
  name: 'half-open',
  title: `every packet dropped; heartbeat of ${heartbeat} ms`,
  needsLink: true,
  run: (setting) =>
    onStage(
      setting,
      {
        plan: { count: Number.POSITIVE_INFINITY, mix: 'small', pause: 50 },
        config: { pingInterval: heartbeat, pingTimeout: heartbeat },
      },
      (stage) => vanish(stage, setting),
    ),
};
