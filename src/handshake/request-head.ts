/**
 * Reads the head of an HTTP/1.x request from chunks of bytes.
 *
 * One rule: syntax only. What the request means is judged by `checkOpeningRequest`, also for heads read by others.
 * RFC 9112 §2, §3, §5; RFC 9110 §9.1 (method).
 */
import { isTokenCode, isVisibleCode, SP } from './characters.ts';
import { headFaults } from './faults.ts';
import { HeadScanner, type StartLine } from './head-scanner.ts';
import { type HeadLimits, resolveHeadLimits } from './limits.ts';
import type { Refusal } from './refusal.ts';
import { VersionPattern } from './version-pattern.ts';

export interface RequestHead {
  readonly method: string;
  /** As received: origin-form, absolute-form or whatever else stood there. */
  readonly target: string;
  /** Such as `1.1`. */
  readonly httpVersion: string;
  /** Name, value, name, value … names as received, values without white space around them. */
  readonly rawHeaders: readonly string[];
}

export type HeadProgress<Head> =
  /** Every byte was taken; the head goes on. */
  | { readonly state: 'more' }
  /** `end` is the offset in the last chunk just after CRLFCRLF: what follows belongs to the next protocol. */
  | { readonly state: 'done'; readonly head: Head; readonly end: number }
  | { readonly state: 'refused'; readonly refusal: Refusal };

/** `method SP request-target SP HTTP-version`, single spaces only (RFC 9112 §3). */
class RequestLine implements StartLine {
  readonly maxLength: number;
  readonly mayFollowEmptyLine = true;
  readonly #version = new VersionPattern();
  #part: 'method' | 'target' | 'version' = 'method';
  #isEmpty = true;

  constructor(maxLength: number) {
    this.maxLength = maxLength;
  }

  accepts(byte: number): boolean {
    if (this.#part === 'version') return this.#version.accepts(byte);
    if (byte === SP) {
      const ended = !this.#isEmpty;
      this.#part = this.#part === 'method' ? 'target' : 'version';
      this.#isEmpty = true;
      return ended;
    }
    this.#isEmpty = false;
    return this.#part === 'method' ? isTokenCode(byte) : isVisibleCode(byte);
  }

  isComplete(): boolean {
    return this.#version.isComplete();
  }
}

const VERSION_LENGTH = ' HTTP/1.1'.length;

function takeApart(startLine: string, rawHeaders: readonly string[]): RequestHead {
  const space = startLine.indexOf(' ');
  return {
    method: startLine.slice(0, space),
    target: startLine.slice(space + 1, -VERSION_LENGTH),
    httpVersion: startLine.slice(-'1.1'.length),
    rawHeaders,
  };
}

/**
 * An incremental parser for one request head. It takes linear time and never holds more than `maxHeadSize` bytes,
 * and it gives the same outcome for one chunk, for single bytes and for everything between.
 */
export class RequestHeadParser {
  readonly #scanner: HeadScanner;

  /** @throws RangeError when a limit is not a positive integer */
  constructor(limits?: Partial<HeadLimits>) {
    const resolved = resolveHeadLimits(limits);
    this.#scanner = new HeadScanner(resolved, new RequestLine(resolved.maxRequestLine));
  }

  /** @throws TypeError when the head was complete or refused before */
  push(chunk: Uint8Array): HeadProgress<RequestHead> {
    const progress = this.#scanner.push(chunk);
    if (progress.state === 'done') {
      const { startLine, rawHeaders } = progress.head;
      return { state: 'done', head: takeApart(startLine, rawHeaders), end: progress.end };
    }
    if (progress.state === 'more') return progress;
    const { status, message } = headFaults[progress.fault];
    return { state: 'refused', refusal: { status, message, headers: [] } };
  }
}
