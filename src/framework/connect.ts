/**
 * `connect`: a WebSocket client.
 *
 * The rule of this file: one attempt ends in a connection, in a redirect or in an error, and in the last two its
 * socket is gone. One deadline covers all of it: name, TCP, TLS, the answer, and every redirect.
 * RFC 6455 §4.1.
 */
import type { Duplex } from 'node:stream';
import type { Connection } from '../connection/connection.ts';
import { StreamTransport } from '../transport/stream.ts';
import { type Answer, headersOf, readAnswer, settle } from './client/answer.ts';
import { readExcerpt } from './client/body.ts';
import { dial } from './client/dial.ts';
import { type ClientPlan, type ConnectOptions, resolveOptions } from './client/options.ts';
import { Patience } from './client/patience.ts';
import { isRedirect, redirectTarget } from './client/redirect.ts';
import { type PlannedRequest, planRequest, redirected, SentRequest } from './client/request.ts';
import type { ConnectTarget } from './client/target.ts';
import { ConfigError, HandshakeError } from './errors.ts';
import type { OpeningFacts } from './request.ts';
import { createConnection, roles, startReading } from './session.ts';

export type { ConnectOptions, ConnectTarget };

/**
 * Opens a connection (RFC 6455 §4.1).
 *
 * A user name and password in the URL are sent as `Authorization: Basic` (RFC 7617); a fragment is refused (§3).
 * For a Unix socket the URL is `ws+unix:` or `wss+unix:`, the socket's path, `:` and the request path.
 *
 * @param url `ws:`, `wss:`, `ws+unix:` or `wss+unix:`
 * @returns once the opening handshake has succeeded; what the server sent by then can be received
 * @throws {ConfigError} (rejects) for a URL or option that can not be used; nothing was opened
 * @throws {HandshakeError} (rejects) when the server can not be reached (status 0, with the `cause`) or does not
 *   answer with a faultless 101 (with its status, fields and the first 4 KiB of the body)
 * @throws {TimeoutError} (rejects) after `handshakeTimeout` milliseconds, 10,000 by default
 * @throws the signal's reason (rejects) when it is aborted
 */
export async function connect(
  url: string | URL,
  options: ConnectOptions = {},
): Promise<Connection<OpeningFacts>> {
  const plan = resolveOptions(options);
  return open(planRequest(url, plan), plan);
}

/** Opens what has been planned, and follows as many redirects as the plan allows. */
export async function open(first: PlannedRequest, plan: ClientPlan): Promise<Connection<OpeningFacts>> {
  const patience = new Patience('handshakeTimeout', plan.config.handshakeTimeout, plan.signal);
  try {
    let request = first;
    for (let redirects = 0; ; redirects += 1) {
      const outcome = await attempt(request, plan, plan.followRedirects - redirects, patience.signal);
      if ('connection' in outcome) return outcome.connection;
      request = outcome.redirect;
    }
  } finally {
    patience.end();
  }
}

type Outcome = { readonly connection: Connection<OpeningFacts> } | { readonly redirect: PlannedRequest };

async function attempt(
  request: PlannedRequest,
  plan: ClientPlan,
  redirectsLeft: number,
  signal: AbortSignal,
): Promise<Outcome> {
  let socket: Duplex | undefined;
  try {
    signal.throwIfAborted();
    const { createConnection } = plan;
    socket = await dial({ target: request.target, tls: request.tls, createConnection }, signal);
    const sent = new SentRequest(request, plan);
    const { text, accept } = sent.write();
    socket.write(text, 'latin1');
    const answer = await readAnswer(socket, signal);
    if (answer.head.status === 101) return { connection: start(socket, answer, sent, accept, plan) };
    if (plan.followRedirects === 0 || !isRedirect(answer.head.status)) {
      throw await refused(socket, answer, signal, `The server answered ${answer.head.status}.`);
    }
    const target =
      redirectsLeft === 0
        ? `More than ${plan.followRedirects} redirects.`
        : redirectTarget(request.target, headersOf(answer.head).get('location'));
    if (typeof target === 'string') throw await refused(socket, answer, signal, target);
    socket.destroy();
    return { redirect: redirected(request, target) };
  } catch (error) {
    socket?.destroy();
    throw failure(error, request.target, signal);
  }
}

function start(
  socket: Duplex,
  { head, rest }: Answer,
  sent: SentRequest,
  accept: string,
  plan: ClientPlan,
): Connection<OpeningFacts> {
  const { subprotocol, extension } = settle(head, sent, accept, plan.config);
  const connection = createConnection<OpeningFacts>({
    transport: new StreamTransport(socket, rest),
    role: roles.client,
    config: plan.config,
    extension,
    subprotocol,
    extensions: extension === undefined ? [] : [extension.answer],
    request: sent,
  });
  startReading(connection);
  return connection;
}

/** The error for an answer that is no 101, with the beginning of its body. */
async function refused(
  socket: Duplex,
  { head, rest }: Answer,
  signal: AbortSignal,
  message: string,
): Promise<HandshakeError> {
  const facts = { status: head.status, headers: headersOf(head) };
  const body = await readExcerpt(socket, facts, rest, signal);
  return new HandshakeError(message, { ...facts, body });
}

/** What an attempt fails with: our own errors and the signal's reason as they are, the system's wrapped. */
function failure(error: unknown, { host, port, socketPath }: ConnectTarget, signal: AbortSignal): unknown {
  if (error instanceof HandshakeError || error instanceof ConfigError) return error;
  if (signal.aborted) return signal.reason;
  const place = socketPath ?? `${host}, port ${port}`;
  const why = error instanceof Error ? Reflect.get(error, 'code') || error.message : error;
  return new HandshakeError(`No connection to ${place}: ${String(why)}`, { status: 0 }, { cause: error });
}
