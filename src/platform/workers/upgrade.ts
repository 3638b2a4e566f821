/**
 * A session handler as the `fetch` of a Worker.
 *
 * One rule: a request that cannot be upgraded gets its refusal, so nothing a client sends throws out of `fetch`.
 */
import type { PeerHandler } from '../peer.ts';
import type { Config } from './config.ts';
import { WebSocketContext } from './context.ts';
import { HandshakeError } from './errors.ts';
import type { WaitUntil } from './runtime.ts';

/** Decides about an opening handshake. */
export type ContextHandler<Env> = (context: WebSocketContext<Env>) => Response | Promise<Response>;

/** The context's answer, or the refusal when the request is no opening handshake. */
export async function answer<Env>(
  request: Request,
  env: Env,
  ctx: WaitUntil,
  decide: ContextHandler<Env>,
): Promise<Response> {
  try {
    return await decide(WebSocketContext.from(request, { env, ctx }));
  } catch (error) {
    if (error instanceof HandshakeError) return error.response();
    throw error;
  }
}

/** `fetch` of a Worker. */
export type Fetch = (request: Request, env: unknown, ctx: WaitUntil) => Promise<Response>;

/** `export default { fetch: upgrade(echo) }` */
export const upgrade = (handler: PeerHandler): Fetch => upgradeWith({}, handler);

/** The same with options. */
export function upgradeWith(config: Config, handler: PeerHandler): Fetch {
  return (request, env, ctx) => answer(request, env, ctx, (context) => context.upgradeWith(config, handler));
}

/** The name `upgradeWith` was asked for by. */
export const upgrade_with = upgradeWith;
