/**
 * What can go wrong between a Lambda function and its WebSocket peers.
 *
 * The rule of this file: every failure of the management API is one class whose `reason` says what to do about it.
 * The classes that all platforms share are imported here once, and the rest of this folder takes them from here.
 */
import { WebSocketError } from '../../frame/errors.ts';

export { ClosedError, StateError } from '../../connection/errors.ts';
export type { Closure } from '../../connection/types.ts';
export { LimitError, WebSocketError } from '../../frame/errors.ts';
export { ConfigError, UnsupportedError } from '../../framework/errors.ts';

/** The calls of the management API: PostToConnection, DeleteConnection and GetConnection. */
export type ManagementOperation = 'post' | 'delete' | 'get';

/**
 * Why a call of the management API failed.
 *
 * - `forbidden` (403): the function's role lacks `execute-api:ManageConnections`, or the endpoint is not this API's.
 * - `payloadTooLarge` (413): API Gateway counted more bytes than its limit.
 * - `throttled` (429): too many calls, or the peer reads too slowly and its buffer is full. Was retried.
 * - `unavailable` (408, 5xx): API Gateway failed. Was retried.
 * - `network`: no answer (connection refused or lost, name not found, timed out). Was retried.
 * - `request`: anything else, such as a malformed connection id (400) or missing credentials. Not retried.
 */
export type ManagementFailure =
  | 'forbidden'
  | 'payloadTooLarge'
  | 'throttled'
  | 'unavailable'
  | 'network'
  | 'request';

const meanings: Readonly<Record<ManagementFailure, string>> = {
  forbidden: 'access is denied: the role needs execute-api:ManageConnections for this API and stage',
  payloadTooLarge: 'the payload is too large for API Gateway',
  throttled: 'API Gateway throttles calls to this connection',
  unavailable: 'API Gateway is unavailable',
  network: 'no answer from the endpoint',
  request: 'the call was refused',
};

/**
 * A call of the management API failed for good. `cause` is the client's last error.
 *
 * A connection that is gone (410) is no such failure: it is a `ClosedError`.
 */
export class ManagementApiError extends WebSocketError {
  readonly code = 'ERR_WS_MANAGEMENT_API';
  readonly reason: ManagementFailure;
  readonly operation: ManagementOperation;
  readonly connectionId: string;
  /** HTTP status of the last answer; undefined when there was none. */
  readonly status: number | undefined;
  /** How often the call was tried. */
  readonly attempts: number;

  constructor(
    details: {
      reason: ManagementFailure;
      operation: ManagementOperation;
      connectionId: string;
      status: number | undefined;
      attempts: number;
    },
    cause: unknown,
  ) {
    const status = details.status === undefined ? '' : ` (HTTP ${details.status})`;
    super(
      `${details.operation} to connection ${details.connectionId}: ${meanings[details.reason]}${status}`,
      { cause },
    );
    this.reason = details.reason;
    this.operation = details.operation;
    this.connectionId = details.connectionId;
    this.status = details.status;
    this.attempts = details.attempts;
  }
}
