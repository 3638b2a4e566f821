/**
 * `framewright/frame`: the pure RFC 6455 frame codec. No sockets, no timers, no imports from Node.
 */
export {
  type ClosePayload,
  closeCodes,
  decodeClosePayload,
  encodeClosePayload,
  isCloseCode,
  maxReasonSize,
} from './close.ts';
export { FrameDecoder, type FrameSink, unknownBits } from './decoder.ts';
export { encodeFrame, encodeHeader, type FrameOptions, headerSize } from './encoder.ts';
export { LimitError, ProtocolError, WebSocketError } from './errors.ts';
export {
  checkHeader,
  createHeader,
  decodeHeader,
  type FrameHeader,
  type FrameRules,
  type MessageProgress,
  maxHeaderSize,
} from './header.ts';
export { isAsciiBits, mask, rotateKey, wordsOf } from './mask.ts';
export { maxControlPayload, opcodes } from './opcodes.ts';
export { createRegion, Region, regionSize } from './region.ts';
export { type IsUtf8, isUtf8, Utf8Validator } from './utf8.ts';
export { type Violation, type ViolationName, violations } from './violations.ts';
