/**
 * A connection with the handler that lives on it.
 *
 * The rule of this file: whatever the handler does, the connection ends with exactly one closure, its timers with it,
 * and what the handler throws reaches `onError`, never the process.
 */

import type { ConnectionFacts } from '../connection/connection.ts';
import { Connection } from '../connection/connection.ts';
import { ClosedError } from '../connection/errors.ts';
import type { ByteTransport } from '../connection/port.ts';
import type { Closure, Role } from '../connection/types.ts';
import type { NegotiatedExtension } from '../extension/types.ts';
import { closeCodes, encodeClosePayload } from '../frame/close.ts';
import { clock } from './clock.ts';
import type { ResolvedConfig } from './config.ts';
import { errorOf } from './errors.ts';
import type { OpeningFacts } from './request.ts';
import type { SessionHandler } from './response.ts';
import { nextMaskKey, runtime } from './runtime.ts';

/** The two roles of RFC 6455, as the core knows them. */
export const roles = Object.freeze({
  server: { peerMasks: true, closesTransport: true, nextMaskKey: undefined },
  client: { peerMasks: false, closesTransport: false, nextMaskKey },
}) satisfies Readonly<Record<string, Role>>;

/** What a connection is opened with. */
export interface OpeningParts<Request> extends ConnectionFacts<Request> {
  readonly transport: ByteTransport;
  readonly role: Role;
  readonly config: ResolvedConfig;
  readonly extension: NegotiatedExtension | undefined;
  readonly onClosed?: ((connection: Connection<Request>, closure: Closure) => void) | undefined;
}

/** Makes a connection over an open transport, with its place on the clock. `start` lets it read. */
export function createConnection<Request>(parts: OpeningParts<Request>): {
  connection: Connection<Request>;
  start(): void;
} {
  const connection: Connection<Request> = new Connection<Request>(
    {
      transport: parts.transport,
      runtime,
      role: parts.role,
      settings: parts.config.settings,
      session: parts.extension?.createSession(),
      rearm: (deadline) => clock.arm(protocol, deadline),
      closed: (closure) => {
        clock.disarm(protocol);
        parts.onClosed?.(connection, closure);
      },
    },
    { subprotocol: parts.subprotocol, extensions: parts.extensions, request: parts.request },
  );
  const { protocol } = Connection.lifeOf(connection);
  return { connection, start: () => protocol.start() };
}

/** Runs a handler on its connection to the end of both. */
export async function runSession(
  connection: Connection<OpeningFacts>,
  handler: SessionHandler,
  config: ResolvedConfig,
): Promise<void> {
  const { protocol } = Connection.lifeOf(connection);
  try {
    await handler(connection);
    protocol.close(encodeClosePayload(closeCodes.normal), closeCodes.normal, '');
  } catch (error) {
    // That the peer went away in the middle of a send is no fault of the handler's.
    const expected = error instanceof ClosedError && protocol.closing;
    if (!expected) config.onError(error, connection);
    protocol.close(
      encodeClosePayload(closeCodes.internalError),
      closeCodes.internalError,
      '',
      errorOf(error),
    );
  }
}
