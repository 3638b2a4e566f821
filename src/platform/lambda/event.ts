/**
 * API Gateway's event as a value that is pleasant to use: a union told apart by `type`.
 *
 * The rule of this file: the connection id comes from `requestContext` and from nowhere else, because everything
 * outside of it (headers, query, body) is the peer's own text.
 */
import { acceptance, type ConnectAnswer, refusal, type SubprotocolChoice } from './answer.ts';
import { UnsupportedError } from './errors.ts';
import type { GatewayEvent } from './gateway.ts';

/** What the three kinds of event share. */
interface EventBase {
  /** The route that API Gateway chose: `$connect`, `$disconnect`, `$default` or one of your own. */
  readonly routeKey: string;
  /** The event as API Gateway sent it. */
  readonly raw: GatewayEvent;
}

/** A client wants to connect. The connection does not exist yet: it opens when the answer reaches API Gateway. */
export interface ConnectEvent extends EventBase {
  readonly type: 'CONNECT';
  /** Names in lower case; several lines of one name are joined with a comma and a space. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly query: URLSearchParams;
  /** The client's `Origin` header. API Gateway does not check it. */
  readonly origin: string | undefined;
  /** What the client offered, in its order (RFC 6455 §4.1). */
  readonly subprotocols: readonly string[];
  /**
   * The answer that lets the client in.
   *
   * @param subprotocol one of those offered; without it the choice of the `subprotocols` option
   * @throws StateError when the client did not offer it (RFC 6455 §4.2.2)
   */
  accept(subprotocol?: string): ConnectAnswer;
  /**
   * The answer that refuses the client.
   *
   * @param status HTTP status that the client gets, 400 to 599; 403 by default
   * @throws RangeError when the status is no refusal
   */
  reject(status?: number, body?: string): ConnectAnswer;
}

/** A text message of the client. */
export interface MessageEvent extends EventBase {
  readonly type: 'MESSAGE';
  /** Text; bytes only where the integration's `contentHandlingStrategy` is `CONVERT_TO_BINARY`. */
  readonly message: string | Uint8Array;
}

/** The connection has ended. API Gateway delivers this at best once, and not always. */
export interface DisconnectEvent extends EventBase {
  readonly type: 'DISCONNECT';
  /** Close code; 1005 when the peer gave none, and when API Gateway told none. */
  readonly code: number;
  readonly reason: string;
}

/** `ws.event`. */
export type LambdaEvent = ConnectEvent | MessageEvent | DisconnectEvent;

/** Header lines as one record of lower-case names. Where both forms came, the multi-value one is complete. */
export function readHeaders(event: GatewayEvent): Readonly<Record<string, string | undefined>> {
  const headers: Record<string, string | undefined> = Object.create(null);
  const lines: [string, string | undefined][] = event.multiValueHeaders
    ? Object.entries(event.multiValueHeaders).map(([name, values]) => [name, values?.join(', ')])
    : Object.entries(event.headers ?? {});
  for (const [name, value] of lines) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    const before = headers[key];
    headers[key] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

/** The query, decoded by API Gateway already. */
export function readQuery(event: GatewayEvent): URLSearchParams {
  const query = new URLSearchParams();
  if (event.multiValueQueryStringParameters) {
    for (const [name, values] of Object.entries(event.multiValueQueryStringParameters)) {
      for (const value of values ?? []) query.append(name, value);
    }
    return query;
  }
  for (const [name, value] of Object.entries(event.queryStringParameters ?? {})) {
    if (value !== undefined) query.append(name, value);
  }
  return query;
}

/** The items of a comma-separated header in order, without empty ones and repetitions. */
export function readList(value: string | undefined): readonly string[] {
  const items = (value ?? '').split(',').map((item) => item.trim());
  return [...new Set(items.filter((item) => item !== ''))];
}

/**
 * Reads one invocation's event.
 *
 * @throws UnsupportedError when the event is not a WebSocket API's (the function has another trigger as well)
 */
export function readEvent(raw: GatewayEvent, choose: SubprotocolChoice): LambdaEvent {
  const context: GatewayEvent['requestContext'] | undefined = raw?.requestContext;
  if (typeof context?.connectionId !== 'string' || context.connectionId === '') {
    throw new UnsupportedError('the event has no connection id: it does not come from a WebSocket API');
  }
  const base = { routeKey: context.routeKey, raw };
  switch (context.eventType) {
    case 'CONNECT':
      return readConnect(raw, choose);
    case 'MESSAGE':
      return { ...base, type: 'MESSAGE', message: readMessage(raw) };
    case 'DISCONNECT':
      return {
        ...base,
        type: 'DISCONNECT',
        code: context.disconnectStatusCode ?? 1005,
        reason: context.disconnectReason ?? '',
      };
    default:
      throw new UnsupportedError(`the event type ${String(context.eventType)} is none of a WebSocket API`);
  }
}

function readMessage(raw: GatewayEvent): string | Uint8Array {
  const body = raw.body ?? '';
  return raw.isBase64Encoded === true ? Buffer.from(body, 'base64') : body;
}

function readConnect(raw: GatewayEvent, choose: SubprotocolChoice): ConnectEvent {
  const headers = readHeaders(raw);
  const { origin } = headers;
  const subprotocols = readList(headers['sec-websocket-protocol']);
  const event: ConnectEvent = {
    type: 'CONNECT',
    routeKey: raw.requestContext.routeKey,
    raw,
    headers,
    query: readQuery(raw),
    origin,
    subprotocols,
    accept: (subprotocol) => acceptance(subprotocols, subprotocol ?? choose(subprotocols, event)),
    reject: refusal,
  };
  return event;
}
