/**
 * Handlers as the `fetch` of a Worker.
 *
 * One rule: a request that cannot be upgraded gets its refusal, so nothing a client sends throws out of `fetch`.
 */
import type { PeerHandler } from '../peer.ts';
import { type Config, resolve } from './config.ts';
import { WebSocketContext } from './context.ts';
import { HandshakeError } from './errors.ts';
import type { WaitUntil } from './runtime.ts';

/** `fetch` of a Worker. */
export type Fetch<Env = unknown> = (request: Request, env: Env, ctx: WaitUntil) => Promise<Response>;

/** Decides about an opening handshake. */
export type ContextHandler<Env> = (context: WebSocketContext<Env>) => Response | Promise<Response>;

/** A decision per request as `fetch`; a request that is no opening handshake gets its refusal. */
export function handshake<Env>(decide: ContextHandler<Env>): Fetch<Env> {
  return async (request, env, ctx) => {
    try {
      return await decide(WebSocketContext.from(request, { env, ctx }));
    } catch (error) {
      if (error instanceof HandshakeError) return error.response();
      throw error;
    }
  };
}

/** `export default { fetch: upgrade(echo) }` */
export const upgrade = (handler: PeerHandler): Fetch => upgradeWith({}, handler);

/** The same with options. @throws {ConfigError} for an unknown option or a bad value */
export function upgradeWith(config: Config, handler: PeerHandler): Fetch {
  resolve(config);
  return handshake((context) => context.upgradeWith(config, handler));
}

/** The name `upgradeWith` was asked for by. */
export const upgrade_with = upgradeWith;
