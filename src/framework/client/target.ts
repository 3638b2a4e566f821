/**
 * Where a client connects to, taken from a URL.
 *
 * The rule of this file: what a URL says is either used as written or refused; nothing of it is dropped silently.
 * RFC 6455 §3 (the schemes, no fragment), RFC 9110 §4.2.4 (user information), RFC 7617 (how it is sent).
 */
import { ConfigError } from '../errors.ts';

/** Where a connection goes to, as `createConnection` is told. */
export interface ConnectTarget {
  /** The URL, without user name and password. */
  readonly url: string;
  /** Whether TLS is spoken: `wss:` and `wss+unix:`. */
  readonly secure: boolean;
  /** Name or address to connect to, an IPv6 address without brackets; `localhost` for a Unix socket. */
  readonly host: string;
  /** TCP port; 0 for a Unix socket. */
  readonly port: number;
  /** Path of the Unix socket; undefined for TCP. */
  readonly socketPath: string | undefined;
  /** The Host field. */
  readonly authority: string;
  /** Path and query, as the request line has them. */
  readonly path: string;
}

/** A URL taken apart. */
export interface ParsedUrl {
  readonly target: ConnectTarget;
  /** Value of an Authorization field for the URL's user name and password. */
  readonly authorization: string | undefined;
}

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ['ws:', 80],
  ['wss:', 443],
]);

/** Takes a `ws:`, `wss:`, `ws+unix:` or `wss+unix:` URL apart. @throws {ConfigError} for any other, or a fragment */
export function parseUrl(text: string | URL): ParsedUrl {
  const url = asUrl(text);
  if (url.href.includes('#')) throw new ConfigError('url', shown(url), 'a URL without a fragment');
  const authorization = basicAuthorization(url);
  url.username = '';
  url.password = '';
  const secure = url.protocol.startsWith('wss');
  const defaultPort = defaultPorts.get(url.protocol);
  if (defaultPort === undefined) return { target: unixTarget(url, secure), authorization };
  return {
    target: {
      url: url.href,
      secure,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port === '' ? defaultPort : Number(url.port),
      socketPath: undefined,
      authority: url.host,
      path: `${url.pathname}${url.search}`,
    },
    authorization,
  };
}

function asUrl(text: string | URL): URL {
  const expected = 'a ws:, wss:, ws+unix: or wss+unix: URL';
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new ConfigError('url', text, expected, { cause });
  }
  if (!/^wss?(?:\+unix)?:$/.test(url.protocol)) throw new ConfigError('url', shown(url), expected);
  return url;
}

/** For a message: a password has no place in it. */
const shown = (url: URL): string => url.href.replace(/\/\/[^/@]*@/, '//');

/** `ws+unix:` socket path, then `:` and the request path, `/` by default. */
function unixTarget(url: URL, secure: boolean): ConnectTarget {
  const expected = "a socket path, then ':' and a request path";
  const [, encoded = '', path = '/'] = /^(.*?)(?::(\/.*))?$/s.exec(url.pathname) ?? [];
  const socketPath = decoded(encoded, url);
  if (socketPath === '' || url.host !== '') throw new ConfigError('url', shown(url), expected);
  return {
    url: url.href,
    secure,
    host: 'localhost',
    port: 0,
    socketPath,
    authority: 'localhost',
    path: `${path}${url.search}`,
  };
}

function basicAuthorization(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined;
  const credentials = `${decoded(url.username, url)}:${decoded(url.password, url)}`;
  return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function decoded(text: string, url: URL): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new ConfigError('url', shown(url), 'percent-encoding of UTF-8', { cause });
  }
}
