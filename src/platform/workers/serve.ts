/**
 * Runs a session handler over a socket.
 *
 * The rule of this file: whatever the handler does, the connection is closed afterwards, and what it throws is told to
 * `onError`.
 */
import { ClosedError } from '../../connection/errors.ts';
import type { PeerHandler } from '../peer.ts';
import { asError } from './closing.ts';
import type { Settings } from './config.ts';
import type { ServedSocket } from './runtime.ts';
import { servePeer } from './served-peer.ts';

/** Resolves when the handler is done and the connection closed; rejects only with what `onError` throws. */
export async function serve(
  socket: ServedSocket,
  subprotocol: string | undefined,
  settings: Settings,
  handler: PeerHandler,
): Promise<void> {
  const { peer, life } = servePeer(socket, subprotocol, settings);
  try {
    await handler(peer);
    life.close(1000, '');
  } catch (error) {
    // A handler that learns from its own send that the peer is gone has not failed.
    const over = error instanceof ClosedError && life.state() === 'closed';
    life.close(1011, 'internal error', asError(error));
    if (!over) settings.onError(error);
  }
  await life.closed;
}
