/**
 * Opcodes (RFC 6455 §5.2, §11.8). Everything from 8 up is a control frame; 3–7 and 11–15 are reserved.
 */
export const opcodes = Object.freeze({
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
});

/** Largest payload of a control frame in bytes (RFC 6455 §5.5). */
export const maxControlPayload = 125;
