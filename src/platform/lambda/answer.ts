/**
 * The answer to $connect: in (200, with at most one subprotocol) or out (any other status).
 *
 * The rule of this file: fail closed. What is not plainly an acceptance never lets a client in, and a subprotocol is
 * answered only when the client offered it (RFC 6455 §4.2.2); a client has to drop the connection otherwise.
 */
import { checkOrigin } from '../../handshake/index.ts';
import { ConfigError, StateError } from './errors.ts';
import type { ConnectEvent } from './event.ts';

/** What a connect handler may return; made by `event.accept()` and `event.reject()`. */
export interface ConnectAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Picks one of the offered subprotocols, or none. */
export type SubprotocolChoice = (offered: readonly string[], event: ConnectEvent) => string | undefined;

/** Which pages may connect. */
export type OriginPolicy =
  | 'same'
  | '*'
  | readonly string[]
  | ((origin: string, event: ConnectEvent) => boolean);

/** Whether the policy allows the event's origin; a request without one does not come from a page. */
export function allowsOrigin(policy: OriginPolicy, event: ConnectEvent): boolean {
  const { origin, headers } = event;
  if (origin === undefined) return true;
  if (typeof policy === 'function') return policy(origin, event) === true;
  return checkOrigin(origin, policy, headers['host'] ?? '', true);
}

/** The first offered one that is supported: the client lists its names by preference (RFC 6455 §4.1). */
export const firstSupported =
  (supported: readonly string[]): SubprotocolChoice =>
  (offered) =>
    offered.find((name) => supported.includes(name));

/** @throws StateError when `subprotocol` is not among those offered */
export function acceptance(offered: readonly string[], subprotocol: string | undefined): ConnectAnswer {
  if (subprotocol === undefined) return { statusCode: 200 };
  if (!offered.includes(subprotocol)) {
    const list = offered.length === 0 ? 'none' : offered.join(', ');
    throw new StateError(`the client did not offer the subprotocol ${subprotocol} (it offered: ${list})`);
  }
  return { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': subprotocol } };
}

/** @throws RangeError when `status` is not from 400 to 599 */
export function refusal(status = 403, body?: string): ConnectAnswer {
  if (!Number.isInteger(status) || status < 400 || status > 599) {
    throw new RangeError(`a refusal has a status from 400 to 599, not ${status}`);
  }
  return body === undefined ? { statusCode: status } : { statusCode: status, body };
}

/**
 * What a connect handler returned, judged.
 *
 * Returning nothing accepts. A value that is no answer (`false`, say) must not, so it is an error: the client is
 * refused like after any other failure of the handler.
 */
export function judgeAnswer(event: ConnectEvent, returned: unknown): ConnectAnswer {
  if (returned === undefined) return event.accept();
  if (!isAnswer(returned)) {
    throw new ConfigError('connect', returned, 'accept(), reject() or nothing from a connect handler');
  }
  const chosen = subprotocolOf(returned);
  if (isAcceptance(returned) && chosen !== undefined) acceptance(event.subprotocols, chosen);
  return returned;
}

/** API Gateway lets a client in on any status of the 200s. */
export const isAcceptance = (answer: ConnectAnswer): boolean =>
  answer.statusCode >= 200 && answer.statusCode <= 299;

function isAnswer(value: unknown): value is ConnectAnswer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'statusCode' in value &&
    typeof value.statusCode === 'number' &&
    Number.isInteger(value.statusCode)
  );
}

function subprotocolOf(answer: ConnectAnswer): string | undefined {
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (name.toLowerCase() === 'sec-websocket-protocol') return value;
  }
  return undefined;
}
