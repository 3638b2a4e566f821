/**
 * Reading from a socket that is not a connection yet.
 *
 * The rule of this file: every way in which a socket can stop ends the promise, and afterwards none of our listeners
 * is left and the socket is paused, so that what comes next is kept for whoever reads next.
 */
import type { Duplex } from 'node:stream';

/**
 * Feeds chunks to `take` until it has enough.
 *
 * @returns true when it has enough, false when the socket ended first
 * @throws (rejects) the socket's error, the signal's reason, or what `take` threw
 */
export function receive(
  socket: Duplex,
  signal: AbortSignal,
  take: (chunk: Uint8Array) => boolean,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.off('data', data).off('end', over).off('close', over).off('error', failed);
      signal.removeEventListener('abort', aborted);
      socket.pause();
    };
    const failed = (error: unknown): void => {
      stop();
      reject(error);
    };
    const over = (): void => {
      stop();
      resolve(false);
    };
    const aborted = (): void => failed(signal.reason);
    const data = (chunk: Uint8Array): void => {
      try {
        if (!take(chunk)) return;
      } catch (error) {
        failed(error);
        return;
      }
      stop();
      resolve(true);
    };
    socket.on('data', data).on('end', over).on('close', over).on('error', failed);
    signal.addEventListener('abort', aborted);
    if (signal.aborted) aborted();
    else if (socket.destroyed || socket.readableEnded) over();
    else socket.resume();
  });
}
