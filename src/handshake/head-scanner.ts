/**
 * The part of head parsing that requests and responses share: lines, fields and limits.
 *
 * One rule: one automaton, one look at each byte, in order. State is kept between chunks, nothing is looked at twice,
 * and a fault is raised at the byte that proves it. Lines end with CRLF and nothing else.
 * RFC 9112 §2.1, §2.2, §5.1, §5.2.
 */
import { COLON, CR, isFieldValueCode, isTokenCode, isWhitespaceCode, LF, latin1Text } from './characters.ts';
import type { HeadFault } from './faults.ts';
import type { HeadLimits } from './limits.ts';

/** The grammar of one kind of start line, fed byte by byte without the CRLF. */
export interface StartLine {
  /** Bytes that the line may have. */
  readonly maxLength: number;
  /** Whether one empty line may precede it (RFC 9112 §2.2: only before a request). */
  readonly mayFollowEmptyLine: boolean;
  /** Takes the next byte; false when the line cannot have it there. */
  accepts(byte: number): boolean;
  /** Whether the line may end here. */
  isComplete(): boolean;
}

/** A head taken apart, nothing judged: names and values in turn, values without white space around them. */
export interface ScannedHead {
  readonly startLine: string;
  readonly rawHeaders: readonly string[];
}

export type ScanProgress =
  | { readonly state: 'more' }
  | { readonly state: 'done'; readonly head: ScannedHead; readonly end: number }
  | { readonly state: 'fault'; readonly fault: HeadFault };

type Position =
  | 'start'
  | 'emptyLineEnd'
  | 'startLine'
  | 'lineEnd'
  | 'fieldStart'
  | 'fieldName'
  | 'valueStart'
  | 'value'
  | 'headEnd'
  | 'done';

const MORE: ScanProgress = { state: 'more' };

export class HeadScanner {
  readonly #limits: HeadLimits;
  readonly #startLine: StartLine;
  #position: Position = 'start';
  #spent = false;
  #held = new Uint8Array(0);
  /** Bytes of the head before the current chunk. */
  #length = 0;
  #startLineFrom = 0;
  #startLineTo = 0;
  /** Per field: start and end of the name, start and end of the value, as offsets into the head. */
  readonly #marks: number[] = [];
  #valueFrom = 0;
  #valueTo = 0;

  constructor(limits: HeadLimits, startLine: StartLine) {
    this.#limits = limits;
    this.#startLine = startLine;
  }

  /** @throws TypeError after the head was complete or faulty */
  push(chunk: Uint8Array): ScanProgress {
    if (this.#spent) throw new TypeError('This head was parsed already; a new head needs a new parser');
    const room = this.#limits.maxHeadSize - this.#length;
    const scannable = chunk.length > room ? chunk.subarray(0, room) : chunk;
    let index = 0;
    for (const byte of scannable) {
      const fault = this.#step(byte, this.#length + index);
      if (fault !== undefined) return this.#fail(fault);
      index++;
      if (this.#position === 'done') return this.#finish(chunk, index);
    }
    if (chunk.length > room) return this.#fail('headTooLarge');
    this.#keep(chunk);
    return MORE;
  }

  /** Takes one byte at its offset in the head. */
  #step(byte: number, offset: number): HeadFault | undefined {
    switch (this.#position) {
      case 'value':
        return this.#valueByte(byte, offset);
      case 'fieldName':
        return this.#nameByte(byte, offset);
      case 'valueStart':
        if (isWhitespaceCode(byte)) return undefined;
        this.#valueFrom = offset;
        this.#valueTo = offset;
        this.#position = 'value';
        return this.#valueByte(byte, offset);
      case 'fieldStart':
        return this.#fieldStartByte(byte, offset);
      case 'startLine':
        return this.#startLineByte(byte, offset);
      case 'start':
        if (byte === CR) return this.#emptyLine();
        this.#startLineFrom = offset;
        this.#position = 'startLine';
        return this.#startLineByte(byte, offset);
      case 'lineEnd':
        return this.#lineFeed(byte, 'fieldStart');
      case 'emptyLineEnd':
        return this.#lineFeed(byte, 'start');
      default:
        return this.#lineFeed(byte, 'done');
    }
  }

  #lineFeed(byte: number, next: Position): HeadFault | undefined {
    this.#position = next;
    return byte === LF ? undefined : 'bareCarriageReturn';
  }

