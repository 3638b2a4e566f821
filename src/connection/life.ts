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

/** Who asked to be told of the end. */
interface Asked {
  closed: Promise<Closure> | undefined;
  resolve: ((closure: Closure) => void) | undefined;
  controller: AbortController | undefined;
}

export class Life<Request = unknown> {
  readonly environment: Environment<Request>;
  readonly protocol: Protocol;
  readonly #connection: Connection<Request>;
  #asked: Asked | undefined;

  /** @param connection the handle that the host is told of */
  constructor(
    connection: Connection<Request>,
    environment: Environment<Request>,
    transport: ByteTransport,
    session: ExtensionSession | undefined,
  ) {
    this.#connection = connection;
    this.environment = environment;
    this.protocol = new Protocol(this, environment, transport, new Inbox(), session);
  }

  /** The messages that came. */
  get inbox(): Inbox {
    return this.protocol.inbox;
  }

  get #asking(): Asked {
    this.#asked ??= { closed: undefined, resolve: undefined, controller: undefined };
    return this.#asked;
  }

  get closed(): Promise<Closure> {
    const asked = this.#asking;
    asked.closed ??= new Promise((resolve) => {
      if (this.protocol.closure === undefined) asked.resolve = resolve;
      else resolve(this.protocol.closure);
    });
    return asked.closed;
  }

  get signal(): AbortSignal {
    const asked = this.#asking;
    if (asked.controller === undefined) {
      asked.controller = new AbortController();
      const { closure } = this.protocol;
      if (closure !== undefined) asked.controller.abort(new ClosedError(closure));
    }
    return asked.controller.signal;
  }

  /** The protocol has ended. */
  over(closure: Closure): void {
    this.#asked?.resolve?.(closure);
    this.#asked?.controller?.abort(new ClosedError(closure));
    this.environment.host.closed(this.#connection, closure);
  }
}
