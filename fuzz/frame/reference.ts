/**
 * A second decoder, for whole streams only, written from RFC 6455 §5 and the order of its rules.
 *
 * The rule of this file: nothing of `src/frame` but its types. It is slow, plain, and masks a byte at a time.
 */
import type { FrameSink } from '../../src/frame/decoder.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import type { ViolationName } from '../../src/frame/violations.ts';

/** Where the stream stood when it ended. */
export interface ReferenceEnd {
  /** Bytes that were decoded, a refused header included. */
  readonly consumed: number;
  readonly refused: boolean;
  /** Whether the stream ended within a frame, and not between two. */
  readonly withinFrame: boolean;
  readonly unfinished: boolean;
}

interface Header {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly key: Uint8Array | undefined;
  readonly length: number;
  readonly extraBytes: number;
  readonly highBit: boolean;
}

function judge(
  header: Header,
  rules: FrameRules,
  message: { size: number; frames: number },
): ViolationName | undefined {
  const { fin, rsv, opcode, key, length, extraBytes, highBit } = header;
  const isControl = opcode === 8 || opcode === 9 || opcode === 10;
  const isStart = opcode === 1 || opcode === 2;
  if (rsv !== 0 && !(isStart && (rsv & rules.rsv) === rsv)) return 'reservedBits';
  if (!isControl && !isStart && opcode !== 0) return 'reservedOpcode';
  if (opcode === 0 && message.frames === 0) return 'unexpectedContinuation';
  if (isStart && message.frames > 0) return 'unfinishedMessage';
  if (isControl && !fin) return 'fragmentedControl';
  if (isControl && length > 125) return 'longControl';
  if (key !== undefined && !rules.peerMasks) return 'masked';
  if (key === undefined && rules.peerMasks && !rules.acceptUnmaskedFrames) return 'notMasked';
  if (highBit) return 'lengthHighBit';
  if ((extraBytes === 2 && length < 126) || (extraBytes === 8 && length < 65_536)) return 'notMinimalLength';
  if (isControl) return undefined;
  if (length > rules.maxFrameSize) return 'frameTooBig';
  if (message.size + length > rules.maxMessageSize) return 'messageTooBig';
  return message.frames + 1 > rules.maxFragments ? 'tooManyFragments' : undefined;
}

/** Decodes `stream`, which is not changed, and tells the sink. */
export function decodeByReference(rules: FrameRules, stream: Uint8Array, sink: FrameSink): ReferenceEnd {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.length);
  const message = { size: 0, frames: 0 };
  let at = 0;
  while (at < stream.length) {
    const rest = stream.length - at;
    const cutOff = {
      consumed: stream.length,
      refused: false,
      withinFrame: true,
      unfinished: message.frames > 0,
    };
    if (rest < 2) return cutOff;
    const [first, second] = [view.getUint8(at), view.getUint8(at + 1)];
    const short = second % 128;
    const extraBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const keyBytes = second > 127 ? 4 : 0;
    const body = 2 + extraBytes + keyBytes;
    if (rest < body) return cutOff;
    const length =
      extraBytes === 0
        ? short
        : extraBytes === 2
          ? view.getUint16(at + 2)
          : view.getUint32(at + 2) * 2 ** 32 + view.getUint32(at + 6);
    const key = keyBytes === 0 ? undefined : stream.subarray(at + body - 4, at + body);
    const header: Header = {
      fin: first > 127,
      rsv: first & 0b0111_0000,
      opcode: first % 16,
      key,
      length,
      extraBytes,
      highBit: extraBytes === 8 && view.getUint8(at + 2) > 127,
    };
    at += body;
    const violation = judge(header, rules, message);
    if (violation !== undefined) {
      const actual =
        violation === 'messageTooBig'
          ? message.size + length
          : violation === 'tooManyFragments'
            ? message.frames + 1
            : length;
      sink.violation(violation, actual);
      return { consumed: at, refused: true, withinFrame: false, unfinished: message.frames > 0 };
    }

    const isControl = header.opcode > 7;
    if (!isControl) {
      message.size = header.fin ? 0 : message.size + length;
      message.frames = header.fin ? 0 : message.frames + 1;
    }
    // A copy, which `slice` of a Buffer would not be.
    const payload = Uint8Array.from(stream.subarray(at, at + length));
    let bits = 0;
    for (let index = 0; index < payload.length; index += 1) {
      payload[index] = (payload[index] ?? 0) ^ (key?.[index % 4] ?? 0);
      bits |= payload[index] ?? 0;
    }
    at += payload.length;
    const whole = payload.length === length;
    if (!isControl) {
      sink.dataStart(header.opcode, header.rsv, length);
      sink.dataPiece(payload, 0, payload.length, key === undefined ? -1 : bits);
      if (whole) sink.dataEnd(header.fin);
    } else if (whole) {
      sink.controlFrame(header.opcode, payload);
    }
    if (!whole) return { consumed: at, refused: false, withinFrame: true, unfinished: message.frames > 0 };
  }
  return { consumed: at, refused: false, withinFrame: false, unfinished: message.frames > 0 };
}
