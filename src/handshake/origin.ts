/**
 * Which pages may open a connection: the defence against cross-site WebSocket hijacking.
 *
 * One rule: what is not understood is not the same origin.
 * RFC 6454 §4, §5; RFC 6455 §4.2.2, §10.2.
 */
import { type Authority, parseAuthority } from './host.ts';

interface Origin extends Authority {
  readonly scheme: string;
}

const DEFAULT_PORTS: ReadonlyMap<string, number> = new Map([
  ['http', 80],
  ['ws', 80],
  ['https', 443],
  ['wss', 443],
]);

/** Parses `scheme://host[:port]`; a default port counts as given. */
function parseOrigin(text: string): Origin | undefined {
  const separator = text.indexOf('://');
  const scheme = text.slice(0, Math.max(separator, 0)).toLowerCase();
  const authority = parseAuthority(text.slice(separator + 3));
  if (separator < 1 || authority === undefined) return undefined;
  return { scheme, name: authority.name, port: authority.port ?? DEFAULT_PORTS.get(scheme) };
}

function areEqual(one: string, other: string): boolean {
  if (one === other) return true;
  const [first, second] = [parseOrigin(one), parseOrigin(other)];
  if (first === undefined || second === undefined) return false;
  return first.scheme === second.scheme && first.name === second.name && first.port === second.port;
}

/**
 * Same host and same port. A port that Host leaves out is the default port of the origin's own scheme, because a
 * server behind a proxy that ends TLS sees neither. Where TLS ends here, a page that came in plain text is never the
 * same origin.
 */
function isSameOrigin(origin: string, host: string, secure: boolean): boolean {
  const page = parseOrigin(origin);
  const own = parseAuthority(host);
  if (page === undefined || own === undefined) return false;
  const defaultPort = DEFAULT_PORTS.get(page.scheme);
  if (defaultPort === undefined || (secure && defaultPort !== 443)) return false;
  return page.name === own.name && page.port === (own.port ?? defaultPort);
}

/**
 * Judges an Origin field. A request without one does not come from a page; the caller decides that case.
 *
 * @param origin as received; `null`, an opaque origin, is never the same origin and matches only an entry `null`
 * @param policy `same`: host and port as in Host; `*`: everyone; a list: one of these origins, compared without case
 *   and with default ports filled in
 * @param host the Host field
 * @param secure whether TLS ends at this server
 */
export function checkOrigin(
  origin: string,
  policy: 'same' | '*' | readonly string[],
  host: string,
  secure: boolean,
): boolean {
  if (policy === '*') return true;
  if (policy === 'same') return isSameOrigin(origin, host, secure);
  return policy.some((allowed) => areEqual(allowed, origin));
}
