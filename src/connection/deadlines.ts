/**
 * All deadlines of one connection, as numbers on the runtime's clock.
 *
 * The rule of this file: receiving costs one assignment; deadlines are computed only when somebody asks.
 */
import type { ConnectionSettings } from './types.ts';

export type Due = 'ping' | 'pingTimeout' | 'idleTimeout' | 'sessionTimeout' | 'closeTimeout';

export class Deadlines {
  readonly #settings: ConnectionSettings;
  readonly #startedAt: number;
  #receivedAt: number;
  #activeAt: number;
  /** When the keepalive ping that is not answered yet was sent. */
  #pingedAt: number | undefined;
  #closingAt: number | undefined;

  constructor(settings: ConnectionSettings, now: number) {
    this.#settings = settings;
    this.#startedAt = now;
    this.#receivedAt = now;
    this.#activeAt = now;
  }

  /** Bytes came: the peer lives. */
  received(now: number): void {
    this.#receivedAt = now;
    this.#pingedAt = undefined;
  }

  /** A message came, in bytes that were received just now. */
  delivered(): void {
    this.#activeAt = this.#receivedAt;
  }

  /** A message went out. */
  active(now: number): void {
    this.#activeAt = now;
  }

  /** The closing began, or made its next step. */
  closing(now: number): void {
    this.#closingAt = now;
  }

  next(open: boolean): number {
    const { pingInterval, pingTimeout, idleTimeout, sessionTimeout, closeTimeout } = this.#settings;
    if (!open) return (this.#closingAt ?? this.#startedAt) + closeTimeout;
    const keepalive =
      this.#pingedAt === undefined ? this.#receivedAt + pingInterval : this.#pingedAt + pingTimeout;
    return Math.min(keepalive, this.#activeAt + idleTimeout, this.#startedAt + sessionTimeout);
  }

  /** The deadline that has passed by `now`, the gravest first. Time in which we ourselves did not read is no silence. */
  due(now: number, open: boolean, paused: boolean): Due | undefined {
    const { pingInterval, pingTimeout, idleTimeout, sessionTimeout } = this.#settings;
    if (now < this.next(open)) return undefined;
    if (!open) return 'closeTimeout';
    if (now >= this.#startedAt + sessionTimeout) return 'sessionTimeout';
    if (now >= this.#activeAt + idleTimeout) return 'idleTimeout';
    if (paused) {
      this.received(now);
      return undefined;
    }
    if (this.#pingedAt !== undefined) {
      if (now >= this.#pingedAt + pingTimeout) return 'pingTimeout';
    } else if (now >= this.#receivedAt + pingInterval) {
      this.#pingedAt = now;
      return 'ping';
    }
    return undefined;
  }
}
