/**
 * Writes the two heads of an opening handshake that succeeds: the client's request and the server's 101.
 *
 * One rule: everything that comes from the application is checked before a character is written.
 * The text is latin-1: one character is one byte on the wire. RFC 6455 §4.1, §4.2.2 (5).
 */
import { type ExtensionOffer, formatExtensions } from './extensions.ts';
import { checkExtraHeaders, checkHeader } from './extra-headers.ts';
import { parseAuthority } from './host.ts';
import { isKey } from './key.ts';
import { formatSubprotocols } from './subprotocols.ts';
import { isOriginForm } from './target.ts';

type Header = readonly [name: string, value: string];

export interface OpeningRequestParts {
  /** The Host field: name, and the port unless it is the scheme's default. */
  readonly host: string;
  /** Path and query, origin-form. */
  readonly target: string;
  /** Base64 of 16 fresh random bytes. */
  readonly key: string;
  readonly origin?: string | undefined;
  /** In order of preference. */
  readonly subprotocols?: readonly string[] | undefined;
  /** In order of preference. */
  readonly extensions?: readonly ExtensionOffer[] | undefined;
  /** Further fields; see `checkExtraHeaders` for what they may be. */
  readonly headers?: Iterable<Header> | undefined;
}

export interface OpeningResponseParts {
  /** See `acceptValue`. */
  readonly accept: string;
  readonly subprotocol?: string | undefined;
  readonly extensions?: readonly ExtensionOffer[] | undefined;
  /** Further fields; see `checkExtraHeaders` for what they may be. */
  readonly headers?: Iterable<Header> | undefined;
}

function formatHead(startLine: string, fields: readonly Header[]): string {
  return `${startLine}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** The fields that only stand there when there is something to say. */
function optionalFields(subprotocols: readonly string[], extensions: readonly ExtensionOffer[]): Header[] {
  const fields: Header[] = [];
  if (subprotocols.length > 0) fields.push(['Sec-WebSocket-Protocol', formatSubprotocols(subprotocols)]);
  if (extensions.length > 0) fields.push(['Sec-WebSocket-Extensions', formatExtensions(extensions)]);
  return fields;
}

/**
 * The whole request head of a client, through CRLFCRLF.
 *
 * @throws TypeError for a host, target, key, origin, subprotocol, extension or header that cannot be sent
 */
export function formatOpeningRequest(parts: OpeningRequestParts): string {
  const { host, target, key, origin } = parts;
  if (parseAuthority(host) === undefined) throw new TypeError(`${JSON.stringify(host)} is not a host`);
  if (!isOriginForm(target)) throw new TypeError(`${JSON.stringify(target)} is not a path with a query`);
  if (!isKey(key)) throw new TypeError('The key must be base64 of 16 bytes');
  const headers = [...(parts.headers ?? [])];
  checkExtraHeaders(headers, 'request');
  const fields: Header[] = [
    ['Host', host],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Key', key],
    ['Sec-WebSocket-Version', '13'],
  ];
  if (origin !== undefined) {
    checkHeader('Origin', origin);
    if (headers.some(([name]) => name.toLowerCase() === 'origin'))
      throw new TypeError('Header Origin is given twice');
    fields.push(['Origin', origin]);
  }
  fields.push(...optionalFields(parts.subprotocols ?? [], parts.extensions ?? []), ...headers);
  return formatHead(`GET ${target} HTTP/1.1`, fields);
}

/**
 * The whole 101 head of a server, through CRLFCRLF.
 *
 * @throws TypeError for an accept value, subprotocol, extension or header that cannot be sent
 */
export function formatOpeningResponse(parts: OpeningResponseParts): string {
  checkHeader('Sec-WebSocket-Accept', parts.accept);
  const headers = [...(parts.headers ?? [])];
  checkExtraHeaders(headers, 'response');
  const subprotocols = parts.subprotocol === undefined ? [] : [parts.subprotocol];
  return formatHead('HTTP/1.1 101 Switching Protocols', [
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
    ['Sec-WebSocket-Accept', parts.accept],
    ...optionalFields(subprotocols, parts.extensions ?? []),
    ...headers,
  ]);
}
