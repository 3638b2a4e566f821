/**
 * The server's side of an opening handshake over a socket: judge, answer, hand the socket over or close it.
 *
 * The rule of this file: a socket has an error listener before anything else happens, and every refused one is closed:
 * response, FIN, and destroyed a second later whatever the peer does.
 */
import type { Duplex } from 'node:stream';
import type { Extension, NegotiatedExtension } from '../extension/types.ts';
import {
  acceptCommonOpening,
  checkOpeningRequest,
  checkOrigin,
  checkSelectedSubprotocol,
  chooseSubprotocol,
  defaultHeadLimits,
  formatRefusal,
  type HeadFault,
  headFaults,
  type KeptHead,
  type OpeningRequest,
  type Refusal,
  type RefusalParts,
  type RequestHead,
} from '../handshake/index.ts';
import type { ResolvedConfig } from './config.ts';
import { HandshakeError } from './errors.ts';
import type { OpeningFacts } from './request.ts';

/** Milliseconds that a refused peer has to take its answer. */
const refusalGrace = 1_000;

const ignore = (): void => {};

/** Keeps a socket's errors from becoming uncaught exceptions. Its 'close' still comes. */
export function guard(socket: Duplex): void {
  if (socket.listenerCount('error', ignore) === 0) socket.on('error', ignore);
}

/** Ends {@link guard} for a socket that has another listener for errors. */
export function unguard(socket: Duplex): void {
  socket.off('error', ignore);
}

/**
 * Whether node:http still owes this socket the response to an earlier, pipelined request. It would be written into the
 * middle of the WebSocket.
 */
export const owesResponse = (socket: Duplex): boolean => Boolean(Reflect.get(socket, '_httpMessage'));

/**
 * Answers with a refusal and closes the socket. What the peer sends meanwhile is thrown away. A socket that has its
 * answer already keeps it.
 */
export function refuse(socket: Duplex, refusal: RefusalParts): void {
  guard(socket);
  if (socket.destroyed || socket.writableEnded) return;
  socket.end(formatRefusal(refusal));
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), refusalGrace);
  socket.once('close', () => clearTimeout(timer));
}

/** A refusal as the error that `WebSocketContext.from` throws. */
export const refusalError = ({ status, message, headers }: Refusal): HandshakeError =>
  new HandshakeError(message, {
    status,
    headers: new Map(headers.map(([name, value]) => [name.toLowerCase(), value])),
    body: message,
  });

/** The limits of our own head parser, for heads that another parser has read. */
function limitFault({ method, target, rawHeaders }: RequestHead): HeadFault | undefined {
  if (method.length + target.length + ' HTTP/1.1'.length + 1 > defaultHeadLimits.maxRequestLine)
    return 'startLineTooLong';
  return rawHeaders.length > defaultHeadLimits.maxFields * 2 ? 'tooManyFields' : undefined;
}

/**
 * Judges a request head by RFC 6455 §4.2.1.
 *
 * @param kept the same head, when `head` may change later
 * @throws {HandshakeError} with the status to answer
 */
export function openingOf(head: RequestHead, kept: KeptHead = head): OpeningRequest {
  const fault = limitFault(head);
  if (fault !== undefined) throw refusalError({ ...headFaults[fault], headers: [] });
  const common = acceptCommonOpening(head, kept);
  if (common !== undefined) return common;
  const outcome = checkOpeningRequest(head);
  if (!outcome.ok) throw refusalError(outcome.refusal);
  return outcome.request;
}

const foreignOrigin: Refusal = { status: 403, message: 'This origin may not connect.', headers: [] };

/** What a choice of the application's gave. A promise is no answer, and that it rejects must not end the process. */
function atOnce<Answer>(answer: Answer): Answer {
  if (!(answer instanceof Promise)) return answer;
  answer.catch(ignore);
  throw new TypeError(
    'origins and subprotocols answer at once, not with a promise: decide in the context handler',
  );
}

/** Applies the configuration's policies for Host and Origin. */
export function checkPolicies(
  opening: OpeningRequest,
  facts: OpeningFacts,
  config: ResolvedConfig,
  secure: boolean,
): Refusal | undefined {
  const host = config.allowedHosts?.check(opening.host);
  if (host !== undefined) return host;
  const { origin } = opening;
  if (origin === undefined) return undefined;
  const { origins } = config;
  const allowed =
    typeof origins === 'function'
      ? atOnce(origins(origin, facts)) === true
      : checkOrigin(origin, origins, opening.host, secure);
  return allowed ? undefined : foreignOrigin;
}

/** Settles the subprotocol. @throws {TypeError} when the application's choice was not offered */
export function settleSubprotocol(facts: OpeningFacts, config: ResolvedConfig): string | undefined {
  const { subprotocols } = config;
  if (typeof subprotocols !== 'function') return chooseSubprotocol(facts.subprotocols, subprotocols);
  const selected = atOnce(subprotocols(facts.subprotocols, facts));
  checkSelectedSubprotocol(selected, facts.subprotocols);
  return selected;
}

/** Settles the extension: the first offer that the server's own can answer. */
export const settleExtension = (
  facts: OpeningFacts,
  extension: Extension | undefined,
): NegotiatedExtension | undefined =>
  extension?.answer(facts.extensions.filter((offer) => offer.name === extension.name));
