/**
 * API Gateway's management API as a port of three calls, and the AWS SDK behind it.
 *
 * The rule of this file: the SDK is loaded when the first call needs it and kept with its connections for later
 * invocations; a function that never sends never pays for it. One call here is one HTTP request: the SDK's own
 * retries are off, because `calls.ts` retries within the time that the invocation has left.
 */

import type { ManagementEndpoint } from './endpoint.ts';
import { ConfigError } from './errors.ts';
import type { LambdaOptions } from './options.ts';

/** What GetConnection tells. */
export interface ConnectionInfo {
  readonly connectedAt: Date | undefined;
  /** Last message in either direction, as far as API Gateway tells. */
  readonly lastActiveAt: Date | undefined;
  readonly sourceIp: string | undefined;
  readonly userAgent: string | undefined;
}

/**
 * The calls that a connection needs. Each is one attempt and rejects on any status other than a success, with the
 * status at `error.$metadata.httpStatusCode` (as the SDK does) or `error.status`.
 */
export interface ManagementApi {
  /** PostToConnection. `data` is valid UTF-8 and reaches the peer as one text message. */
  post(connectionId: string, data: Uint8Array, signal: AbortSignal): Promise<void>;
  /** DeleteConnection: API Gateway closes with 1000. */
  delete(connectionId: string, signal: AbortSignal): Promise<void>;
  /** GetConnection. */
  get(connectionId: string, signal: AbortSignal): Promise<ConnectionInfo>;
}

/** Makes the port for one endpoint. */
export type ManagementApiFactory = (endpoint: ManagementEndpoint) => ManagementApi | Promise<ManagementApi>;

/** One port per endpoint, made once and kept over invocations (and with it the SDK's keep-alive connections). */
export function managementApis(
  options: LambdaOptions,
): (endpoint: ManagementEndpoint) => Promise<ManagementApi> {
  const create: ManagementApiFactory =
    options.managementApi ?? ((endpoint) => sdkManagementApi(endpoint, options.clientConfig));
  const known = new Map<string, Promise<ManagementApi>>();
  return (endpoint) => {
    const key = `${endpoint.region} ${endpoint.url}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const created = Promise.resolve().then(() => create(endpoint));
    known.set(key, created);
    created.catch(() => known.delete(key));
    return created;
  };
}

/**
 * The port over `@aws-sdk/client-apigatewaymanagementapi`.
 *
 * @param clientConfig merged into the SDK client's configuration (`credentials`, `requestHandler`, `logger`, …)
 * @throws ConfigError when the SDK's client is not installed
 */
export async function sdkManagementApi(
  endpoint: ManagementEndpoint,
  clientConfig: object = {},
): Promise<ManagementApi> {
  const sdk = await loadSdk();
  const client = new sdk.ApiGatewayManagementApiClient({
    ...clientConfig,
    endpoint: endpoint.url,
    region: endpoint.region,
    maxAttempts: 1,
  });
  return {
    async post(connectionId, data, abortSignal) {
      const input = { ConnectionId: connectionId, Data: data };
      await client.send(new sdk.PostToConnectionCommand(input), { abortSignal });
    },
    async delete(connectionId, abortSignal) {
      await client.send(new sdk.DeleteConnectionCommand({ ConnectionId: connectionId }), { abortSignal });
    },
    async get(connectionId, abortSignal) {
      const input = { ConnectionId: connectionId };
      const answer = await client.send(new sdk.GetConnectionCommand(input), { abortSignal });
      return {
        connectedAt: answer.ConnectedAt,
        lastActiveAt: answer.LastActiveAt,
        sourceIp: answer.Identity?.SourceIp,
        userAgent: answer.Identity?.UserAgent,
      };
    },
  };
}

async function loadSdk(): Promise<typeof import('@aws-sdk/client-apigatewaymanagementapi')> {
  try {
    return await import('@aws-sdk/client-apigatewaymanagementapi');
  } catch (cause) {
    const advice =
      'the package @aws-sdk/client-apigatewaymanagementapi to be there (Lambda has it), or this option to be set';
    throw new ConfigError('managementApi', undefined, advice, { cause });
  }
}
