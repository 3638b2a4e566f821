/**
 * What all handles of one connection share: its protocol core, and whoever asked to be told of its end.
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

/** The protocol core itself, for one object more would stay with every connection. */
export class Life<Request = unknown> extends Protocol {
  readonly #connection: Connection<Request>;
  #asked: Asked | undefined;

  /** @param connection the handle that the host is told of */
  constructor(
    connection: Connection<Request>,
    environment: Environment<Request>,
    transport: ByteTransport,
    session: ExtensionSession | undefined,
  ) {
    super(environment, transport, new Inbox(), session);
    this.#connection = connection;
  }

  static #asking(life: Life): Asked {
    life.#asked ??= { closed: undefined, resolve: undefined, controller: undefined };
    return life.#asked;
  }

  /** The closure, once there is one. */
  get untilClosed(): Promise<Closure> {
    const asked = Life.#asking(this);
    asked.closed ??= new Promise((resolve) => {
      if (this.closure === undefined) asked.resolve = resolve;
      else resolve(this.closure);
    });
    return asked.closed;
  }

  get signal(): AbortSignal {
    const asked = Life.#asking(this);
    if (asked.controller === undefined) {
      asked.controller = new AbortController();
      const { closure } = this;
      if (closure !== undefined) asked.controller.abort(new ClosedError(closure));
    }
    return asked.controller.signal;
  }

  protected override over(closure: Closure): void {
    this.#asked?.resolve?.(closure);
    this.#asked?.controller?.abort(new ClosedError(closure));
    this.environment.host.closed(this.#connection, closure);
  }
}
