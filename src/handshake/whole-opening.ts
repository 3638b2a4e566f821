/**
 * An opening request whose head lies whole in one chunk, as nearly every client sends it, read in one pass.
 *
 * One rule: this is a short cut. What it takes, `RequestHeadParser` with the default limits and `checkOpeningRequest`
 * take too, and with the same result; for everything else, faulty, unfinished or merely unusual, it answers undefined
 * and leaves the bytes to those two.
 * RFC 9112 §2.1, §3, §5; RFC 6455 §4.2.1.
 */
import { COLON, CR, isFieldValueCode, isTokenCode, isVisibleCode, LF, SP } from './characters.ts';
import {
  acceptFields,
  type DecisiveFields,
  type FieldRole,
  fieldRoles,
  noFields,
  unusualPrefix,
} from './common-opening.ts';
import { defaultHeadLimits } from './limits.ts';
import type { OpeningRequest } from './opening-request.ts';
import { TextHead, valueIn } from './text-head.ts';

const codesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

const METHOD = codesOf('GET ');
const VERSION = codesOf(' HTTP/1.1\r\n');
const PREFIX = codesOf(unusualPrefix);

/** A value that nearly every request has, in lower case, of a field in which case does not count. */
const USUAL: ReadonlyMap<FieldRole, string> = new Map<FieldRole, string>([
  ['upgrade', 'websocket'],
  ['connection', 'upgrade'],
  ['version', '13'],
]);

interface KnownField {
  readonly name: Uint8Array;
  readonly role: FieldRole;
  /** The usual value, so that no string is made for it; empty for none. */
  readonly usual: string;
  readonly usualCodes: Uint8Array;
}

/** The fields that matter, by the length of their names. */
const knownFields: KnownField[][] = [];
for (const [name, role] of fieldRoles) {
  const usual = USUAL.get(role) ?? '';
  knownFields[name.length] ??= [];
  knownFields[name.length]?.push({ name: codesOf(name), role, usual, usualCodes: codesOf(usual) });
}

/** Per field of the head at hand: where its name begins, its colon, and its CR. Used within one call only. */
const marks = new Uint16Array(defaultHeadLimits.maxFields * 3);

export interface WholeOpening {
  readonly head: TextHead;
  readonly opening: OpeningRequest;
  /** The offset just after CRLFCRLF. */
  readonly end: number;
}

/**
 * Reads a request that begins with the chunk and whose head ends in it.
 *
 * @param size how many of the bytes are the chunk
 * @param latin1 decodes `bytes[start, end)`, each byte the character with its number
 */
export function readWholeOpening(
  bytes: Uint8Array,
  size: number,
  latin1: (bytes: Uint8Array, start: number, end: number) => string,
): WholeOpening | undefined {
  const limit = Math.min(size, defaultHeadLimits.maxHeadSize);
  const targetEnd = endOfTarget(bytes, limit);
  if (targetEnd < 0) return undefined;
  const first = targetEnd + VERSION.length;
  const count = markFields(bytes, first, limit);
  if (count < 0) return undefined;
  const end = (count === 0 ? first : (marks[count * 3 - 1] as number) + 2) + 2;
  const text = latin1(bytes, 0, end);
  const fields = pick(bytes, text, count);
  if (fields === undefined) return undefined;
  const head = new TextHead(text);
  const opening = acceptFields(head, text.slice(METHOD.length, targetEnd), fields);
  return opening === undefined ? undefined : { head, opening, end };
}

/** The offset after the target of a request line in valid syntax; -1 for any other. */
function endOfTarget(bytes: Uint8Array, limit: number): number {
  if (limit < METHOD.length || !holds(bytes, 0, METHOD)) return -1;
  let at = METHOD.length;
  while (at < limit && isVisibleCode(bytes[at] as number)) at += 1;
  const length = at + VERSION.length - 2;
  return length + 2 <= limit && length <= defaultHeadLimits.maxRequestLine && holds(bytes, at, VERSION)
    ? at
    : -1;
}

/** Marks the fields up to the empty line. @returns how many there are; -1 when the syntax is not valid within `limit` */
function markFields(bytes: Uint8Array, from: number, limit: number): number {
  let at = from;
  for (let mark = 0; at + 2 <= limit; mark += 3) {
    if (bytes[at] === CR) return bytes[at + 1] === LF ? mark / 3 : -1;
    if (mark === marks.length) return -1;
    marks[mark] = at;
    while (at < limit && isTokenCode(bytes[at] as number)) at += 1;
    if (at === marks[mark] || at === limit || bytes[at] !== COLON) return -1;
    marks[mark + 1] = at;
    at += 1;
    while (at < limit && isFieldValueCode(bytes[at] as number)) at += 1;
    if (at + 2 > limit || bytes[at] !== CR || bytes[at + 1] !== LF) return -1;
    marks[mark + 2] = at;
    at += 2;
  }
  return -1;
}

/** Picks the fields that decide; undefined when one of them is repeated, or the request has an unusual one. */
function pick(bytes: Uint8Array, text: string, count: number): DecisiveFields | undefined {
  const fields = noFields();
  for (let mark = 0; mark < count * 3; mark += 3) {
    const from = marks[mark] as number;
    const colon = marks[mark + 1] as number;
    const field = knownField(bytes, from, colon);
    if (field === undefined) {
      if (isText(bytes, from, colon, PREFIX)) return undefined;
      continue;
    }
    const { role } = field;
    if (role === 'unusual' || fields[role] !== undefined) return undefined;
    fields[role] = fieldValue(field, bytes, text, colon + 1, marks[mark + 2] as number);
  }
  return fields;
}

function knownField(bytes: Uint8Array, from: number, to: number): KnownField | undefined {
  const fields = knownFields[to - from];
  // By index: an iterator would be made for every field of every request.
  for (let index = 0; fields !== undefined && index < fields.length; index += 1) {
    const field = fields[index];
    if (field !== undefined && isText(bytes, from, to, field.name)) return field;
  }
  return undefined;
}

function fieldValue(field: KnownField, bytes: Uint8Array, text: string, from: number, to: number): string {
  const start = bytes[from] === SP ? from + 1 : from;
  const isUsual =
    field.usual !== '' && to - start === field.usual.length && isText(bytes, start, to, field.usualCodes);
  return isUsual ? field.usual : valueIn(text, from, to);
}

/**
 * Whether `bytes[from, to)` begins with a text, compared without case: for a letter the bit 0x20 is its case, and in
 * what else these texts are made of it is set. Controls, which could be mistaken for it, are not in a valid head.
 */
function isText(bytes: Uint8Array, from: number, to: number, codes: Uint8Array): boolean {
  if (to - from < codes.length) return false;
  for (let index = 0; index < codes.length; index += 1) {
    if (((bytes[from + index] as number) | 0x20) !== codes[index]) return false;
  }
  return true;
}

function holds(bytes: Uint8Array, at: number, codes: Uint8Array): boolean {
  for (let index = 0; index < codes.length; index += 1) {
    if (bytes[at + index] !== codes[index]) return false;
  }
  return true;
}
