/**
 * What this adapter needs of the Workers runtime, as shapes.
 *
 * The rule of this file: only members that are used here are named, so that the values of every version of
 * `@cloudflare/workers-types` fit and nobody has to install it.
 */

/** What `WebSocket` values of the runtime have in common, hibernating or not. */
export interface SessionSocket {
  readonly readyState: number;
  send(message: string | ArrayBuffer | ArrayBufferView): void;
  close(code?: number, reason?: string): void;
  serializeAttachment(value: unknown): void;
  deserializeAttachment(): unknown;
}

/** A socket that is served in memory: accepted, with listeners. */
export interface ServedSocket extends SessionSocket {
  /** Bytes that were sent and have not left the runtime; older runtimes do not tell. */
  readonly bufferedAmount?: number;
  binaryType: string;
  accept(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: string | ArrayBuffer }) => void): void;
  addEventListener(type: 'close', listener: (event: CloseFacts) => void): void;
  addEventListener(type: 'error', listener: (event: { readonly message: string }) => void): void;
}

/** What the runtime tells about a Close, or about the lack of one (code 1006). */
export interface CloseFacts {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** The runtime's own `WebSocket` type where the project has it, so that sockets come back as they went in. */
export type WorkersSocket = typeof globalThis extends {
  WebSocket: { prototype: infer Socket extends SessionSocket };
}
  ? Socket
  : SessionSocket;

/** `ExecutionContext`, or a Durable Object's state. */
export interface WaitUntil {
  waitUntil(promise: Promise<unknown>): void;
}

/** The part of `DurableObjectState` that hibernating sockets need. */
export interface SocketHost extends WaitUntil {
  acceptWebSocket(socket: WorkersSocket, tags?: string[]): void;
  getWebSockets(tag?: string): WorkersSocket[];
  getTags(socket: WorkersSocket): string[];
  setWebSocketAutoResponse(pair?: AutoResponse): void;
}

/** `WebSocketRequestResponsePair` */
export interface AutoResponse {
  readonly request: string;
  readonly response: string;
}

/** `DurableObjectStub`, or anything else that answers requests. */
export interface Stub {
  fetch(request: Request): Promise<Response>;
}

/** `readyState` while messages can be sent. */
export const OPEN = 1;
/** `readyState` when the peer's Close came and ours did not go. */
export const CLOSING = 2;

/** The two ends of a socket: the one that goes into the 101 response, and ours. */
export interface SocketPair {
  readonly 0: WorkersSocket;
  readonly 1: WorkersSocket & ServedSocket;
}
