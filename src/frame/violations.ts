/**
 * Every rule of RFC 6455 that a peer's frames can break, as one table: name → close code, section, text.
 *
 * The rule of this file: a violation is named here once, raised at one place, and answered with the code that
 * stands here. Nothing else in the engine knows which code belongs to which fault.
 */

/** One row of the table. */
export interface Violation {
  /** Close code that the peer is told (RFC 6455 §7.4.1). */
  readonly closeCode: 1002 | 1007 | 1008 | 1009;
  /** The section that the peer broke. */
  readonly rfc: string;
  /** What was wrong, in a sentence; also the reason sent with the Close frame, so at most 123 bytes of ASCII. */
  readonly text: string;
}

const define = <Names extends string>(table: Record<Names, Violation>): Readonly<Record<Names, Violation>> =>
  Object.freeze(table);

/** The table. */
export const violations = define({
  reservedBits: {
    closeCode: 1002,
    rfc: 'RFC 6455 §5.2',
    text: 'a reserved bit is set that no extension defines here',
  },
  reservedOpcode: { closeCode: 1002, rfc: 'RFC 6455 §5.2', text: 'the opcode is reserved' },
  fragmentedControl: { closeCode: 1002, rfc: 'RFC 6455 §5.5', text: 'a control frame is fragmented' },
  longControl: {
    closeCode: 1002,
    rfc: 'RFC 6455 §5.5',
    text: 'a control frame carries more than 125 bytes',
  },
  notMinimalLength: {
    closeCode: 1002,
    rfc: 'RFC 6455 §5.2',
    text: 'the payload length is not in its shortest form',
  },
  lengthHighBit: {
    closeCode: 1002,
    rfc: 'RFC 6455 §5.2',
    text: 'the most significant bit of the payload length is set',
  },
  notMasked: { closeCode: 1002, rfc: 'RFC 6455 §5.1', text: 'a frame from a client is not masked' },
  masked: { closeCode: 1002, rfc: 'RFC 6455 §5.1', text: 'a frame from a server is masked' },
  unexpectedContinuation: {
    closeCode: 1002,
    rfc: 'RFC 6455 §5.4',
    text: 'a continuation frame without a message to continue',
  },
  unfinishedMessage: {
    closeCode: 1002,
    rfc: 'RFC 6455 §5.4',
    text: 'a new message begins before the last one was finished',
  },
  closePayloadLength: {
    closeCode: 1002,
    rfc: 'RFC 6455 §5.5.1',
    text: 'a Close payload of one byte holds no close code',
  },
  closeCode: { closeCode: 1002, rfc: 'RFC 6455 §7.4', text: 'the close code may not be sent' },
  closeReasonUtf8: { closeCode: 1007, rfc: 'RFC 6455 §8.1', text: 'the close reason is not UTF-8' },
  textUtf8: { closeCode: 1007, rfc: 'RFC 6455 §8.1', text: 'a text message is not UTF-8' },
  frameTooBig: { closeCode: 1009, rfc: 'RFC 6455 §10.4', text: 'the frame is larger than the limit' },
  messageTooBig: { closeCode: 1009, rfc: 'RFC 6455 §10.4', text: 'the message is larger than the limit' },
  tooManyFragments: {
    closeCode: 1008,
    rfc: 'RFC 6455 §10.4',
    text: 'the message has more fragments than the limit',
  },
  extensionData: {
    closeCode: 1007,
    rfc: 'RFC 7692 §7.2.2',
    text: 'the payload is not what the negotiated extension defines',
  },
});

/** Name of a violation: the `violation` of a {@link ProtocolError}. */
export type ViolationName = keyof typeof violations;
