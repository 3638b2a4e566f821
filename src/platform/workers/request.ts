/**
 * The opening handshake as far as a Worker sees it (RFC 6455 §4.2).
 *
 * One rule: every request has one outcome. The runtime answers the key; everything else that the RFC asks of a server
 * is judged here, before a socket exists. A request that one Worker makes for another (or for a Durable Object) never
 * was on a wire and has neither key nor version, so these must be right when they are there, and may both be absent.
 * The judgement is that of `src/handshake`; it is written on the platform's URL and Headers, which already refuse what
 * is no URL and no field, because a bundle should not carry a second parser for either.
 */
import type { HandshakeConfig } from './config.ts';
import { HandshakeError } from './errors.ts';

/** What a context tells about its request. */
export interface WorkersRequest {
  /** Always `GET`. */
  readonly method: string;
  /** The whole URL. */
  readonly url: string;
  /** Path as received, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  /** The Origin field; undefined when the request does not come from a page. */
  readonly origin: string | undefined;
  /** What the client offers, in its order of preference. */
  readonly subprotocols: readonly string[];
}

const offer = { upgrade: 'websocket', 'sec-websocket-version': '13' };

/** RFC 9110 §5.6.2 */
const token = /^[\w!#$%&'*+.^`|~-]+$/;

const bad = (what: string): HandshakeError => new HandshakeError(400, `Bad ${what}.`);

/** The runtime joins repeated fields with a comma, which none of these may have. */
function checkVersionAndKey(headers: Headers): void {
  const version = headers.get('sec-websocket-version');
  const key = headers.get('sec-websocket-key');
  if (version === null && key === null) return;
  if (version === null || version.includes(',')) throw bad('version');
  if (version !== '13') throw new HandshakeError(426, 'Only version 13 is supported.', offer);
  if (key === null || !/^[A-Za-z0-9+/]{22}==$/.test(key)) throw bad('key');
}

/** The names of a Sec-WebSocket-Protocol field (RFC 6455 §11.3.4). */
function parseSubprotocols(field: string | null): readonly string[] {
  const names = field?.split(',').map((name) => name.trim()) ?? [];
  if (names.every((name) => token.test(name)) && new Set(names).size === names.length) return names;
  throw bad('subprotocols');
}

/**
 * Reads and judges the request.
 *
 * @throws {HandshakeError} with the status that RFC 6455 §4.2.2 or RFC 9110 asks for
 */
export function readRequest(request: Request): WorkersRequest {
  const { method, url, headers } = request;
  if (method !== 'GET') throw new HandshakeError(405, 'Only GET opens a WebSocket.', { allow: 'GET' });
  // The runtime switches for exactly this token; in a list of tokens it would not see it.
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket')
    throw new HandshakeError(426, 'Only WebSocket is spoken here.', offer);
  checkVersionAndKey(headers);
  const { pathname: path, searchParams: query } = new URL(url);
  const subprotocols = parseSubprotocols(headers.get('sec-websocket-protocol'));
  return { method, url, path, query, headers, origin: headers.get('origin') ?? undefined, subprotocols };
}

/** Scheme, host and port, without a default port; what is no URL, such as `null`, stands for itself. */
function site(text: string): string {
  try {
    const { protocol, host } = new URL(text);
    return protocol + host;
  } catch {
    return text;
  }
}

/**
 * Same host and port as in Host. A port that Host leaves out is the default of the page's scheme. The page's scheme is
 * the URL's, where that is https; but a URL that was rewritten for an object says nothing about the client.
 */
function isSame(origin: string, { url, headers }: WorkersRequest): boolean {
  const { protocol, host: urlHost } = new URL(url);
  const host = headers.get('host') ?? urlHost;
  const scheme = protocol === 'https:' && host === urlHost ? protocol : `${origin.split(':')[0]}:`;
  return site(origin) === site(`${scheme}//${host}`);
}

/** Whether the policy allows the request's origin; a request without one does not come from a page. */
export function allowsOrigin(request: WorkersRequest, policy: HandshakeConfig['origins'] = 'same'): boolean {
  const { origin } = request;
  if (origin === undefined || policy === '*') return true;
  if (policy === 'same') return isSame(origin, request);
  if (typeof policy === 'function') return policy(origin, request) === true;
  return policy.some((allowed) => site(allowed) === site(origin));
}

/**
 * The fields of the 101 response.
 *
 * @throws {TypeError} when a function selects a subprotocol that was not offered, and for fields that cannot be sent or
 *   are the handshake's own
 */
export function acceptance(
  request: WorkersRequest,
  { subprotocols: choice = [], headers = {} }: HandshakeConfig,
): { readonly subprotocol: string | undefined; readonly headers: Headers } {
  const offered = request.subprotocols;
  const subprotocol =
    typeof choice === 'function' ? choice(offered, request) : offered.find((name) => choice.includes(name));
  const fields = new Headers(headers);
  for (const name of fields.keys()) {
    if (name.startsWith('sec-websocket-')) throw new TypeError(`${name} is not yours to set`);
  }
  if (subprotocol !== undefined) {
    if (!offered.includes(subprotocol)) throw new TypeError(`subprotocol ${subprotocol} was not offered`);
    fields.set('Sec-WebSocket-Protocol', subprotocol);
  }
  return { subprotocol, headers: fields };
}
