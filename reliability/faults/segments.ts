// Every byte in a segment of its own, both ways, the opening handshake included.
// Rule: what arrives is the same as ever; only the time is not.
import { startRelay } from '../network/relay.ts';
import { type Fault, onStage, scaled } from './fault.ts';
import { flow, summary, unharmed } from './traffic.ts';

export const segments: Fault = {
  name: 'segments',
  title: 'one-byte segments in both directions',
  run(setting) {
    const connections = scaled(setting, 20, 2);
    const plan = { count: scaled(setting, 50, 5), mix: 'small', pause: 0 } as const;
    return onStage(setting, { plan, config: { perMessageDeflate: true } }, async (stage) => {
      const relay = await startRelay(stage.port);
      try {
        const options = { perMessageDeflate: { threshold: 0 } };
        const audit = await flow(stage, { connections, plan, options, port: relay.port });
        return {
          checks: [...unharmed(audit, connections), ...(await stage.checkResources())],
          notes: [summary(audit)],
        };
      } finally {
        relay.close();
      }
    });
  },
};
