/**
 * The opening handshake as the suite needs it: heads written and read as octets.
 *
 * Rule: reads only what it must (start line and fields) and leaves judging to the case.
 * RFC 6455 §4, RFC 9112 §3 to §5.
 */
import { createHash } from 'node:crypto';

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const HEAD_LIMIT = 64 * 1024;

export interface Head {
  readonly startLine: string;
  /** Field values by lower-case name, in order of arrival. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** The head itself, for the report. */
  readonly text: string;
}

export const acceptValue = (key: string): string =>
  createHash('sha1')
    .update(key + GUID)
    .digest('base64');

/** A head from its lines, CRLF between and an empty line after. */
export const headOctets = (lines: readonly string[]): Buffer =>
  Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');

function parse(text: string): Head {
  const [startLine = '', ...lines] = text.split('\r\n');
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const values = fields.get(name) ?? [];
    values.push(line.slice(colon + 1).trim());
    fields.set(name, values);
  }
  return { startLine, fields, text };
}

export const field = (head: Head, name: string): string | undefined => head.fields.get(name)?.join(', ');

/** The status of a response head, or 0 when its first line is not a status line. */
export function statusOf(head: Head): number {
  const match = /^HTTP\/1\.[01] (\d{3})/.exec(head.startLine);
  return match?.[1] === undefined ? 0 : Number(match[1]);
}

/** Collects octets until a head is complete. */
export class HeadReader {
  #octets = Buffer.alloc(0);

  /** The head and what came after it, or null while it is incomplete (also after 64 KiB without an end). */
  push(chunk: Uint8Array): { head: Head; rest: Buffer } | null {
    if (this.#octets.length > HEAD_LIMIT) return null;
    this.#octets = Buffer.concat([this.#octets, chunk]);
    const end = this.#octets.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = parse(this.#octets.subarray(0, end).toString('latin1'));
    return { head, rest: this.#octets.subarray(end + 4) };
  }
}
