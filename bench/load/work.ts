// What the load generator and the runner say to each other over IPC.
// Rule: a work is opened, started, sampled while it runs, and stopped; stopping proves that everything sent came
// back, byte for byte, or throws.
import type { Scenario } from '../scenarios.ts';
import type { Histogram } from '../statistics.ts';
import type { Target } from './connection.ts';

export interface Order {
  readonly scenario: Scenario;
  readonly target: Target;
}

/** What the runner asks; one answer each, in order. */
export type Ask = { do: 'open'; order: Order } | { do: 'start' | 'sample' | 'stop' | 'step' };

export interface Answer {
  /** Set when the load generator found a fault: a wrong byte, a refused handshake, a lost connection. */
  readonly failed?: string;
  /** Messages sent and (where they come back) received and verified since the start. */
  readonly sent: number;
  readonly completed: number;
  /** Microseconds of CPU time of the load generator since its start. */
  readonly cpu: number;
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
  readonly latency: { p50: number; p99: number; p999: number; max: number } | null;
  /** sha256 of the payload that was sent last, hex. */
  readonly lastDigest: string;
}

export interface Work {
  readonly latency: Histogram;
  sent: number;
  completed: number;
  lastDigest: string;
  open(): Promise<void>;
  start(): void;
  /** One step of a row that is not a stream: a batch of handshakes, one message each, the pouring. */
  step(): Promise<void>;
  /** Stops sending and resolves when all that was sent is accounted for. */
  stop(): Promise<void>;
}
