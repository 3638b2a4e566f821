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
import { parseTarget } from './target.ts';

/** The fields that decide. */
interface Decisive {
  host: string | undefined;
  upgrade: string | undefined;
  connection: string | undefined;
  version: string | undefined;
  key: string | undefined;
  origin: string | undefined;
  subprotocols: string | undefined;
  extensions: string | undefined;
}

/** Which field a name stands for; `unusual` for one that an ordinary request does not have. */
const ROLES: ReadonlyMap<string, keyof Decisive | 'unusual'> = new Map<string, keyof Decisive | 'unusual'>([
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

/** A name or an IPv4 address, and a port that is surely none too high. */
const PLAIN_HOST = /^[a-z0-9.-]+(?::[0-5]?[0-9]{1,4})?$/i;

const NONE: readonly never[] = Object.freeze([]);

/** An accepted request. The fields as a map are made when they are asked for. */
class CommonOpening implements OpeningRequest {
  readonly method = 'GET';
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly host: string;
  readonly key: string;
  readonly origin: string | undefined;
  readonly subprotocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
  readonly #head: RequestHead;
  #headers: ReadonlyMap<string, string> | undefined;

  constructor(
    head: RequestHead,
    place: Pick<OpeningRequest, 'target' | 'path' | 'query' | 'host'>,
    wishes: Pick<OpeningRequest, 'key' | 'origin' | 'subprotocols' | 'extensions'>,
  ) {
    this.target = place.target;
    this.path = place.path;
    this.query = place.query;
    this.host = place.host;
    this.key = wishes.key;
    this.origin = wishes.origin;
    this.subprotocols = wishes.subprotocols;
    this.extensions = wishes.extensions;
    this.#head = head;
  }

  get headers(): ReadonlyMap<string, string> {
    this.#headers ??= joinFields(collectFields(this.#head.rawHeaders));
    return this.#headers;
  }
}

/** Picks the fields that decide; undefined when one of them is repeated, or the request has an unusual one. */
function pick(rawHeaders: readonly string[]): Decisive | undefined {
  const found: Decisive = {
    host: undefined,
    upgrade: undefined,
    connection: undefined,
    version: undefined,
    key: undefined,
    origin: undefined,
    subprotocols: undefined,
    extensions: undefined,
  };
  for (let index = 1; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index - 1] as string).toLowerCase();
    const role = ROLES.get(name);
    if (role === undefined) {
      if (name.startsWith('sec-websocket-')) return undefined;
    } else {
      if (role === 'unusual' || found[role] !== undefined) return undefined;
      found[role] = rawHeaders[index];
    }
  }
  return found;
}

const isHost = (text: string): boolean => PLAIN_HOST.test(text) || parseAuthority(text) !== undefined;

/** Accepts an ordinary request; undefined when `checkOpeningRequest` has to decide. */
export function acceptCommonOpening(head: RequestHead): OpeningRequest | undefined {
  const { target, rawHeaders } = head;
  if (head.httpVersion !== '1.1' || head.method !== 'GET' || rawHeaders.length % 2 !== 0) return undefined;
  const found = pick(rawHeaders);
  if (found === undefined) return undefined;
  const { host, upgrade, connection, version, key, origin } = found;
  if (host === undefined || !isHost(host) || !target.startsWith('/')) return undefined;
  if (upgrade?.toLowerCase() !== 'websocket' || version !== '13') return undefined;
  if (connection === undefined || !listHolds(connection, 'upgrade')) return undefined;
  if (key === undefined || !isKey(key)) return undefined;
  const local = parseTarget(target, host);
  const subprotocols = found.subprotocols === undefined ? NONE : parseSubprotocols(found.subprotocols);
  const extensions = found.extensions === undefined ? NONE : parseExtensions(found.extensions);
  if (local === undefined || subprotocols === undefined || extensions === undefined) return undefined;
  return new CommonOpening(
    head,
    { target, path: local.path, query: local.query, host },
    { key, origin, subprotocols, extensions },
  );
}
