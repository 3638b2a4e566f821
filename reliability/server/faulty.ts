// Handlers that fail in every way a handler can.
// Rule: each is told what to do by its path, and does nothing else.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContextHandler, SessionHandler } from 'framewright';

const failure = (): Error => new Error('the handler fails on purpose');

const failing: Readonly<Record<string, SessionHandler>> = {
  'throws-at-once': () => {
    throw failure();
  },
  rejects: async () => {
    throw failure();
  },
  'rejects-later': async () => {
    await sleep(20);
    throw failure();
  },
  'rejects-on-message': async (connection) => {
    await connection.recv();
    throw failure();
  },
  'throws-nothing': () => {
    throw undefined;
  },
  'rejects-in-a-send': async (connection) => {
    await connection.send(nothing());
  },
};

/** A value of no type that can be sent. */
function nothing(): string {
  return JSON.parse('null');
}

/** Failing handlers of sessions: they end with 1011. */
export const failingSessions = Object.keys(failing);
/** Failing handlers of requests: they are answered with 500. */
export const failingContexts = ['context-throws', 'context-rejects'];

export const failingRoutes: Readonly<Record<string, ContextHandler>> = {
  ...Object.fromEntries(
    Object.entries(failing).map(([name, session]) => [
      `/${name}`,
      ((context) => context.upgrade(session)) satisfies ContextHandler,
    ]),
  ),
  '/context-throws': () => {
    throw failure();
  },
  '/context-rejects': async () => {
    await sleep(20);
    throw failure();
  },
};
