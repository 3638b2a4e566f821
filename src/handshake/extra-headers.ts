/**
 * Fields that an application adds to a message of the handshake.
 *
 * One rule: no text of an application reaches the wire unchecked; what the handshake itself says cannot be overridden
 * in any spelling. All of this is misuse by local code, so it throws.
 * RFC 9110 §5.1, §5.5, §7.6.1, RFC 6455 §11.3.
 */
import { isFieldValue, isToken } from './characters.ts';

/** These frame a message or belong to the connection, so they are ours on both sides. */
const FRAMING = [
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
];

const RESERVED = {
  request: new Set([...FRAMING, 'upgrade', 'host', 'expect']),
  response: new Set([...FRAMING, 'upgrade']),
  refusal: new Set(FRAMING),
};

/** @throws TypeError when the field cannot be written into a head as it is */
export function checkHeader(name: unknown, value: unknown): void {
  if (typeof name !== 'string' || !isToken(name)) {
    throw new TypeError(`Header name ${JSON.stringify(String(name))} is not a token`);
  }
  if (typeof value !== 'string' || !isFieldValue(value)) {
    throw new TypeError(
      `Header ${name} must have a string value without line breaks, controls or non-latin-1 text`,
    );
  }
}

function checkUnreserved(headers: Iterable<readonly [string, string]>, reserved: ReadonlySet<string>): void {
  for (const [name, value] of headers) {
    checkHeader(name, value);
    if (reserved.has(name.toLowerCase()))
      throw new TypeError(`Header ${name} is set by the handshake itself`);
  }
}

/**
 * Checks the fields that are added to an opening request or to a 101 response.
 *
 * @throws TypeError naming the header: bad name, bad value, or reserved (`Connection`, `Upgrade`, `Host`,
 *   `Sec-WebSocket-*`, `Content-Length`, `Transfer-Encoding` …)
 */
export function checkExtraHeaders(
  headers: Iterable<readonly [name: string, value: string]>,
  side: 'request' | 'response',
): void {
  const list = [...headers];
  checkUnreserved(list, RESERVED[side]);
  for (const [name] of list) {
    if (name.toLowerCase().startsWith('sec-websocket-')) {
      throw new TypeError(`Header ${name} is set by the handshake itself`);
    }
  }
}

/**
 * Checks the fields that are added to a refusal, where `Upgrade` and `Sec-WebSocket-Version` have their place.
 *
 * @throws TypeError naming the header
 */
export function checkRefusalHeaders(headers: Iterable<readonly [name: string, value: string]>): void {
  checkUnreserved(headers, RESERVED.refusal);
}
