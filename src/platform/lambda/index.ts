/**
 * `framewright/lambda`: WebSocket handlers on AWS Lambda, behind an API Gateway WebSocket API.
 */
export type { ConnectAnswer, OriginPolicy, SubprotocolChoice } from './answer.ts';
export type { ManagementEndpoint } from './endpoint.ts';
export {
  ClosedError,
  type Closure,
  ConfigError,
  LimitError,
  ManagementApiError,
  type ManagementFailure,
  type ManagementOperation,
  StateError,
  UnsupportedError,
  WebSocketError,
} from './errors.ts';
export type { ConnectEvent, DisconnectEvent, LambdaEvent, MessageEvent } from './event.ts';
export type { GatewayEvent, GatewayRequestContext, GatewayResponse, LambdaContext } from './gateway.ts';
export type { LambdaHandler } from './handle.ts';
export type {
  ConnectHandler,
  ConnectingWebSocket,
  ConnectResult,
  DisconnectHandler,
  EndedWebSocket,
  LambdaHandlerFunction,
  LambdaHandlers,
  MessageHandler,
  OpenWebSocket,
} from './handlers.ts';
export {
  type ConnectionInfo,
  type ManagementApi,
  type ManagementApiFactory,
  sdkManagementApi,
} from './management-api.ts';
export type { LambdaOptions } from './options.ts';
export type { LambdaPeer } from './peer.ts';
export type { LambdaPeers } from './peers.ts';
export { LambdaWebSocket } from './websocket.ts';
