/**
 * How long a client waits: one absolute deadline over all steps, and the caller's own signal.
 *
 * The rule of this file: both end in one signal with the right reason, and nothing of them is left when the waiting
 * is over.
 */
import { TimeoutError } from '../../connection/errors.ts';
import { onAbort } from './abort.ts';

export class Patience {
  /** Aborted with a `TimeoutError` at the deadline, or with the caller's own reason. */
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #forget: () => void;

  /** @param ms milliseconds; `Infinity` for no deadline */
  constructor(which: string, ms: number, outer: AbortSignal | undefined) {
    this.signal = this.#controller.signal;
    this.#forget = onAbort(outer, () => this.#controller.abort(outer?.reason));
    if (ms !== Infinity) {
      this.#timer = setTimeout(() => this.#controller.abort(new TimeoutError(which, ms)), ms);
    }
  }

  /** Stops waiting. */
  end(): void {
    clearTimeout(this.#timer);
    this.#forget();
  }
}
