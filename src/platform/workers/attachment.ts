/**
 * What is kept of a session while its object hibernates: the attachment of the socket.
 *
 * The rule of this file: an attachment is replaced whole or not at all. The runtime forgets the subprotocol of a
 * socket, so it is kept beside the session.
 */
import type { SessionSocket } from './runtime.ts';

export interface Attachment<Session> {
  readonly session: Session;
  readonly subprotocol: string | undefined;
}

/**
 * Keeps a session of at most 16,384 bytes, serialised; a few dozen of them are the wrapping here.
 *
 * @throws {RangeError} when it is too large; the attachment stays as it was
 * @throws {DOMException} `DataCloneError` when it cannot be cloned, such as a function
 */
export function write(socket: SessionSocket, { session, subprotocol }: Attachment<unknown>): void {
  try {
    // The mark says whose attachment it is, and in which layout.
    socket.serializeAttachment({ framewright: 1, session, subprotocol });
  } catch (cause) {
    if (!String(cause).includes('larger than')) throw cause;
    throw new RangeError(String(cause), { cause });
  }
}

/** The attachment, or undefined when the socket has none of ours. */
export function read<Session>(socket: SessionSocket): Attachment<Session> | undefined {
  // What a structured clone gives back is what the same class wrote: the runtime keeps it, no peer can reach it.
  const value = socket.deserializeAttachment() as (Attachment<Session> & { framewright?: unknown }) | null;
  return value?.framewright === 1 ? value : undefined;
}
