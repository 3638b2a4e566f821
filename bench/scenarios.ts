// What is measured: one entry per row of the report. Data only; how a row is measured is in measure/, what the
// load generator sends is in load/.
// Rule: a row is defined once, and every peer gets exactly the same bytes.

/** What the messages of a row carry. Sizes are payload bytes before compression. */
export interface Payload {
  readonly size: number;
  readonly form: 'ascii' | 'multibyte' | 'json' | 'binary';
}

/** Whether permessage-deflate is offered, and with which memory between messages. */
export type Deflate = 'takeover' | 'no-takeover';

interface Common {
  readonly name: string;
  readonly title: string;
  readonly connections: number;
  readonly deflate?: Deflate;
}

/** Every message comes back; `inFlight` of them are under way per connection. */
export interface EchoScenario extends Common {
  readonly kind: 'echo';
  readonly inFlight: number;
  readonly payload: Payload;
}

/** The server only reads: the generator writes as fast as the sockets take it. */
export interface ReceiveScenario extends Common {
  readonly kind: 'receive';
  readonly payload: Payload;
  readonly fragments: number;
}

/** One connection publishes, all get it; counted in deliveries. */
export interface BroadcastScenario extends Common {
  readonly kind: 'broadcast';
  readonly inFlight: number;
  readonly payload: Payload;
}

/** Opening handshakes only: connections are opened in batches and dropped outside the measured time. */
export interface HandshakeScenario extends Common {
  readonly kind: 'handshakes';
  readonly concurrency: number;
}

/** Resident memory per open connection, after one echoed message each when a payload is given. */
export interface IdleScenario extends Common {
  readonly kind: 'idle';
  readonly payload?: Payload;
}

/** One connection pours while the others play ping-pong: how long is the event loop held? */
export interface FairnessScenario extends Common {
  readonly kind: 'fairness';
  readonly pour: 'one large message' | 'tiny frames';
  readonly payload: Payload;
  /** Messages poured. */
  readonly count: number;
}

export type Scenario =
  | EchoScenario
  | ReceiveScenario
  | BroadcastScenario
  | HandshakeScenario
  | IdleScenario
  | FairnessScenario;

const KiB = 1024;
const MiB = 1024 * KiB;

const ascii = (size: number): Payload => ({ size, form: 'ascii' });
const binary = (size: number): Payload => ({ size, form: 'binary' });
const json = (size: number): Payload => ({ size, form: 'json' });

