/**
 * How long a client waits: one absolute deadline over all steps, and the caller's own signal.
 *
 * The rule of this file: both end in one signal with the right reason, and nothing of them is left when the waiting
 * is over.
 */
import { TimeoutError } from '../../connection/errors.ts';

export class Patience {
  /** Aborted with a `TimeoutError` at the deadline, or with the caller's own reason. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #forward = (): void => this.#controller.abort(this.#outer?.reason);

  /** @param ms milliseconds; `Infinity` for no deadline */
  constructor(which: string, ms: number, outer: AbortSignal | undefined) {
    this.signal = this.#controller.signal;
    this.#outer = outer;
    if (outer?.aborted) this.#forward();
    outer?.addEventListener('abort', this.#forward, { once: true });
    if (ms !== Infinity) {
      this.#timer = setTimeout(() => this.#controller.abort(new TimeoutError(which, ms)), ms);
    }
  }

  /** Stops waiting. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#forward);
  }
}
