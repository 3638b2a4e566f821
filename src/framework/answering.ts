/**
 * From a request to its answer: route it, ask the handler, carry its answer out, within the handshake's deadline.
 *
 * The rule of this file: every request gets exactly one answer; a handler that throws, dawdles or answers nothing
 * costs its own request, never the server.
 */
import type { Duplex } from 'node:stream';
import type { ResolvedConfig } from './config.ts';
import { type ContextExtras, type IncomingRequest, WebSocketContext } from './context.ts';
import { HandshakeError } from './errors.ts';
import { guard, refuse } from './opening.ts';
import { WebSocketResponse } from './response.ts';
import type { Router } from './router.ts';

/**
 * Answers one request on a socket that nobody else reads.
 *
 * @param patience milliseconds that the handler has
 */
export async function answer(
  request: IncomingRequest,
  socket: Duplex,
  head: Uint8Array,
  router: Router,
  config: ResolvedConfig,
  extras: ContextExtras = {},
  patience = config.handshakeTimeout,
): Promise<void> {
  guard(socket);
  const match = router(pathOf(request.url ?? ''));
  const context = judge(request, socket, head, config, { ...extras, params: match?.params ?? {} });
  if (context === undefined) return;
  try {
    if (match === undefined) {
      refuse(socket, { status: 404, message: 'There is nothing here.' });
      return;
    }
    const timer = setTimeout(() => refuse(socket, { status: 408 }), Math.min(patience, 2 ** 31 - 1));
    try {
      const response = await match.handler(context);
      if (!(response instanceof WebSocketResponse))
        throw new TypeError('the context handler returned no WebSocketResponse');
      if (!context.responded && !socket.writableEnded) await context.respond(response);
    } finally {
      clearTimeout(timer);
    }
  } catch (error) {
    // Also a HandshakeError, such as that of a connection the handler wanted to make: the peer must not see it.
    config.onError(error);
    refuse(socket, { status: 500 });
  }
}

/** The context of a request that passes the handshake's checks; one that does not is refused. */
function judge(
  request: IncomingRequest,
  socket: Duplex,
  head: Uint8Array,
  config: ResolvedConfig,
  extras: ContextExtras,
): WebSocketContext | undefined {
  try {
    return WebSocketContext.from(request, socket, head, { ...extras, config });
  } catch (error) {
    if (error instanceof HandshakeError) {
      refuse(socket, { status: error.status, message: error.body, headers: error.headers });
    } else {
      config.onError(error);
    }
    return undefined;
  }
}

/** The path of a request target, whichever form it has; for routing only, the handshake judges it. */
export function pathOf(target: string): string {
  const from = target.startsWith('/') ? 0 : Math.max(0, target.indexOf('/', target.indexOf('://') + 3));
  const query = target.indexOf('?', from);
  const path = query < 0 ? target.slice(from) : target.slice(from, query);
  return path.startsWith('/') ? path : '/';
}
