/**
 * The judgement of an opening request as nearly every client sends it.
 *
 * One rule: this is a short cut. What it accepts, `checkOpeningRequest` accepts too, and with the same result; for
 * everything else, wrong or merely unusual, it answers undefined and leaves the judgement to that function.
 * RFC 6455 §4.2.1.
 */
import { listHolds } from './characters.ts';
import { type ExtensionOffer, parseExtensions } from './extensions.ts';
import { collectFields, joinFields } from './fields.ts';
import { parseAuthority } from './host.ts';
import { isKey } from './key.ts';
import type { OpeningRequest } from './opening-request.ts';
import type { RequestHead } from './request-head.ts';
import { parseSubprotocols } from './subprotocols.ts';
import { isOriginForm } from './target.ts';
import { expandHead, type KeptHead } from './text-head.ts';

/** The fields that decide; undefined for one that is not there. */
export interface DecisiveFields {
  host: string | undefined;
  upgrade: string | undefined;
  connection: string | undefined;
  version: string | undefined;
  key: string | undefined;
  origin: string | undefined;
  subprotocols: string | undefined;
  extensions: string | undefined;
}

/** What a name stands for: a field that decides, or `unusual` for one that an ordinary request does not have. */
export type FieldRole = keyof DecisiveFields | 'unusual';

/** By lower-case name. */
export const fieldRoles: ReadonlyMap<string, FieldRole> = new Map<string, FieldRole>([
  ['host', 'host'],
  ['upgrade', 'upgrade'],
  ['connection', 'connection'],
  ['sec-websocket-version', 'version'],
  ['sec-websocket-key', 'key'],
  ['origin', 'origin'],
  ['sec-websocket-protocol', 'subprotocols'],
  ['sec-websocket-extensions', 'extensions'],
  ['content-length', 'unusual'],
  ['transfer-encoding', 'unusual'],
]);

/** Every other field whose name begins so is unusual too. */
export const unusualPrefix = 'sec-websocket-';

export const noFields = (): DecisiveFields => ({
  host: undefined,
  upgrade: undefined,
  connection: undefined,
  version: undefined,
  key: undefined,
  origin: undefined,
  subprotocols: undefined,
  extensions: undefined,
});

/** A name or an IPv4 address, and a port that is surely none too high. */
const PLAIN_HOST = /^[a-z0-9.-]+(?::[0-5]?[0-9]{1,4})?$/i;

const isHost = (text: string): boolean => PLAIN_HOST.test(text) || parseAuthority(text) !== undefined;

const NONE: readonly never[] = Object.freeze([]);

/** An accepted request. The fields as a map are made when they are asked for. */
class CommonOpening implements OpeningRequest {
  readonly target: string;
  readonly host: string;
  readonly key: string;
  readonly origin: string | undefined;
  readonly subprotocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
  readonly #head: KeptHead;
  #headers: ReadonlyMap<string, string> | undefined;

  constructor(
    head: KeptHead,
    target: string,
    host: string,
    key: string,
    origin: string | undefined,
    subprotocols: readonly string[],
    extensions: readonly ExtensionOffer[],
  ) {
    this.target = target;
    this.host = host;
    this.key = key;
    this.origin = origin;
    this.subprotocols = subprotocols;
    this.extensions = extensions;
    this.#head = head;
  }

  get method(): string {
    return 'GET';
  }

  get path(): string {
    const query = this.target.indexOf('?');
    return query < 0 ? this.target : this.target.slice(0, query);
  }

  get query(): string {
    const query = this.target.indexOf('?');
    return query < 0 ? '' : this.target.slice(query + 1);
  }

  get headers(): ReadonlyMap<string, string> {
    this.#headers ??= joinFields(collectFields(expandHead(this.#head).rawHeaders));
    return this.#headers;
  }
}

/**
 * Accepts an ordinary request; undefined when `checkOpeningRequest` has to decide.
 *
 * @param head of a `GET` in HTTP/1.1 without any unusual field; asked for its fields only when somebody wants them
 * @param target the head's
 * @param fields the head's, none of them repeated
 */
export function acceptFields(
  head: KeptHead,
  target: string,
  fields: DecisiveFields,
): OpeningRequest | undefined {
  const { host, upgrade, connection, version, key, origin } = fields;
  if (host === undefined || !isHost(host) || !isOriginForm(target)) return undefined;
  if (upgrade?.toLowerCase() !== 'websocket' || version !== '13') return undefined;
  if (connection === undefined || !listHolds(connection, 'upgrade')) return undefined;
  if (key === undefined || !isKey(key)) return undefined;
  const subprotocols = fields.subprotocols === undefined ? NONE : parseSubprotocols(fields.subprotocols);
  const extensions = fields.extensions === undefined ? NONE : parseExtensions(fields.extensions);
  if (subprotocols === undefined || extensions === undefined) return undefined;
  return new CommonOpening(head, target, host, key, origin, subprotocols, extensions);
}

/** Roles by the spelling of nearly every client, for which no other string has to be made. */
const usualSpellings: ReadonlyMap<string, FieldRole> = new Map(
  [...fieldRoles].map(([name, role]) => [
    name.replace(/\b[a-z]/g, (letter) => letter.toUpperCase()).replace('Websocket', 'WebSocket'),
    role,
  ]),
);

/**
 * {@link acceptFields} for a head that another HTTP/1.1 server has read.
 *
 * @param kept the same head, when `head` may change later
 */
export function acceptCommonOpening(head: RequestHead, kept: KeptHead = head): OpeningRequest | undefined {
  const { rawHeaders } = head;
  if (head.httpVersion !== '1.1' || head.method !== 'GET' || rawHeaders.length % 2 !== 0) return undefined;
  const fields = noFields();
  for (let index = 1; index < rawHeaders.length; index += 2) {
    const role = roleOf(rawHeaders[index - 1] as string);
    if (role === undefined) continue;
    if (role === 'unusual' || fields[role] !== undefined) return undefined;
    fields[role] = rawHeaders[index];
  }
  return acceptFields(kept, head.target, fields);
}

function roleOf(spelling: string): FieldRole | undefined {
  const role = usualSpellings.get(spelling);
  if (role !== undefined) return role;
  const name = spelling.toLowerCase();
  return fieldRoles.get(name) ?? (name.startsWith(unusualPrefix) ? 'unusual' : undefined);
}
