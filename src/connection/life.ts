/**
 * What all handles of one connection share: its protocol core, its messages, and how and when it ends.
 *
 * The rule of this file: promises and signals are made when somebody asks for them, not per connection.
 */
import type { ExtensionSession } from '../extension/types.ts';
import type { Connection } from './connection.ts';
import type { Environment } from './environment.ts';
import { ClosedError } from './errors.ts';
import { Inbox } from './inbox.ts';
import type { ByteTransport } from './port.ts';
import { Protocol } from './protocol.ts';
import type { Closure } from './types.ts';

export class Life<Request = unknown> {
  readonly environment: Environment<Request>;
  readonly inbox = new Inbox();
  readonly protocol: Protocol;
  readonly #connection: Connection<Request>;
  #closed: Promise<Closure> | undefined;
  #resolve: ((closure: Closure) => void) | undefined;
  #controller: AbortController | undefined;

  /** @param connection the handle that the host is told of */
  constructor(
    connection: Connection<Request>,
    environment: Environment<Request>,
    transport: ByteTransport,
    session: ExtensionSession | undefined,
  ) {
    this.#connection = connection;
    this.environment = environment;
    this.protocol = new Protocol(this, environment, transport, this.inbox, session);
  }

  get closed(): Promise<Closure> {
    this.#closed ??= new Promise((resolve) => {
      if (this.protocol.closure === undefined) this.#resolve = resolve;
      else resolve(this.protocol.closure);
    });
    return this.#closed;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      const { closure } = this.protocol;
      if (closure !== undefined) this.#controller.abort(new ClosedError(closure));
    }
    return this.#controller.signal;
  }

  /** The protocol has ended. */
  over(closure: Closure): void {
    this.#resolve?.(closure);
    this.#controller?.abort(new ClosedError(closure));
    this.environment.host.closed(this.#connection, closure);
  }
}
