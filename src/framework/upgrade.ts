/**
 * `upgrade`: listeners for the 'upgrade' event of any Node HTTP or HTTPS server.
 *
 * The rule of this file: listeners cooperate. One with routes takes its own paths and leaves the others alone; a path
 * that nobody takes is refused by us only when every listener on the server is ours.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { answer, pathOf } from './answering.ts';
import { type Config, type ResolvedConfig, resolveConfig } from './config.ts';
import { type ContextOwner, headOf, isTaken } from './context.ts';
import { ConfigError } from './errors.ts';
import { keepExemplar } from './exemplar.ts';
import { guard, owesResponse, refuse } from './opening.ts';
import type { SessionHandler } from './response.ts';
import { createRouter, type Router, type Routes } from './router.ts';
import { standBack } from './turns.ts';

/** A listener for `server.on('upgrade', …)`. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Longest time that a timer of Node's can have, in milliseconds. */
const longestTime = 2 ** 31 - 1;

/** Listeners made here, so that they know each other. */
const ours = new WeakSet<object>();

/** Whether a value is what {@link upgrade} or {@link upgradeWith} has made. */
export const isUpgradeListener = (value: unknown): boolean => typeof value === 'function' && ours.has(value);

/**
 * Makes an 'upgrade' listener that accepts WebSockets.
 *
 * @param handler a session handler for every path; or routes with context handlers, which leaves other paths to other
 *   listeners
 * @throws {ConfigError} when it is neither
 */
export function upgrade(handler: SessionHandler | Routes): UpgradeListener {
  return createListener(resolveConfig(), handler);
}

/** {@link upgrade} with a configuration. @throws {ConfigError} for a wrong or unknown option */
export function upgradeWith(config: Config, handler: SessionHandler | Routes): UpgradeListener {
  return createListener(resolveConfig(config), handler);
}

/** Alias of {@link upgradeWith}. */
export const upgrade_with: typeof upgradeWith = upgradeWith;

function createListener(config: ResolvedConfig, handler: SessionHandler | Routes): UpgradeListener {
  if (handler === undefined || handler === null)
    throw new ConfigError('handler', handler, 'a function or routes');
  const router: Router =
    typeof handler === 'function'
      ? createRouter((context) => context.upgrade(handler))
      : createRouter(handler);
  const owner: ContextOwner = { config };
  const patience = Math.min(config.handshakeTimeout, longestTime);
  /** Refuses a request whose handler takes too long. */
  const limit = (answered: Promise<void>, socket: Duplex): void => {
    const timer = setTimeout(() => refuse(socket, { status: 408 }), patience);
    void answered.finally(() => clearTimeout(timer));
  };
  const listener: UpgradeListener = (request, socket, early) => {
    if (isTaken(socket)) return;
    standBack();
    const isOver = socket.writableEnded;
    const match = isOver || owesResponse(socket) ? undefined : router(pathOf(request.url ?? ''));
    if (match !== undefined) {
      answer({ head: headOf(request), socket, early }, match, owner, limit);
      return;
    }
    guard(socket);
    if (isOver) return;
    // Any answer now would be taken for that of the earlier request.
    if (owesResponse(socket)) socket.destroy();
    else leave(request, socket);
  };
  ours.add(listener);
  keepExemplar('upgrade');
  return listener;
}

/** Leaves a path to the other listeners; when none of them can want it, refuses it. */
function leave(request: IncomingMessage, socket: Duplex): void {
  const server = Reflect.get(request.socket, 'server');
  const listeners: unknown[] = typeof server?.listeners === 'function' ? server.listeners('upgrade') : [];
  if (!listeners.every(isUpgradeListener)) return;
  // The others of ours get their turn in this same event: look again when all have had it.
  process.nextTick(() => {
    if (!isTaken(socket) && !socket.writableEnded)
      refuse(socket, { status: 404, message: 'There is nothing here.' });
  });
}
