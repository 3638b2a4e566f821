/**
 * What a head says, by regular expressions over the whole text (RFC 9112 §2.2, §3, §4, §5).
 *
 * The rule of this file: nothing of the engine's parsers. It finds a head that is right and ends somewhere in the
 * text, or none; why there is none is not its business.
 */

export interface HeadLimits {
  readonly maxHeadSize: number;
  readonly maxFields: number;
  readonly maxRequestLine: number;
}

/** A head that is right. */
export interface ReferenceHead {
  readonly startLine: string;
  readonly rawHeaders: readonly string[];
  /** Offset behind its empty line. */
  readonly end: number;
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const startLines = {
  request: new RegExp(`^${token} [\\x21-\\x7e]+ HTTP/[0-9]\\.[0-9]$`),
  response: /^HTTP\/[0-9]\.[0-9] [0-9]{3}(?: [\t\x20-\x7e\x80-\xff]*)?$/,
};
const field = new RegExp(
  `^(${token}):[ \\t]*((?:[\\x21-\\x7e\\x80-\\xff](?:[\\t\\x20-\\x7e\\x80-\\xff]*[\\x21-\\x7e\\x80-\\xff])?)?)[ \\t]*$`,
);

/** The head that the text begins with. */
export function readByReference(
  kind: 'request' | 'response',
  text: string,
  { maxHeadSize, maxFields, maxRequestLine }: HeadLimits,
): ReferenceHead | undefined {
  const from = kind === 'request' && text.startsWith('\r\n') ? 2 : 0;
  const stop = text.indexOf('\r\n\r\n', from);
  if (stop < 0 || stop + 4 > maxHeadSize) return undefined;
  const [startLine = '', ...lines] = text.slice(from, stop).split('\r\n');
  if (!startLines[kind].test(startLine)) return undefined;
  if (kind === 'request' && startLine.length > maxRequestLine) return undefined;
  if (lines.length > maxFields) return undefined;
  const rawHeaders: string[] = [];
  for (const line of lines) {
    const [, name, value] = field.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    rawHeaders.push(name, value);
  }
  return { startLine, rawHeaders, end: stop + 4 };
}
