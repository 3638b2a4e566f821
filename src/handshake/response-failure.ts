/**
 * Why a client gives up on an opening handshake.
 *
 * One rule: every failure is a value with a literal reason; the texts are for people and may change.
 * RFC 6455 §4.1 (the client's six checks), §11.3.
 */
import type { HeadFault } from './faults.ts';

export const responseFailures = {
  notSwitching: 'The server did not answer 101 Switching Protocols.',
  badHttpVersion: 'A 101 response must be HTTP/1.1.',
  bodyWith101: 'A 101 response must not have Content-Length or Transfer-Encoding.',
  nonAscii: 'A Sec-WebSocket field of the response holds a byte above 0x7F.',
  badUpgrade: 'The response must have Upgrade: websocket.',
  badConnection: 'The Connection field of the response does not list upgrade.',
  badAccept: 'The response must have exactly one Sec-WebSocket-Accept, made from the key that was sent.',
  badSubprotocol: 'The response must have at most one Sec-WebSocket-Protocol, holding one subprotocol.',
  unrequestedSubprotocol: 'The server selected a subprotocol that was not requested.',
  badExtensions: 'The response must have at most one Sec-WebSocket-Extensions, in the grammar of RFC 6455.',
  unrequestedExtension: 'The server selected an extension that was not offered.',
  repeatedExtension: 'The server selected the same extension twice.',
} as const;

export type ResponseFailureReason = keyof typeof responseFailures | HeadFault;

export interface ResponseFailure {
  readonly reason: ResponseFailureReason;
  /** One plain ASCII sentence. */
  readonly message: string;
}
