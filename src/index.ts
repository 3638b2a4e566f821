/**
 * framewright: a WebSocket engine for Node.js.
 */

export type { MessageChunks, ReceiveOptions, SendOptions } from './connection/calls.ts';
export { Connection } from './connection/connection.ts';
export { ClosedError, StateError, TimeoutError } from './connection/errors.ts';
export type { ReadHalf, WriteHalf } from './connection/halves.ts';
export { prepare, type Sendable } from './connection/payload.ts';
export type { Prepared } from './connection/prepared.ts';
export type { BinaryLike, Closure, Message } from './connection/types.ts';
export type { PerMessageDeflateOptions } from './extension/index.ts';
export { LimitError, ProtocolError, WebSocketError } from './frame/errors.ts';
export type { Config } from './framework/config.ts';
export { type ConnectOptions, type ConnectTarget, connect } from './framework/connect.ts';
export { type IncomingRequest, WebSocketContext } from './framework/context.ts';
export { ConfigError, HandshakeError, UnsupportedError } from './framework/errors.ts';
export {
  type Address,
  listen,
  type Server,
  type ServerCloseOptions,
  type ServerConfig,
} from './framework/listen.ts';
export { type ReconnectingOptions, type Retry, reconnecting } from './framework/reconnecting.ts';
export type { OpeningFacts } from './framework/request.ts';
export type { SessionHandler, WebSocketResponse } from './framework/response.ts';
export type { ContextHandler, Routes } from './framework/router.ts';
export { type UpgradeListener, upgrade, upgrade_with, upgradeWith } from './framework/upgrade.ts';
