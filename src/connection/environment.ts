/**
 * What connections of one kind share: the machine, the role, the settings, and who is told of deadlines and ends.
 *
 * The rule of this file: one object for all of them, made once; a connection keeps a reference and no copy.
 */
import type { Connection } from './connection.ts';
import { Decoders } from './decoders.ts';
import { Outbox } from './outbox.ts';
import type { Runtime } from './port.ts';
import type { Protocol } from './protocol.ts';
import type { Closure, ConnectionSettings, Role } from './types.ts';

/** Is told what happens to connections; one for many of them. */
export interface Host<Request = unknown> {
  /** `protocol.deadline()` may have come nearer: it is `deadline` now. */
  rearm(protocol: Protocol, deadline: number): void;
  /** The connection is over. Comes once for each. */
  closed(connection: Connection<Request>, closure: Closure): void;
}

/** Outboxes that are kept between two uses at most: a broadcast needs one for each connection. */
const keptOutboxes = 1_024;

export class Environment<Request = unknown> {
  readonly runtime: Runtime;
  readonly role: Role;
  readonly settings: ConnectionSettings;
  readonly host: Host<Request>;
  readonly #decoders = new Map<number, Decoders>();
  readonly #outboxes: Outbox[] = [];

  constructor(runtime: Runtime, role: Role, settings: ConnectionSettings, host: Host<Request>) {
    this.runtime = runtime;
    this.role = role;
    this.settings = settings;
    this.host = host;
  }

  /** Decoders of the peer's frames, where an extension has taken these reserved bits. */
  decoders(rsv: number): Decoders {
    const known = this.#decoders.get(rsv);
    if (known !== undefined) return known;
    const made = new Decoders(Object.freeze({ ...this.settings, peerMasks: this.role.peerMasks, rsv }));
    this.#decoders.set(rsv, made);
    return made;
  }

  /** Lends an empty outbox, for as long as something waits in it. */
  takeOutbox(): Outbox {
    return this.#outboxes.pop() ?? new Outbox(this.runtime, this.role.nextMaskKey);
  }

  /** Takes an outbox back, which must be empty. */
  returnOutbox(outbox: Outbox): void {
    if (this.#outboxes.length < keptOutboxes) this.#outboxes.push(outbox);
  }
}
