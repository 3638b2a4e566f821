/**
 * Getting a socket to the target: TCP, a Unix socket or one of the caller's own, with TLS on it where the URL says so.
 *
 * The rule of this file: a socket is either handed over ready or destroyed, however late it comes; it has an error
 * listener from the moment it exists. Certificates are verified unless the caller's own TLS options say otherwise
 * (RFC 6455 §10.6).
 */
import { connect as connectNet, isIP, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ConfigError } from '../errors.ts';
import { guard } from '../opening.ts';
import type { ConnectOptions } from './options.ts';
import type { ConnectTarget } from './target.ts';

/** How to get there. */
export interface Route {
  readonly target: ConnectTarget;
  readonly tls: ConnectionOptions;
  readonly createConnection: ConnectOptions['createConnection'];
}

/**
 * Opens the way to the target.
 *
 * @throws (rejects) what went wrong, or the signal's reason
 */
export async function dial({ target, tls, createConnection }: Route, signal: AbortSignal): Promise<Duplex> {
  const carrier =
    createConnection === undefined
      ? await dialNet(target, signal)
      : await takeOver(createConnection(target, signal), signal);
  if (carrier instanceof Socket) carrier.setNoDelay(true);
  if (!target.secure) return carrier;
  if (Reflect.get(carrier, 'encrypted') !== true) return secure(carrier, target, tls, signal);
  // The request waits for the caller's own TLS too: what it holds is for a verified server only.
  const isReady = Reflect.get(carrier, 'secureConnecting') !== true;
  return isReady ? carrier : ready(carrier, 'secureConnect', signal);
}

function dialNet({ host, port, socketPath }: ConnectTarget, signal: AbortSignal): Promise<Duplex> {
  const socket = connectNet(socketPath === undefined ? { host, port } : { path: socketPath });
  return ready(socket, 'connect', signal);
}

function secure(
  carrier: Duplex,
  { host }: ConnectTarget,
  tls: ConnectionOptions,
  signal: AbortSignal,
): Promise<Duplex> {
  const socket = connectTls({
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...tls,
    host,
    socket: carrier,
  });
  return ready(socket, 'secureConnect', signal, carrier);
}

/** Waits until a socket says that it is ready. */
function ready(
  socket: Duplex,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
  carrier?: Duplex,
): Promise<Duplex> {
  guard(socket);
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.off(event, done).off('error', failed).off('close', closed);
      signal.removeEventListener('abort', aborted);
    };
    const done = (): void => {
      stop();
      resolve(socket);
    };
    const failed = (error: unknown): void => {
      stop();
      socket.destroy();
      carrier?.destroy();
      reject(error);
    };
    const closed = (): void => failed(new Error('the socket was closed before it was ready'));
    const aborted = (): void => failed(signal.reason);
    socket.on(event, done).on('error', failed).on('close', closed);
    signal.addEventListener('abort', aborted);
    if (signal.aborted) aborted();
  });
}

/** Takes over a socket of the caller's own. One that comes when nobody waits any more is destroyed. */
function takeOver(made: Duplex | Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    Promise.resolve(made).then(
      (socket) => {
        signal.removeEventListener('abort', aborted);
        if (!(socket instanceof Duplex)) {
          reject(new ConfigError('createConnection', socket, 'a function that returns a Duplex'));
          return;
        }
        guard(socket);
        if (signal.aborted) socket.destroy();
        else resolve(socket);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', aborted);
        reject(error);
      },
    );
  });
}