  #emptyLine(): HeadFault | undefined {
    const allowed = this.#startLine.mayFollowEmptyLine && this.#startLineFrom === 0;
    // Marks that an empty line was there: a start line then begins at 2, never at 0.
    this.#startLineFrom = 2;
    this.#position = 'emptyLineEnd';
    return allowed ? undefined : 'emptyLine';
  }

  #startLineByte(byte: number, offset: number): HeadFault | undefined {
    if (byte === CR) {
      this.#startLineTo = offset;
      this.#position = 'lineEnd';
      return this.#startLine.isComplete() ? undefined : 'badStartLine';
    }
    if (byte === LF) return 'bareLineFeed';
    if (offset - this.#startLineFrom >= this.#startLine.maxLength) return 'startLineTooLong';
    return this.#startLine.accepts(byte) ? undefined : 'badStartLine';
  }

  #fieldStartByte(byte: number, offset: number): HeadFault | undefined {
    if (byte === CR) {
      this.#position = 'headEnd';
      return undefined;
    }
    if (isWhitespaceCode(byte)) return this.#marks.length === 0 ? 'spaceBeforeField' : 'foldedField';
    if (byte === LF) return 'bareLineFeed';
    if (!isTokenCode(byte)) return 'badFieldName';
    if (this.#marks.length >= this.#limits.maxFields * 4) return 'tooManyFields';
    this.#marks.push(offset);
    this.#position = 'fieldName';
    return undefined;
  }

  #nameByte(byte: number, offset: number): HeadFault | undefined {
    if (isTokenCode(byte)) return undefined;
    if (byte === COLON) {
      this.#marks.push(offset);
      this.#position = 'valueStart';
      return undefined;
    }
    return isWhitespaceCode(byte) ? 'spaceBeforeColon' : 'badFieldName';
  }

  #valueByte(byte: number, offset: number): HeadFault | undefined {
    if (isFieldValueCode(byte)) {
      if (!isWhitespaceCode(byte)) this.#valueTo = offset + 1;
      return undefined;
    }
    if (byte === CR) {
      this.#marks.push(this.#valueFrom, this.#valueTo);
      this.#position = 'lineEnd';
      return undefined;
    }
    return byte === LF ? 'bareLineFeed' : 'badFieldValue';
  }

  #fail(fault: HeadFault): ScanProgress {
    this.#release();
    return { state: 'fault', fault };
  }

  #finish(chunk: Uint8Array, end: number): ScanProgress {
    this.#keep(chunk.subarray(0, end));
    const text = latin1Text(this.#held.subarray(0, this.#length));
    const rawHeaders: string[] = [];
    // Marks come in pairs: from, to.
    let from = 0;
    for (const [index, mark] of this.#marks.entries()) {
      if (index % 2 === 0) from = mark;
      else rawHeaders.push(text.slice(from, mark));
    }
    const startLine = text.slice(this.#startLineFrom, this.#startLineTo);
    this.#release();
    return { state: 'done', head: { startLine, rawHeaders }, end };
  }

  /** Holds bytes until the head is whole; doubles its room, so that a dripped head is copied O(n) times in all. */
  #keep(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length;
    if (needed > this.#held.length) {
      const doubled = Math.min(this.#held.length * 2, this.#limits.maxHeadSize);
      const grown = new Uint8Array(Math.max(needed, doubled));
      grown.set(this.#held.subarray(0, this.#length));
      this.#held = grown;
    }
    this.#held.set(bytes, this.#length);
    this.#length = needed;
  }

  #release(): void {
    this.#spent = true;
    this.#held = new Uint8Array(0);
    this.#marks.length = 0;
  }
}
