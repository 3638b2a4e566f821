/**
 * Redirects of an opening handshake, for clients that asked to follow them.
 *
 * The rule of this file: a redirect never makes a connection less safe. No way leads from TLS to plain text or into
 * a Unix socket, and what proves an identity stays with the origin it was meant for.
 * RFC 6455 §4.1 (a client MAY follow), RFC 9110 §15.4, RFC 6454 §4 (origin).
 */
import type { ConnectionOptions } from 'node:tls';
import { type ConnectTarget, parseUrl } from './target.ts';

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export const isRedirect = (status: number): boolean => redirectStatuses.has(status);

/** The target that a Location leads to, or why it is not followed. */
export function redirectTarget(from: ConnectTarget, location: string | undefined): ConnectTarget | string {
  if (location === undefined) return 'The redirect has no Location.';
  let target: ConnectTarget;
  try {
    target =
      from.socketPath === undefined ? parseUrl(resolve(from, location)).target : within(from, location);
  } catch {
    return 'The Location of the redirect leads to no WebSocket URL that may be followed.';
  }
  if (target.socketPath !== from.socketPath) return 'The redirect leads into a Unix socket.';
  return from.secure && !target.secure ? 'The redirect leads from TLS to plain text.' : target;
}

/** Resolves a Location; `http:` stands for `ws:` there. Its fragment means nothing here. */
function resolve(from: ConnectTarget, location: string): string {
  const url = new URL(location, from.url);
  url.hash = '';
  return url.href.replace(/^http/, 'ws');
}

/** A Unix socket is one origin: only another path is within it. @throws {TypeError} */
function within(from: ConnectTarget, location: string): ConnectTarget {
  const url = new URL(location, new URL(from.path, 'http://localhost'));
  if (url.origin !== 'http://localhost') throw new TypeError('another origin');
  const path = `${url.pathname}${url.search}`;
  const scheme = from.secure ? 'wss' : 'ws';
  return { ...from, path, url: `${scheme}+unix:${encodeURI(from.socketPath ?? '')}:${path}` };
}

/** Whether credentials for one target are for the other too. */
export const isSameOrigin = (one: ConnectTarget, other: ConnectTarget): boolean =>
  one.secure === other.secure &&
  one.host === other.host &&
  one.port === other.port &&
  one.socketPath === other.socketPath;

const credentialFields: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

/** The fields that may go to another origin. */
export const withoutCredentials = (
  headers: readonly (readonly [string, string])[],
): readonly (readonly [string, string])[] =>
  headers.filter(([name]) => !credentialFields.has(name.toLowerCase()));

/** TLS options for another origin: no client certificate, and no name that was meant for the first. */
export function withoutIdentity(tls: ConnectionOptions): ConnectionOptions {
  const rest = { ...tls };
  for (const name of ['cert', 'key', 'pfx', 'passphrase', 'secureContext', 'servername'] as const) {
    delete rest[name];
  }
  return rest;
}
