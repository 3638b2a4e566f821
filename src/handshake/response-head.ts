/**
 * Reads the head of an HTTP/1.x response from chunks of bytes.
 *
 * One rule: syntax only, and any three-digit status is fine, so that interim responses can be skipped and refusals can
 * be read. What a 101 must hold is judged by `checkOpeningResponse`.
 * RFC 9112 §4; a missing space before an empty reason phrase is tolerated, as it cannot be misread.
 */
import { isFieldValueCode, SP } from './characters.ts';
import { headFaults } from './faults.ts';
import { HeadScanner, type StartLine } from './head-scanner.ts';
import { type HeadLimits, resolveHeadLimits } from './limits.ts';
import type { ResponseFailure } from './response-failure.ts';
import { isDigitCode, VersionPattern } from './version-pattern.ts';

export interface ResponseHead {
  /** Such as `1.1`. */
  readonly httpVersion: string;
  /** Three digits, any. */
  readonly status: number;
  /** The reason phrase, maybe empty, latin-1. */
  readonly statusText: string;
  /** Name, value, name, value … names as received, values without white space around them. */
  readonly rawHeaders: readonly string[];
}

export type ResponseHeadProgress =
  /** Every byte was taken; the head goes on. */
  | { readonly state: 'more' }
  /** `end` is the offset in the last chunk just after CRLFCRLF: body, next response or first frame follow. */
  | { readonly state: 'done'; readonly head: ResponseHead; readonly end: number }
  | { readonly state: 'failed'; readonly failure: ResponseFailure };

const STATUS_FROM = 'HTTP/1.1 '.length;
const STATUS_TO = STATUS_FROM + 3;

/** `HTTP-version SP 3DIGIT [ SP reason-phrase ]` (RFC 9112 §4). */
class StatusLine implements StartLine {
  readonly maxLength = Number.POSITIVE_INFINITY;
  readonly mayFollowEmptyLine = false;
  readonly #version = new VersionPattern();
  #length = 0;

  accepts(byte: number): boolean {
    const index = this.#length++;
    if (index < STATUS_FROM - 1) return this.#version.accepts(byte);
    if (index === STATUS_FROM - 1 || index === STATUS_TO) return byte === SP;
    return index < STATUS_TO ? isDigitCode(byte) : isFieldValueCode(byte);
  }

  isComplete(): boolean {
    return this.#length >= STATUS_TO;
  }
}

/**
 * An incremental parser for one response head; a new one is needed after an interim response (100, 103).
 * Time is linear and memory bounded by `maxHeadSize`, however the bytes are cut.
 */
export class ResponseHeadParser {
  readonly #scanner: HeadScanner;

  /** @throws RangeError when a limit is not a positive integer */
  constructor(limits?: Partial<HeadLimits>) {
    this.#scanner = new HeadScanner(resolveHeadLimits(limits), new StatusLine());
  }

  /** @throws TypeError when the head was complete or had failed before */
  push(chunk: Uint8Array): ResponseHeadProgress {
    const progress = this.#scanner.push(chunk);
    if (progress.state === 'more') return progress;
    if (progress.state === 'fault') {
      return {
        state: 'failed',
        failure: { reason: progress.fault, message: headFaults[progress.fault].message },
      };
    }
    const { startLine, rawHeaders } = progress.head;
    return {
      state: 'done',
      end: progress.end,
      head: {
        httpVersion: startLine.slice('HTTP/'.length, STATUS_FROM - 1),
        status: Number(startLine.slice(STATUS_FROM, STATUS_TO)),
        statusText: startLine.slice(STATUS_TO + 1),
        rawHeaders,
      },
    };
  }
}
