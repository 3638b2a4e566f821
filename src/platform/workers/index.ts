/**
 * `framewright/workers`: the same session handlers on Cloudflare Workers, and sessions that hibernate in Durable Objects.
 *
 * One rule: no Node import, and nothing that the runtime does already. What only a Durable Object needs beside its
 * sessions is in `framewright/durable`, so that a Worker does not carry it.
 */
export { ClosedError, StateError, TimeoutError } from '../../connection/errors.ts';
export { LimitError, WebSocketError } from '../../frame/errors.ts';
export type { Closure, Message, Peer, PeerHandler, ReadHalf, State, WriteHalf } from '../peer.ts';
export type { Config, HandshakeConfig, PeerConfig } from './config.ts';
export { type Platform, type SessionConfig, WebSocketContext } from './context.ts';
export { ConfigError, HandshakeError } from './errors.ts';
export type { WorkersRequest } from './request.ts';
export type { AutoResponse, SessionSocket, SocketHost, Stub, WaitUntil, WorkersSocket } from './runtime.ts';
export { type BroadcastOptions, type InsertOptions, SessionMap, type Storable } from './session-map.ts';
export { type ContextHandler, type Fetch, handshake, upgrade, upgrade_with, upgradeWith } from './upgrade.ts';
