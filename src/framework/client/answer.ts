/**
 * The server's answer to an opening request: read, and judged.
 *
 * The rule of this file: a head is bounded in bytes, fields and interim responses, and what is not a faultless 101
 * is a `HandshakeError` that says what came instead.
 * RFC 6455 §4.1 (the client's checks), RFC 9110 §15.2 (interim responses), RFC 7692 §7.1.
 */
import type { Duplex } from 'node:stream';
import type { NegotiatedExtension } from '../../extension/types.ts';
import { checkOpeningResponse, type ResponseHead, ResponseHeadParser } from '../../handshake/index.ts';
import type { ResolvedConfig } from '../config.ts';
import { HandshakeError } from '../errors.ts';
import { receive } from './receive.ts';
import type { SentRequest } from './request.ts';

/** Interim responses (100, 102, 103) that are skipped. */
const maxInterim = 4;

/** A final response head and the bytes that came behind it. */
export interface Answer {
  readonly head: ResponseHead;
  readonly rest: Uint8Array;
}

/** What an accepted handshake settled. */
export interface Settled {
  readonly subprotocol: string | undefined;
  readonly extension: NegotiatedExtension | undefined;
}

/** Reads a final response head. @throws {HandshakeError} (rejects) for one that is malformed, too large or missing */
export async function readAnswer(socket: Duplex, signal: AbortSignal): Promise<Answer> {
  const reader = new AnswerReader();
  await receive(socket, signal, (chunk) => reader.push(chunk));
  if (reader.answer === undefined) {
    throw new HandshakeError('The server closed the connection before it answered.', { status: 0 });
  }
  return reader.answer;
}

class AnswerReader {
  answer: Answer | undefined;
  #parser = new ResponseHeadParser();
  #interim = 0;

  /** @returns whether the answer is whole. @throws {HandshakeError} */
  push(chunk: Uint8Array): boolean {
    let rest = chunk;
    while (rest.length > 0) {
      const progress = this.#parser.push(rest);
      if (progress.state === 'more') return false;
      if (progress.state === 'failed') throw new HandshakeError(progress.failure.message, { status: 0 });
      const { head, end } = progress;
      rest = rest.subarray(end);
      if (head.status === 101 || head.status < 100 || head.status > 199) {
        this.answer = { head, rest };
        return true;
      }
      this.#interim += 1;
      if (this.#interim > maxInterim) {
        throw new HandshakeError('The server sends interim responses without end.', { status: head.status });
      }
      this.#parser = new ResponseHeadParser();
    }
    return false;
  }
}

/** Fields by lower-case name; repeated ones joined with `, `. */
export function headersOf({ rawHeaders }: ResponseHead): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    const value = rawHeaders[index + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

/** Judges a head that was not refused by its status. @throws {HandshakeError} */
export function settle(
  head: ResponseHead,
  sent: SentRequest,
  accept: string,
  config: ResolvedConfig,
): Settled {
  const fail = (message: string): never => {
    throw new HandshakeError(message, { status: head.status, headers: headersOf(head) });
  };
  const { subprotocols, extensions: offeredExtensions } = sent;
  const outcome = checkOpeningResponse(head, { accept, subprotocols, offeredExtensions });
  if (!outcome.ok) return fail(outcome.failure.message);
  const { subprotocol, extensions } = outcome.response;
  const [answer] = extensions;
  if (answer === undefined) return { subprotocol, extension: undefined };
  const extension = config.extension?.confirm(answer);
  return extension === undefined
    ? fail(`The server's answer to ${answer.name} does not fit the offer.`)
    : { subprotocol, extension };
}
