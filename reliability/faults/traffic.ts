// Numbered messages in both directions while something happens, and the audit afterwards.
// Rule: the peers close, all connections clean; everything reported as sent has then arrived.
import type { ConnectOptions } from 'framewright';
import type { Audit } from '../ledger/audit.ts';
import type { Plan } from '../ledger/exchange.ts';
import { type Check, exactly, ledgerHolds } from '../report/check.ts';
import type { Stage } from './stage.ts';

export interface Traffic {
  readonly connections: number;
  readonly plan: Plan;
  readonly options?: ConnectOptions;
  /** Where the peers connect to; the server by default. */
  readonly port?: number;
}

export async function openTraffic(
  stage: Stage,
  { connections, plan, options, port }: Traffic,
): Promise<void> {
  await stage.peers.ask('open', {
    port: port ?? stage.port,
    count: connections,
    first: 1,
    plan,
    ...(options === undefined ? {} : { options }),
  });
}

/** Lets the traffic flow through a disturbance to its clean end. */
export async function flow(
  stage: Stage,
  traffic: Traffic,
  disturb: () => Promise<void> = async () => {},
): Promise<Audit> {
  await openTraffic(stage, traffic);
  await disturb();
  await stage.peers.ask('sent');
  await stage.peers.ask('closeAll', 1000);
  await stage.settled();
  return stage.audit();
}

/** The gates of traffic that nothing should have harmed. */
export const unharmed = (audit: Audit, connections: number): Check[] => [
  ledgerHolds(audit),
  exactly('connections that closed clean', audit.clean, connections),
];

export const summary = ({ connections, messages, codes }: Audit): string =>
  `${connections} connections, ${messages.toLocaleString('en')} messages received, closures ${JSON.stringify(codes)}`;
