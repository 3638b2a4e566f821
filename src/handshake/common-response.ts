/**
 * The 101 head when there is nothing to say but the accept value.
 *
 * One rule: this is a short cut for `formatOpeningResponse` without subprotocol, extensions and further fields, and
 * writes the same text. RFC 6455 §4.2.2 (5).
 */

/** @param accept made by `acceptValue`, so it is not checked again */
export const formatCommonResponse = (accept: string): string =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
