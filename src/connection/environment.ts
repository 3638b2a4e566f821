/**
 * What connections of one kind share: the machine, the role, the settings, and who is told of deadlines and ends.
 *
 * The rule of this file: one object for all of them, made once; a connection keeps a reference and no copy.
 */
import type { FrameRules } from '../frame/header.ts';
import type { Connection } from './connection.ts';
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

export class Environment<Request = unknown> {
  readonly runtime: Runtime;
  readonly role: Role;
  readonly settings: ConnectionSettings;
  readonly host: Host<Request>;
  readonly #rules = new Map<number, FrameRules>();

  constructor(runtime: Runtime, role: Role, settings: ConnectionSettings, host: Host<Request>) {
    this.runtime = runtime;
    this.role = role;
    this.settings = settings;
    this.host = host;
  }

  /** The rules for the peer's frames, where an extension has taken these reserved bits. */
  rules(rsv: number): FrameRules {
    const known = this.#rules.get(rsv);
    if (known !== undefined) return known;
    const rules: FrameRules = Object.freeze({ ...this.settings, peerMasks: this.role.peerMasks, rsv });
    this.#rules.set(rsv, rules);
    return rules;
  }
}
