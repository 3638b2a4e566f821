/**
 * The client-facing side of the API Gateway emulator, as a seam: any server that speaks RFC 6455 can stand behind it.
 *
 * API Gateway's own rules hold here: a frame has at most 32 KiB and a message 128 KiB (else Close 1009), a binary
 * message is answered with Close 1003, and messages to the client are text in frames of at most 32 KiB.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { FrameSizes } from './frame-sizes.ts';

export const frameLimit = 32 * 1024;
export const messageLimit = 128 * 1024;

/** One open connection to a client. */
export interface GatewaySocket {
  /** Sends UTF-8 bytes as one text message. */
  send(text: Buffer): void;
  close(code: number, reason: string): void;
}

/** What the emulator is told about a connection. */
export interface GatewaySocketEvents {
  text(message: string): void;
  /** @param code 1005 when the client gave none, 1006 when it was lost */
  closed(code: number, reason: string): void;
}

/** Completes an opening handshake, with this subprotocol or with none. */
export type AcceptSocket = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  subprotocol: string | undefined,
  events: GatewaySocketEvents,
) => GatewaySocket;

/** The seam filled by the `ws` package. */
export const acceptWithWs: AcceptSocket = (request, socket, head, subprotocol, events) => {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: messageLimit,
    perMessageDeflate: false,
    handleProtocols: () => subprotocol ?? false,
  });
  let accepted: WebSocket | undefined;
  server.handleUpgrade(request, socket, head, (ws) => {
    accepted = ws;
  });
  if (accepted === undefined) throw new Error('the opening handshake was refused');
  return watch(accepted, socket, events);
};

function watch(ws: WebSocket, socket: Duplex, events: GatewaySocketEvents): GatewaySocket {
  const sizes = new FrameSizes();
  let fault: number | undefined;
  const fail = (code: number) => {
    fault ??= code;
    ws.close(code);
  };
  socket.prependListener('data', (chunk: Buffer) => {
    if (sizes.largest(chunk) > frameLimit) fail(1009);
  });
  ws.on('message', (data, isBinary) => {
    if (isBinary) fail(1003);
    if (fault === undefined) events.text(data.toString());
  });
  ws.on('error', () => {
    fault ??= 1009;
  });
  ws.on('close', (code, reason) => events.closed(fault ?? code, reason.toString()));
  return {
    send: (text) => {
      for (let start = 0; start === 0 || start < text.length; start += frameLimit) {
        const end = start + frameLimit;
        ws.send(text.subarray(start, end), { binary: false, fin: end >= text.length });
      }
    },
    close: (code, reason) => ws.close(code, reason),
  };
}
