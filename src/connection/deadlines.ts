/**
 * All deadlines of one connection, as numbers on the runtime's clock.
 *
 * The rule of this file: receiving costs one assignment; deadlines are computed only when somebody asks.
 */
import type { ConnectionSettings } from './types.ts';

export type Due = 'ping' | 'pingTimeout' | 'idleTimeout' | 'sessionTimeout' | 'closeTimeout';

export class Deadlines {
  readonly #settings: ConnectionSettings;
  /** When the connection opened, or its closing began or made its last step. */
  #since: number;
  #receivedAt: number;
  #activeAt: number;
  /** When the keepalive ping that is not answered yet was sent. */
  #pingedAt: number | undefined;

  constructor(settings: ConnectionSettings, now: number) {
    this.#settings = settings;
    this.#since = now;
    this.#receivedAt = now;
    this.#activeAt = now;
  }

  /** Bytes came: the peer lives. @returns whether the next deadline may have come nearer, for the next ping */
  received(now: number): boolean {
    this.#receivedAt = now;
    if (this.#pingedAt === undefined) return false;
    this.#pingedAt = undefined;
    return this.#settings.pingInterval < this.#settings.pingTimeout;
  }

  /** Time in which we ourselves did not read is no silence of the peer's. */
  notReading(now: number): void {
    this.received(now);
    this.#activeAt = now;
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
    this.#since = now;
  }

  next(open: boolean): number {
    const { pingInterval, pingTimeout, idleTimeout, sessionTimeout, closeTimeout } = this.#settings;
    if (!open) return this.#since + closeTimeout;
    const keepalive =
      this.#pingedAt === undefined ? this.#receivedAt + pingInterval : this.#pingedAt + pingTimeout;
    return Math.min(keepalive, this.#activeAt + idleTimeout, this.#since + sessionTimeout);
  }

  /** The deadline that has passed by `now`, the gravest first. */
  due(now: number, open: boolean, paused: boolean): Due | undefined {
    const { pingInterval, idleTimeout, sessionTimeout } = this.#settings;
    if (now < this.next(open)) return undefined;
    if (!open) return 'closeTimeout';
    if (now >= this.#since + sessionTimeout) return 'sessionTimeout';
    if (paused) {
      // The answer waits unread, so nothing can be judged by it; but a ping to a peer that is gone breaks the transport.
      const silent = now >= (this.#pingedAt ?? this.#receivedAt) + pingInterval;
      this.notReading(now);
      return silent ? 'ping' : undefined;
    }
    if (now >= this.#activeAt + idleTimeout) return 'idleTimeout';
    if (this.#pingedAt !== undefined) return 'pingTimeout';
    this.#pingedAt = now;
    return 'ping';
  }
}
