/**
 * The frame header (RFC 6455 §5.2) as two pure functions: reading it at an offset, and judging it.
 *
 * The rule of this file: reading never judges and judging never reads. A header is read into an object that the
 * caller keeps and reuses, so that a frame costs no allocation.
 */
import { maxControlPayload, opcodes } from './opcodes.ts';
import type { ViolationName } from './violations.ts';

/** Bytes of the longest header: 2, plus 8 of extended length, plus 4 of masking key. */
export const maxHeaderSize = 14;

/** A header as read; overwritten by the next one. */
export interface FrameHeader {
  fin: boolean;
  /** The three reserved bits where they stand in the first byte: 0x40 (RSV1), 0x20 (RSV2), 0x10 (RSV3). */
  rsv: number;
  opcode: number;
  masked: boolean;
  /** Payload length in bytes. Above 2^53 it is rounded, which no limit cares about. */
  length: number;
  /** Whether the length stood in its shortest form, and with the most significant bit clear. */
  lengthForm: 'minimal' | 'notMinimal' | 'highBit';
  /** Masking key, first byte lowest; 0 when the frame is not masked. */
  key: number;
}

/** A header to read into. */
export const createHeader = (): FrameHeader => ({
  fin: false,
  rsv: 0,
  opcode: 0,
  masked: false,
  length: 0,
  lengthForm: 'minimal',
  key: 0,
});

/**
 * Reads the header that begins at `at`.
 *
 * @returns its size in bytes, or 0 when it does not end before `end` (then `header` holds nothing of use)
 */
export function decodeHeader(bytes: Uint8Array, at: number, end: number, header: FrameHeader): number {
  if (end - at < 2) return 0;
  const first = bytes[at] as number;
  const second = bytes[at + 1] as number;
  const short = second & 0x7f;
  const masked = second >= 0x80;
  const keyAt = short < 126 ? 2 : short === 126 ? 4 : 10;
  const size = masked ? keyAt + 4 : keyAt;
  if (end - at < size) return 0;

  header.fin = first >= 0x80;
  header.rsv = first & 0x70;
  header.opcode = first & 0x0f;
  header.masked = masked;
  header.lengthForm = 'minimal';
  if (short < 126) {
    header.length = short;
  } else if (short === 126) {
    header.length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
    if (header.length < 126) header.lengthForm = 'notMinimal';
  } else {
    const high = readUint32(bytes, at + 2);
    header.length = high * 0x1_0000_0000 + readUint32(bytes, at + 6);
    if (high >= 0x8000_0000) header.lengthForm = 'highBit';
    else if (header.length < 0x1_0000) header.lengthForm = 'notMinimal';
  }
  header.key = masked ? readKey(bytes, at + keyAt) : 0;
  return size;
}

const readUint32 = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>>
  0;

/** The masking key that stands at `at`. */
export const readKey = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) |
  ((bytes[at + 1] as number) << 8) |
  ((bytes[at + 2] as number) << 16) |
  ((bytes[at + 3] as number) << 24);

/** What an endpoint demands of the frames it receives. */
export interface FrameRules {
  /** Whether the peer must mask: true when the peer is the client (RFC 6455 §5.1). */
  readonly peerMasks: boolean;
  /** Whether frames that should be masked may also come unmasked. */
  readonly acceptUnmaskedFrames: boolean;
  /** Reserved bits that a negotiated extension defines for the first frame of a message. */
  readonly rsv: number;
  /** Bytes of payload that one frame may have. */
  readonly maxFrameSize: number;
  /** Bytes of payload that all frames of a message may have together. */
  readonly maxMessageSize: number;
  /** Frames that a message may consist of. */
  readonly maxFragments: number;
}

/** Where the peer stands within a fragmented message. */
export interface MessageProgress {
  /** Whether a message has begun and its last frame has not. */
  unfinished: boolean;
  /** Bytes that its frames have declared. */
  size: number;
  /** Frames it has had. */
  fragments: number;
}

/** Judges a header: every rule of RFC 6455 §5 and the limits, first violation wins. */
export function checkHeader(
  header: FrameHeader,
  rules: FrameRules,
  progress: MessageProgress,
): ViolationName | undefined {
  const { opcode, length } = header;
  switch (opcode) {
    case opcodes.continuation:
      if (header.rsv !== 0) return 'reservedBits';
      if (!progress.unfinished) return 'unexpectedContinuation';
      break;
    case opcodes.text:
    case opcodes.binary:
      if ((header.rsv & ~rules.rsv) !== 0) return 'reservedBits';
      if (progress.unfinished) return 'unfinishedMessage';
      break;
    case opcodes.close:
    case opcodes.ping:
    case opcodes.pong:
      if (header.rsv !== 0) return 'reservedBits';
      if (!header.fin) return 'fragmentedControl';
      if (length > maxControlPayload) return 'longControl';
      break;
    default:
      return header.rsv !== 0 ? 'reservedBits' : 'reservedOpcode';
  }
  if (header.masked !== rules.peerMasks) {
    if (header.masked) return 'masked';
    if (!rules.acceptUnmaskedFrames) return 'notMasked';
  }
  if (header.lengthForm !== 'minimal') {
    return header.lengthForm === 'highBit' ? 'lengthHighBit' : 'notMinimalLength';
  }
  if (opcode >= opcodes.close) return undefined;
  if (length > rules.maxFrameSize) return 'frameTooBig';
  if (length > rules.maxMessageSize - progress.size) return 'messageTooBig';
  if (progress.fragments >= rules.maxFragments) return 'tooManyFragments';
  return undefined;
}
