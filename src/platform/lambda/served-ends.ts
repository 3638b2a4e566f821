/**
 * Which $disconnect events were served, so that a repeated one runs no handler twice.
 *
 * The rule of this file: a repetition gets the first one's answer; a failure is forgotten, so that Lambda's retry
 * runs the handler again. This holds within one process; cleaning up must bear repetition from another one anyway.
 */
import type { GatewayRequestContext, GatewayResponse } from './gateway.ts';

/** Ends that are remembered, the oldest being forgotten first. */
const capacity = 1_000;

/** The ends that this process has served. */
export class ServedEnds {
  readonly #answers = new Map<string, Promise<GatewayResponse>>();

  /** Runs `serve` unless it ran for this connection before. */
  once(context: GatewayRequestContext, serve: () => Promise<GatewayResponse>): Promise<GatewayResponse> {
    const { apiId, stage, connectionId, connectedAt } = context;
    const key = JSON.stringify([apiId, stage, connectionId, connectedAt]);
    const before = this.#answers.get(key);
    if (before !== undefined) return before;
    const answer = serve();
    this.#answers.set(key, answer);
    this.#forgetOldest();
    const forget = () => this.#answers.delete(key);
    answer.then((response) => response.statusCode >= 500 && forget(), forget);
    return answer;
  }

  #forgetOldest(): void {
    for (const key of this.#answers.keys()) {
      if (this.#answers.size <= capacity) return;
      this.#answers.delete(key);
    }
  }
}
