/**
 * The first bytes of a refusal's body, to tell the caller why.
 *
 * The rule of this file: it keeps a bounded number of bytes and ends by length, by the last chunk, by the end of the
 * stream or by a grace, whichever comes first; what it can not make sense of it keeps as it came.
 * RFC 9112 §6.3 (how long a body is), §7.1 (chunks).
 */
import type { Duplex } from 'node:stream';
import { TimeoutError } from '../../connection/errors.ts';
import { receive } from './receive.ts';

/** Bytes of a body that an error carries. */
const excerptSize = 4_096;
/** Bytes of chunked coding that are looked at for them. */
const chunkedSize = 16_384;
/** Milliseconds that a body may take once the head is there. */
const grace = 1_000;

/** What of a head says how long the body is. */
export interface BodyFacts {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
}

/**
 * Reads the first 4 KiB of a body as UTF-8 text.
 *
 * @param first bytes that came with the head
 * @throws (rejects) the signal's reason, except that our own deadline only cuts the body short
 */
export async function readExcerpt(
  socket: Duplex,
  facts: BodyFacts,
  first: Uint8Array,
  signal: AbortSignal,
): Promise<string> {
  const excerpt = new Excerpt(facts);
  if (excerpt.push(first)) return excerpt.text();
  const timer = setTimeout(() => socket.destroy(), grace);
  try {
    await receive(socket, signal, (chunk) => excerpt.push(chunk));
  } catch {
    // A status without the rest of its body says more than how the body broke off.
    if (signal.aborted && !(signal.reason instanceof TimeoutError)) throw signal.reason;
  } finally {
    clearTimeout(timer);
  }
  return excerpt.text();
}

class Excerpt {
  readonly #chunked: boolean;
  readonly #wanted: number;
  #kept = Buffer.alloc(0);

  constructor({ status, headers }: BodyFacts) {
    this.#chunked = /(?:^|[, \t])chunked$/i.test(headers.get('transfer-encoding') ?? '');
    const length = headers.get('content-length') ?? '';
    const declared = /^[0-9]{1,15}$/.test(length) ? Number(length) : Infinity;
    const empty = status === 204 || status === 304;
    this.#wanted = empty ? 0 : this.#chunked ? chunkedSize : Math.min(excerptSize, declared);
  }

  /** @returns whether that was all */
  push(chunk: Uint8Array): boolean {
    this.#kept = Buffer.concat([this.#kept, chunk.subarray(0, this.#wanted - this.#kept.length)]);
    if (this.#kept.length >= this.#wanted) return true;
    return this.#chunked && this.#kept.subarray(-4).equals(endOfChunks) && dechunk(this.#kept).complete;
  }

  text(): string {
    const body = this.#chunked ? dechunk(this.#kept).body : this.#kept;
    return body.toString('utf8', 0, excerptSize);
  }
}

const endOfChunks = Buffer.from('\r\n\r\n');

/** Takes the chunked coding off, as far as it is whole. */
function dechunk(coded: Buffer): { body: Buffer; complete: boolean } {
  const pieces: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = coded.indexOf('\r\n', at);
    const [size] = /^[0-9a-f]{1,8}/i.exec(coded.toString('latin1', at, Math.max(lineEnd, at))) ?? [];
    if (size === undefined) return { body: Buffer.concat(pieces), complete: false };
    const length = Number.parseInt(size, 16);
    if (length === 0) return { body: Buffer.concat(pieces), complete: true };
    const from = lineEnd + 2;
    pieces.push(coded.subarray(from, from + length));
    at = from + length + 2;
  }
}
