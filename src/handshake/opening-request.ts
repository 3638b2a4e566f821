/**
 * The server's judgement of a request head.
 *
 * One rule: checks run in the order of the table below and the first that is not met decides, so that every request
 * has one outcome. Decisions are made from the raw fields, where duplicates are still apart.
 * RFC 6455 §4.2.1, §4.4, §9.1, §11.3; RFC 9110 §7.8, §15.5.6, §15.5.22; RFC 9112 §3.2, §6.
 */
import { listHolds } from './characters.ts';
import { type ExtensionOffer, parseExtensions } from './extensions.ts';
import {
  collectFields,
  type Fields,
  hasOpaqueHandshakeField,
  joinedField,
  joinFields,
  singleField,
} from './fields.ts';
import { parseAuthority } from './host.ts';
import { isKey } from './key.ts';
import type { Refusal } from './refusal.ts';
import type { RequestHead } from './request-head.ts';
import { parseSubprotocols } from './subprotocols.ts';
import { parseTarget, type Target } from './target.ts';

/** An opening handshake that may be accepted. */
export interface OpeningRequest {
  /** Always `GET`. */
  readonly method: string;
  /** The request target as received. */
  readonly target: string;
  /** Raw path without the query: nothing decoded, `//x` stays as it is. */
  readonly path: string;
  /** Without its `?`; empty when there is none. */
  readonly query: string;
  /** As in the Host field. */
  readonly host: string;
  /** Lower-case names; repeated fields joined by `, ` (cookies by `; `). */
  readonly headers: ReadonlyMap<string, string>;
  /** Sec-WebSocket-Key. */
  readonly key: string;
  /** The Origin field; undefined when the request does not come from a page. */
  readonly origin: string | undefined;
  /** In the client's order of preference. */
  readonly subprotocols: readonly string[];
  /** In the client's order of preference. */
  readonly extensions: readonly ExtensionOffer[];
}

export type OpeningRequestOutcome =
  | { readonly ok: true; readonly request: OpeningRequest }
  | { readonly ok: false; readonly refusal: Refusal };

const badRequest = (message: string): Refusal => ({ status: 400, message, headers: [] });

const VERSION_OFFER = ['Sec-WebSocket-Version', '13'] as const;
const UPGRADE_OFFER = ['Upgrade', 'websocket'] as const;

/**
 * Every refusal, in the order of the checks. A request that is not asking for a WebSocket at all (no Upgrade, or no
 * Connection: upgrade to make it count, RFC 9110 §7.8) is told which upgrade is required.
 */
export const openingRefusals = {
  httpVersion: { status: 505, message: 'Only HTTP/1.1 can be upgraded here.', headers: [] },
  method: { status: 405, message: 'Only GET opens a WebSocket.', headers: [['Allow', 'GET']] },
  host: badRequest('Exactly one valid Host field is required.'),
  target: badRequest('The request target must be a path, or a URL whose authority equals the Host field.'),
  transferEncoding: badRequest('An opening handshake must not have Transfer-Encoding.'),
  contentLength: badRequest('An opening handshake must not have a body.'),
  upgrade: {
    status: 426,
    message: 'This endpoint speaks WebSocket only: Upgrade must list websocket.',
    headers: [UPGRADE_OFFER, VERSION_OFFER],
  },
  connection: {
    status: 426,
    message: 'This endpoint speaks WebSocket only: Connection must list upgrade.',
    headers: [UPGRADE_OFFER, VERSION_OFFER],
  },
  opaqueBytes: badRequest('Sec-WebSocket fields must be ASCII.'),
  versionCount: badRequest('Exactly one Sec-WebSocket-Version field is required.'),
  version: {
    status: 426,
    message: 'Only WebSocket version 13 is supported.',
    headers: [UPGRADE_OFFER, VERSION_OFFER],
  },
  key: badRequest('Exactly one Sec-WebSocket-Key field, base64 of 16 bytes, is required.'),
  origin: badRequest('At most one Origin field is allowed.'),
  subprotocols: badRequest('Sec-WebSocket-Protocol must list distinct tokens.'),
  extensions: badRequest('Sec-WebSocket-Extensions is malformed.'),
} as const satisfies Record<string, Refusal>;

type RefusalName = keyof typeof openingRefusals;

/** What the message itself must be, whatever it asks for. */
function checkMessage(head: RequestHead, fields: Fields): RefusalName | { host: string; target: Target } {
  if (head.httpVersion !== '1.1') return 'httpVersion';
  if (head.method !== 'GET') return 'method';
  const host = singleField(fields, 'host');
  if (host === undefined || parseAuthority(host) === undefined) return 'host';
  const target = parseTarget(head.target, host);
  if (target === undefined) return 'target';
  if (fields.has('transfer-encoding')) return 'transferEncoding';
  // Joined, so that a repeated or odd spelling of zero is refused as well.
  if ((joinedField(fields, 'content-length') ?? '0') !== '0') return 'contentLength';
  return { host, target };
}

/** Whether the message asks for a WebSocket, of our version. */
function checkUpgrade(fields: Fields): RefusalName | undefined {
  if (!listHolds(joinedField(fields, 'upgrade') ?? '', 'websocket')) return 'upgrade';
  if (!listHolds(joinedField(fields, 'connection') ?? '', 'upgrade')) return 'connection';
  if (hasOpaqueHandshakeField(fields)) return 'opaqueBytes';
  const version = singleField(fields, 'sec-websocket-version');
  if (version === undefined) return 'versionCount';
  return version === '13' ? undefined : 'version';
}

type WebSocketFields = Pick<OpeningRequest, 'key' | 'origin' | 'subprotocols' | 'extensions'>;

/** What the client wants of the WebSocket. */
function readWebSocketFields(fields: Fields): RefusalName | WebSocketFields {
  const key = singleField(fields, 'sec-websocket-key');
  if (key === undefined || !isKey(key)) return 'key';
  const origin = singleField(fields, 'origin');
  if (origin === undefined && fields.has('origin')) return 'origin';
  const offeredNames = joinedField(fields, 'sec-websocket-protocol');
  const subprotocols = offeredNames === undefined ? [] : parseSubprotocols(offeredNames);
  if (subprotocols === undefined) return 'subprotocols';
  const offers = joinedField(fields, 'sec-websocket-extensions');
  const extensions = offers === undefined ? [] : parseExtensions(offers);
  if (extensions === undefined) return 'extensions';
  return { key, origin, subprotocols, extensions };
}

function refuse(name: RefusalName): OpeningRequestOutcome {
  return { ok: false, refusal: openingRefusals[name] };
}

/**
 * Judges a request head, read by `RequestHeadParser` or by another HTTP/1.1 server, as an opening handshake.
 *
 * It does not look at the origin policy, the allowed hosts or the route: see `checkOrigin` and `AllowedHosts`.
 * It never throws, whatever the head holds.
 */
export function checkOpeningRequest(head: RequestHead): OpeningRequestOutcome {
  const fields = collectFields(head.rawHeaders);
  const message = checkMessage(head, fields);
  if (typeof message === 'string') return refuse(message);
  const refusal = checkUpgrade(fields);
  if (refusal !== undefined) return refuse(refusal);
  const webSocket = readWebSocketFields(fields);
  if (typeof webSocket === 'string') return refuse(webSocket);
  const { method, target } = head;
  const request: OpeningRequest = {
    method,
    target,
    path: message.target.path,
    query: message.target.query,
    host: message.host,
    headers: joinFields(fields),
    ...webSocket,
  };
  return { ok: true, request };
}
