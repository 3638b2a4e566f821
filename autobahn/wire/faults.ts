/**
 * What may be wrong with a frame the peer sent. The suite is itself an endpoint: a peer that
 * answers a case with a malformed frame fails the case, whatever the frame says.
 *
 * Rule: a fault is a sentence for the report, never a number. RFC 6455 §5.1 to §5.5, §7.4, §8.1;
 * RFC 7692 §6.
 */
import { isUtf8 } from 'node:buffer';
import { OPCODE, type SeenFrame } from './frame.ts';

export interface FrameContext {
  /** Frames from this peer must be masked: it is a client. */
  readonly peerMasks: boolean;
  /** permessage-deflate was negotiated. */
  readonly deflate: boolean;
  /** A fragmented message is under way. */
  readonly midMessage: boolean;
}

const isControl = (opcode: number): boolean => opcode >= 8;

function headerFault(frame: SeenFrame, context: FrameContext): string | null {
  const { opcode, payload, form } = frame;
  if (context.peerMasks && frame.key === null) return 'a client frame was not masked';
  if (!context.peerMasks && frame.key !== null) return 'a server frame was masked';
  if ((opcode > 2 && opcode < 8) || opcode > 10) return `reserved opcode ${opcode}`;
  if ((form === 16 && payload.length < 126) || (form === 64 && payload.length < 65536)) {
    return `the length ${payload.length} was not written in the shortest form`;
  }
  const rsv1Allowed = context.deflate && (opcode === OPCODE.text || opcode === OPCODE.binary);
  if (frame.rsv !== 0 && !(frame.rsv === 4 && rsv1Allowed)) return `RSV bits ${frame.rsv} were set`;
  return null;
}

function controlFault(frame: SeenFrame): string | null {
  if (!frame.fin) return 'a control frame was fragmented';
  if (frame.payload.length > 125) return 'a control frame was longer than 125 octets';
  return frame.opcode === OPCODE.close ? closeFault(frame.payload) : null;
}

/** Close codes a peer may put on the wire (RFC 6455 §7.4 and the IANA registry). */
export const mayBeSent = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
  (code >= 3000 && code <= 4999);

function closeFault(payload: Buffer): string | null {
  if (payload.length === 0) return null;
  if (payload.length === 1) return 'a Close frame had a payload of one octet';
  const code = payload.readUInt16BE(0);
  if (!mayBeSent(code)) return `close code ${code} must not be sent`;
  return isUtf8(payload.subarray(2)) ? null : 'a close reason was not UTF-8';
}

/** The first thing wrong with a frame, or null. */
export function faultOf(frame: SeenFrame, context: FrameContext): string | null {
  const fault = headerFault(frame, context);
  if (fault !== null) return fault;
  if (isControl(frame.opcode)) return controlFault(frame);
  if (frame.opcode === OPCODE.continuation && !context.midMessage) return 'a continuation continued nothing';
  if (frame.opcode !== OPCODE.continuation && context.midMessage) return 'a message began inside another';
  return null;
}
