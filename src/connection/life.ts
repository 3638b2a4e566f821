/**
 * What all handles of one connection share: its protocol core, and how and when it ends.
 *
 * The rule of this file: promises and signals are made when somebody asks for them, not per connection.
 */
import { ClosedError } from './errors.ts';
import type { Runtime } from './port.ts';
import { Protocol, type ProtocolParts } from './protocol.ts';
import type { Closure } from './types.ts';

export class Life {
  readonly protocol: Protocol;
  readonly runtime: Runtime;
  #closed: Promise<Closure> | undefined;
  #resolve: ((closure: Closure) => void) | undefined;
  #controller: AbortController | undefined;
  readonly #onClosed: ((closure: Closure) => void) | undefined;

  constructor(parts: ProtocolParts) {
    this.runtime = parts.runtime;
    this.#onClosed = parts.closed;
    this.protocol = new Protocol({ ...parts, closed: (closure) => this.#over(closure) });
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

  #over(closure: Closure): void {
    this.#resolve?.(closure);
    this.#controller?.abort(new ClosedError(closure));
    this.#onClosed?.(closure);
  }
}
