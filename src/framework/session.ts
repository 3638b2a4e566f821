/**
 * A connection with the handler that lives on it.
 *
 * The rule of this file: whatever the handler does, the connection ends with exactly one closure, its timers with it,
 * and what the handler throws reaches `onError`, never the process.
 */

import type { ConnectionFacts } from '../connection/connection.ts';
import { Connection } from '../connection/connection.ts';
import { Environment, type Host } from '../connection/environment.ts';
import { ClosedError, errorOf } from '../connection/errors.ts';
import type { ByteTransport } from '../connection/port.ts';
import type { Protocol } from '../connection/protocol.ts';
import type { Closure, Role } from '../connection/types.ts';
import type { NegotiatedExtension } from '../extension/types.ts';
import { closeCodes, encodeClosePayload } from '../frame/close.ts';
import { clock } from './clock.ts';
import type { ResolvedConfig } from './config.ts';
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

type OnClosed<Request> = OpeningParts<Request>['onClosed'];

/** Servers that share one configuration object and are remembered at most. */
const sharers = 8;

/** Environments by what makes them: a server has one configuration, one role and one listener. */
const environments = new WeakMap<ResolvedConfig, Environment<never>[]>();

function environmentOf(config: ResolvedConfig, role: Role, onClosed: OnClosed<never>): Environment<never> {
  const known = environments.get(config);
  // By index: an iterator would be made for every connection.
  for (let index = 0; known !== undefined && index < known.length; index += 1) {
    const one = known[index];
    if (one?.role === role && one.host instanceof ClockHost && one.host.onClosed === onClosed) return one;
  }
  const made = new Environment<never>(runtime, role, config.settings, new ClockHost(onClosed));
  if (known === undefined) environments.set(config, [made]);
  else if (known.length < sharers) known.push(made);
  return made;
}

/** Keeps the deadlines of connections on the clock, and tells whoever made them of their ends. */
class ClockHost<Request> implements Host<Request> {
  readonly onClosed: OnClosed<Request>;

  constructor(onClosed: OnClosed<Request>) {
    this.onClosed = onClosed;
  }

  rearm(protocol: Protocol, deadline: number): void {
    clock.arm(protocol, deadline);
  }

  closed(connection: Connection<Request>, closure: Closure): void {
    clock.disarm(Connection.lifeOf(connection));
    this.onClosed?.(connection, closure);
  }
}

/** Makes a connection over an open transport, with its place on the clock. `startReading` has to follow. */
export function createConnection<Request>(parts: OpeningParts<Request>): Connection<Request> {
  const { transport, config, role, onClosed, extension, subprotocol, extensions, request } = parts;
  return new Connection<Request>(
    transport,
    environmentOf(config, role, onClosed),
    { subprotocol, extensions, request },
    extension?.createSession(),
  );
}

/** Lets bytes flow to a connection. */
export function startReading<Request>(connection: Connection<Request>): void {
  Connection.lifeOf(connection).start();
}

/** Starts a handler on its connection, and closes that when the handler has ended. Never throws. */
export function runSession(
  connection: Connection<OpeningFacts>,
  handler: SessionHandler,
  config: ResolvedConfig,
): void {
  // No async function: its frame would stay with every connection for as long as that lives.
  try {
    const running: unknown = handler(connection);
    if (isThenable(running)) {
      // Bound, for two closures and the variables that they share take half as much memory again.
      running.then(finish.bind(connection), fail.bind(connection, config));
    } else {
      finish.call(connection);
    }
  } catch (error) {
    fail.call(connection, config, error);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

function finish(this: Connection<OpeningFacts>): void {
  Connection.lifeOf(this).close(encodeClosePayload(closeCodes.normal), closeCodes.normal, '');
}

function fail(this: Connection<OpeningFacts>, config: ResolvedConfig, error: unknown): void {
  const life = Connection.lifeOf(this);
  // That the peer went away in the middle of a send is no fault of the handler's.
  const expected = error instanceof ClosedError && life.closing;
  if (!expected) config.onError(error, this);
  life.close(encodeClosePayload(closeCodes.internalError), closeCodes.internalError, '', errorOf(error));
}