export const scenarios: readonly Scenario[] = [
  {
    name: 'echo-20x50',
    kind: 'echo',
    title: 'echo, 50 connections, 1 in flight, 20 B text',
    connections: 50,
    inFlight: 1,
    payload: ascii(20),
  },
  {
    name: 'echo-20x1000',
    kind: 'echo',
    title: 'echo, 1000 connections, 1 in flight, 20 B text',
    connections: 1000,
    inFlight: 1,
    payload: ascii(20),
  },
  {
    name: 'echo-16k',
    kind: 'echo',
    title: 'echo, 50 connections, 16 KiB binary',
    connections: 50,
    inFlight: 1,
    payload: binary(16 * KiB),
  },
  {
    name: 'pipelined-20',
    kind: 'echo',
    title: 'echo, 50 × 64 in flight, 20 B text',
    connections: 50,
    inFlight: 64,
    payload: ascii(20),
  },
  {
    name: 'pipelined-125',
    kind: 'echo',
    title: 'echo, 50 × 64 in flight, 125 B binary',
    connections: 50,
    inFlight: 64,
    payload: binary(125),
  },
  {
    name: 'echo-1m',
    kind: 'echo',
    title: 'echo, 1 MiB binary',
    connections: 8,
    inFlight: 1,
    payload: binary(MiB),
  },
  {
    name: 'echo-1m-text',
    kind: 'echo',
    title: 'echo, 1 MiB multi-byte text',
    connections: 8,
    inFlight: 1,
    payload: { size: MiB, form: 'multibyte' },
  },
  {
    name: 'receive-20',
    kind: 'receive',
    title: 'receive only, 20 B text',
    connections: 50,
    payload: ascii(20),
    fragments: 1,
  },
  {
    name: 'receive-125',
    kind: 'receive',
    title: 'receive only, 125 B binary',
    connections: 50,
    payload: binary(125),
    fragments: 1,
  },
  {
    name: 'receive-fragments',
    kind: 'receive',
    title: 'receive only, 1 KiB binary in 8 fragments',
    connections: 50,
    payload: binary(KiB),
    fragments: 8,
  },
  {
    name: 'receive-64k',
    kind: 'receive',
    title: 'receive only, 64 KiB binary',
    connections: 50,
    payload: binary(64 * KiB),
    fragments: 1,
  },
  {
    name: 'broadcast-1',
    kind: 'broadcast',
    title: 'broadcast to 1000, 125 B, 1 at a time',
    connections: 1000,
    inFlight: 1,
    payload: binary(125),
  },
  {
    name: 'broadcast-8',
    kind: 'broadcast',
    title: 'broadcast to 1000, 125 B, 8 in flight',
    connections: 1000,
    inFlight: 8,
    payload: binary(125),
  },
  { name: 'handshakes', kind: 'handshakes', title: 'opening handshakes', connections: 2000, concurrency: 64 },
  { name: 'idle', kind: 'idle', title: 'memory per idle connection, 10,000 open', connections: 10_000 },
  {
    name: 'idle-deflate',
    kind: 'idle',
    title: 'the same after one compressed message each, takeover',
    connections: 10_000,
    deflate: 'takeover',
    payload: json(KiB),
  },
  {
    name: 'idle-deflate-no-takeover',
    kind: 'idle',
    title: 'the same, no takeover',
    connections: 10_000,
    deflate: 'no-takeover',
    payload: json(KiB),
  },
  {
    name: 'deflate-125',
    kind: 'echo',
    title: 'compressed echo, 125 B JSON, takeover',
    connections: 50,
    inFlight: 1,
    deflate: 'takeover',
    payload: json(125),
  },
  {
    name: 'deflate-1k',
    kind: 'echo',
    title: 'compressed echo, 1 KiB JSON, takeover',
    connections: 50,
    inFlight: 1,
    deflate: 'takeover',
    payload: json(KiB),
  },
  {
    name: 'deflate-64k',
    kind: 'echo',
    title: 'compressed echo, 64 KiB JSON, takeover',
    connections: 50,
    inFlight: 1,
    deflate: 'takeover',
    payload: json(64 * KiB),
  },
  {
    name: 'deflate-1k-no-takeover',
    kind: 'echo',
    title: 'compressed echo, 1 KiB JSON, no takeover',
    connections: 50,
    inFlight: 1,
    deflate: 'no-takeover',
    payload: json(KiB),
  },
  {
    name: 'deflate-16k',
    kind: 'echo',
    title: 'compressed echo, 16 KiB JSON, takeover',
    connections: 50,
    inFlight: 1,
    deflate: 'takeover',
    payload: json(16 * KiB),
  },
  {
    name: 'deflate-125-no-takeover',
    kind: 'echo',
    title: 'compressed echo, 125 B JSON, no takeover',
    connections: 50,
    inFlight: 1,
    deflate: 'no-takeover',
    payload: json(125),
  },
  {
    name: 'deflate-16k-no-takeover',
    kind: 'echo',
    title: 'compressed echo, 16 KiB JSON, no takeover',
    connections: 50,
    inFlight: 1,
    deflate: 'no-takeover',
    payload: json(16 * KiB),
  },
  {
    name: 'deflate-64k-no-takeover',
    kind: 'echo',
    title: 'compressed echo, 64 KiB JSON, no takeover',
    connections: 50,
    inFlight: 1,
    deflate: 'no-takeover',
    payload: json(64 * KiB),
  },
  {
    name: 'fairness-large',
    kind: 'fairness',
    title: 'event loop held while one peer pours a 100 MiB message',
    connections: 20,
    pour: 'one large message',
    payload: binary(100 * MiB),
    count: 1,
  },
  {
    name: 'fairness-tiny',
    kind: 'fairness',
    title: 'event loop held while one peer pours 1,000,000 tiny frames',
    connections: 20,
    pour: 'tiny frames',
    payload: binary(1),
    count: 1_000_000,
  },
];

/** The unit of a row's figure, and whether more is better. */
export function unitOf(scenario: Scenario): { unit: string; lowerIsBetter: boolean } {
  switch (scenario.kind) {
    case 'idle':
      return { unit: 'KiB', lowerIsBetter: true };
    case 'fairness':
      return { unit: 'ms', lowerIsBetter: true };
    case 'handshakes':
      return { unit: 'handshakes per server-CPU-second', lowerIsBetter: false };
    case 'broadcast':
      return { unit: 'deliveries per server-CPU-second', lowerIsBetter: false };
    default:
      return { unit: 'messages per server-CPU-second', lowerIsBetter: false };
  }
}

/** A row small enough for a run that only proves that everything works. */
export function smokeSized(scenario: Scenario): Scenario {
  const connections = Math.min(scenario.connections, 40);
  if (scenario.kind === 'fairness') {
    const large = scenario.pour === 'one large message';
    return {
      ...scenario,
      connections: 5,
      payload: large ? binary(8 * MiB) : scenario.payload,
      count: large ? 1 : 20_000,
    };
  }
  return { ...scenario, connections };
}
