// The server's event loop stands still for seconds, many heartbeats long.
// Rule: peers that could not be heard are not taken for dead; nobody is disconnected and nothing is lost.
import { exactly } from '../report/check.ts';
import { type Fault, onStage, scaled } from './fault.ts';
import { flow, summary, unharmed } from './traffic.ts';

const ms = 5_000;

export const blocked: Fault = {
  name: 'blocked-loop',
  title: `the event loop blocked for ${ms / 1_000} s, heartbeat of 1 s`,
  run(setting) {
    const connections = scaled(setting, 200, 5);
    const plan = { count: 60, mix: 'small', pause: 50 } as const;
    const config = { pingInterval: 500, pingTimeout: 500, handshakeTimeout: 1_000 };
    return onStage(setting, { plan, config }, async (stage) => {
      // The peers only wait: it is the server's patience that is tested.
      const audit = await flow(stage, { connections, plan, options: { pingInterval: 0 } }, () =>
        stage.server.ask('block', ms),
      );
      const dropped = Object.entries(audit.codes).filter(([code]) => code !== '1000');
      return {
        checks: [
          ...unharmed(audit, connections),
          exactly('disconnected', dropped.length, 0),
          ...(await stage.checkResources()),
        ],
        notes: [summary(audit)],
      };
    });
  },
};
