/**
 * From a request to its answer: judge it, ask the handler, carry its answer out.
 *
 * The rule of this file: every request gets exactly one answer; a handler that throws, dawdles or answers nothing
 * costs its own request, never the server. An answer that is there at once is carried out at once, without a promise.
 */
import type { Duplex } from 'node:stream';
import { type Arrival, type ContextOwner, WebSocketContext } from './context.ts';
import { HandshakeError } from './errors.ts';
import { guard, refuse } from './opening.ts';
import { WebSocketResponse } from './response.ts';
import type { Match } from './router.ts';

/**
 * Answers one request.
 *
 * @param arrival the request, on a socket that nobody else reads. It is guarded where its answer takes time: errors are
 *   not told within the turn in which a connection, or a refusal, takes the socket over
 * @param match the handler for its path, if there is one
 * @param later told of an answer that takes time, for which the caller has a deadline
 */
export function answer(
  arrival: Arrival,
  match: Match | undefined,
  owner: ContextOwner,
  later?: (answered: Promise<void>, socket: Duplex) => void,
): void {
  const { socket } = arrival;
  const context = judge(arrival, match, owner);
  if (context === undefined) return;
  if (match === undefined) {
    refuse(socket, { status: 404, message: 'There is nothing here.' });
    return;
  }
  try {
    const response = match.handler(context);
    if (response instanceof WebSocketResponse) {
      carryOut(context, response, socket);
      return;
    }
    // A handler that has responded by itself has a connection by now, which reads and hears of errors.
    if (!context.responded) {
      guard(socket);
      socket.pause();
    }
    const answered = answerLater(context, response, socket, owner);
    later?.(answered, socket);
  } catch (error) {
    fault(error, socket, owner);
  }
}

async function answerLater(
  context: WebSocketContext,
  promised: Promise<WebSocketResponse>,
  socket: Duplex,
  owner: ContextOwner,
): Promise<void> {
  try {
    const response = await promised;
    if (!(response instanceof WebSocketResponse))
      throw new TypeError('the context handler returned no WebSocketResponse');
    carryOut(context, response, socket);
  } catch (error) {
    fault(error, socket, owner);
  }
}

/** Not when the handler has responded by itself, or the socket was answered meanwhile because it took too long. */
function carryOut(context: WebSocketContext, response: WebSocketResponse, socket: Duplex): void {
  if (!context.responded && !socket.writableEnded) WebSocketContext.answer(context, response);
}

/** Also for a HandshakeError, such as that of a connection the handler wanted to make: the peer must not see it. */
function fault(error: unknown, socket: Duplex, owner: ContextOwner): void {
  owner.config.onError(error);
  refuse(socket, { status: 500 });
}

/** The context of a request that passes the handshake's checks; one that does not is refused. */
function judge(
  arrival: Arrival,
  match: Match | undefined,
  owner: ContextOwner,
): WebSocketContext | undefined {
  try {
    return WebSocketContext.of(arrival, owner, match?.params);
  } catch (error) {
    if (error instanceof HandshakeError) {
      refuse(arrival.socket, { status: error.status, message: error.body, headers: error.headers });
    } else {
      owner.config.onError(error);
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
