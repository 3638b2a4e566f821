/**
 * The life of a served socket: from accepted to exactly one closure.
 *
 * The rule of this file: whatever the runtime reports (close, error, both, or neither), the connection ends once, and
 * the peer's Close is answered at every compatibility date (RFC 6455 §5.5.1).
 */
import { ClosedError, TimeoutError } from '../../connection/errors.ts';
import type { Closure, State } from '../peer.ts';
import { answerClose, closureOf, closureOfError, lost } from './closing.ts';
import { CLOSING, type ServedSocket } from './runtime.ts';

/** Milliseconds; a timer with more than 31 bits would fire at once. */
const longestDelay = 2 ** 31 - 1;

export interface Life {
  state(): State;
  readonly closed: Promise<Closure>;
  readonly signal: AbortSignal;
  /** Sends our Close, once, and waits for the peer's. */
  close(code: number, reason: string, cause?: Error): void;
  /** What a send gets once it is too late. */
  closedError(): ClosedError;
}

/**
 * @param closeTimeout milliseconds to wait for the answer to our Close
 * @param onEnd is called when nothing can come any more
 */
export function createLife(socket: ServedSocket, closeTimeout: number, onEnd: () => void): Life {
  const controller = new AbortController();
  let state: State = 'open';
  /** How it ended; after our Close, how it ends if the peer answers. */
  let closure: Closure | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let settle: ((closure: Closure) => void) | undefined;
  const closed = new Promise<Closure>((resolve) => {
    settle = resolve;
  });

  const end = (how: Closure): void => {
    if (state === 'closed') return;
    state = 'closed';
    closure = how;
    if (timer !== undefined) clearTimeout(timer);
    onEnd();
    controller.abort(new ClosedError(how));
    settle?.(how);
  };

  socket.addEventListener('close', (facts) => {
    // From compatibility date 2026-04-07 on the runtime has answered by now.
    if (socket.readyState === CLOSING) answerClose(socket, facts.code, facts.reason);
    end((facts.wasClean && closure) || closureOf(facts));
  });
  socket.addEventListener('error', ({ message }) =>
    end((closure ? lost : closureOfError)(new Error(message))),
  );

  return {
    closed,
    signal: controller.signal,
    state: () => state,
    close(code, reason, cause) {
      if (state !== 'open') return;
      state = 'closeSent';
      closure = { code, reason, clean: true, by: 'us', ...(cause && { cause }) };
      const expire = (): void => end(lost(new TimeoutError('closeTimeout', closeTimeout)));
      timer = setTimeout(expire, Math.min(closeTimeout, longestDelay));
      socket.close(code, reason);
    },
    closedError: () =>
      new ClosedError({ ...(closure ?? lost()), ...(state !== 'closed' && { clean: false }) }),
  };
}
