/**
 * The handlers that an application gives: one function for everything, or one per kind of event.
 *
 * The rule of this file: what cannot work is not in the type. A connect handler's socket has no `send`, because the
 * connection does not exist before the answer; a disconnect handler's has none, because it does not exist any more.
 */
import type { ConnectAnswer } from './answer.ts';
import { ConfigError } from './errors.ts';
import type { ConnectEvent, DisconnectEvent, MessageEvent } from './event.ts';
import type { LambdaWebSocket } from './websocket.ts';

type Eventually<Value> = Value | Promise<Value>;

/** What a handler of $connect may return: an answer; nothing accepts the client. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is a handler as well
export type ConnectResult = ConnectAnswer | undefined | void;

/** The calls that need an open connection. */
type OpenOnly = 'send' | 'close' | 'info';

/** The socket of a connect handler: the connection opens with the answer, so there is nothing to send to yet. */
export type ConnectingWebSocket = Omit<LambdaWebSocket<ConnectEvent>, OpenOnly>;
/** The socket of a message handler. */
export type OpenWebSocket = LambdaWebSocket<MessageEvent>;
/** The socket of a disconnect handler: the connection is gone. Others are reached with `to`. */
export type EndedWebSocket = Omit<LambdaWebSocket<DisconnectEvent>, OpenOnly>;

/** One function for all events, told apart by `ws.event.type`. Only on CONNECT its result is looked at. */
export type LambdaHandlerFunction = (ws: LambdaWebSocket) => Eventually<ConnectResult>;
/** Answers a client that wants to connect. */
export type ConnectHandler = (ws: ConnectingWebSocket) => Eventually<ConnectResult>;
/** Takes one message. */
export type MessageHandler = (ws: OpenWebSocket) => Eventually<void>;
/** Takes the end of a connection. */
export type DisconnectHandler = (ws: EndedWebSocket) => Eventually<void>;

/** One function per kind of event. */
export interface LambdaHandlers {
  /** Without it every client is accepted. */
  readonly connect?: ConnectHandler | undefined;
  /** Messages of all routes that `routes` does not name. Without it they are answered with 404, which no peer sees. */
  readonly message?: MessageHandler | undefined;
  readonly disconnect?: DisconnectHandler | undefined;
  /** Message handlers by route key, as the API's route selection expression yields it. */
  readonly routes?: Readonly<Record<string, MessageHandler>> | undefined;
}

/** What a handler returned, or that there is none for a message's route. */
export type Outcome = { readonly handled: true; readonly returned: unknown } | { readonly handled: false };

/** Runs the handler that the socket's event is for. */
export type Dispatch = (ws: LambdaWebSocket) => Promise<Outcome>;

/** @throws ConfigError when something else than functions, or an unknown kind of event, is given */
export function readHandlers(handlers: LambdaHandlerFunction | LambdaHandlers): Dispatch {
  if (typeof handlers === 'function') return async (ws) => ({ handled: true, returned: await handlers(ws) });
  const { connect, message, disconnect, routes, ...unknown } = handlers;
  for (const [name, value] of Object.entries(unknown))
    throw new ConfigError(name, value, 'connect, message, disconnect or routes');
  checkFunctions({ connect, message, disconnect });
  const byRoute = readRoutes(routes ?? {});
  return async (ws) => {
    if (isFor(ws, 'CONNECT')) return { handled: true, returned: await connect?.(ws) };
    if (isFor(ws, 'DISCONNECT')) return { handled: true, returned: await disconnect?.(ws) };
    if (!isFor(ws, 'MESSAGE')) return { handled: false };
    const handler = byRoute.get(ws.event.routeKey) ?? message;
    return handler === undefined ? { handled: false } : { handled: true, returned: await handler(ws) };
  };
}

function readRoutes(routes: Readonly<Record<string, MessageHandler>>): ReadonlyMap<string, MessageHandler> {
  for (const [key, handler] of Object.entries(routes)) {
    if (key === '$connect' || key === '$disconnect') {
      throw new ConfigError(`routes.${key}`, handler, `no messages there, but a handler as ${key.slice(1)}`);
    }
  }
  checkFunctions(routes, 'routes.');
  return new Map(Object.entries(routes));
}

function checkFunctions(functions: Readonly<Record<string, unknown>>, prefix = ''): void {
  for (const [name, value] of Object.entries(functions)) {
    if (value !== undefined && typeof value !== 'function') {
      throw new ConfigError(`${prefix}${name}`, value, 'a function');
    }
  }
}

interface EventsByType {
  CONNECT: ConnectEvent;
  MESSAGE: MessageEvent;
  DISCONNECT: DisconnectEvent;
}

function isFor<Type extends keyof EventsByType>(
  ws: LambdaWebSocket,
  type: Type,
): ws is LambdaWebSocket<EventsByType[Type]> {
  return ws.event.type === type;
}
