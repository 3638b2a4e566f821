/** The events that API Gateway hands to a function for the three kinds of route, with the fields that really come. */
import type { APIGatewayProxyWebsocketEventV2 } from 'aws-lambda';
import type { GatewayEvent } from '../../../src/platform/lambda/index.ts';

/** A connection as events describe it. */
export interface Described {
  readonly connectionId: string;
  readonly connectedAt: number;
  readonly stage: string;
  readonly domainName: string;
}

export type WireEvent = APIGatewayProxyWebsocketEventV2 & GatewayEvent;

type Kind = 'CONNECT' | 'MESSAGE' | 'DISCONNECT';

let requests = 0;

function requestContext(connection: Described, eventType: Kind, routeKey: string) {
  requests += 1;
  const now = Date.now();
  return {
    routeKey,
    messageId: `message-${requests}=`,
    eventType,
    extendedRequestId: `request-${requests}=`,
    requestTime: new Date(now).toUTCString(),
    messageDirection: 'IN' as const,
    stage: connection.stage,
    connectedAt: connection.connectedAt,
    requestTimeEpoch: now,
    identity: { sourceIp: '127.0.0.1' },
    requestId: `request-${requests}=`,
    domainName: connection.domainName,
    connectionId: connection.connectionId,
    apiId: 'abcdef1234',
  };
}

/** @param rawHeaders names and values in turn, in the client's own case */
export function connectEvent(
  connection: Described,
  rawHeaders: readonly string[] = [],
  query = new URLSearchParams(),
): WireEvent {
  const lines = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    lines.set(name, [...(lines.get(name) ?? []), rawHeaders[at + 1] ?? '']);
  }
  const multiValueHeaders = Object.fromEntries(lines);
  const event: WireEvent = {
    headers: lastOf(multiValueHeaders),
    multiValueHeaders,
    requestContext: requestContext(connection, 'CONNECT', '$connect'),
    isBase64Encoded: false,
  };
  if (query.size === 0) return event;
  const values = Object.fromEntries([...query.keys()].map((name) => [name, query.getAll(name)]));
  return { ...event, queryStringParameters: lastOf(values), multiValueQueryStringParameters: values };
}

export function messageEvent(connection: Described, body: string, routeKey = '$default'): WireEvent {
  return { requestContext: requestContext(connection, 'MESSAGE', routeKey), body, isBase64Encoded: false };
}

export function disconnectEvent(connection: Described, code: number, reason: string): WireEvent {
  return {
    headers: { Host: connection.domainName, 'x-api-key': '', 'x-restapi': '' },
    multiValueHeaders: { Host: [connection.domainName], 'x-api-key': [''], 'x-restapi': [''] },
    requestContext: {
      ...requestContext(connection, 'DISCONNECT', '$disconnect'),
      disconnectStatusCode: code,
      disconnectReason: reason,
    },
    isBase64Encoded: false,
  };
}

const lastOf = (values: Readonly<Record<string, string[]>>): Record<string, string> =>
  Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list.at(-1) ?? '']));
