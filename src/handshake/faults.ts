/**
 * What can be wrong with the bytes of a head, before anyone asks what it means.
 *
 * One rule: each fault is raised at the byte that proves it, so that no outcome depends on how the bytes were cut.
 * The statuses are what a server answers; a client has nobody to answer and only reports the name and the text.
 * RFC 9112 §2.2, §3, §4, §5, RFC 6585 §5.
 */

interface HeadFaultEntry {
  readonly status: 400 | 414 | 431;
  /** One plain ASCII sentence. */
  readonly message: string;
}

const badRequest = (message: string): HeadFaultEntry => ({ status: 400, message });

export const headFaults = {
  bareCarriageReturn: badRequest('A carriage return must be followed by a line feed.'),
  bareLineFeed: badRequest('A line must end with a carriage return and a line feed.'),
  emptyLine: badRequest('More than one empty line precedes the start line.'),
  badStartLine: badRequest('The start line is malformed.'),
  spaceBeforeField: badRequest('White space stands between the start line and the first field.'),
  foldedField: badRequest('A field value must not continue on the next line.'),
  badFieldName: badRequest('A field name is malformed.'),
  spaceBeforeColon: badRequest('White space stands between a field name and its colon.'),
  badFieldValue: badRequest('A field value contains a control character.'),
  startLineTooLong: { status: 414, message: 'The request line is too long.' },
  tooManyFields: { status: 431, message: 'The head has too many fields.' },
  headTooLarge: { status: 431, message: 'The head is too large.' },
} as const satisfies Record<string, HeadFaultEntry>;

export type HeadFault = keyof typeof headFaults;
