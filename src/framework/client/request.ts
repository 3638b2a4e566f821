/**
 * One opening request of a client: what is sent, and how it looks on the connection that comes of it.
 *
 * The rule of this file: every request has a key of its own, 16 bytes from the system's random generator
 * (RFC 6455 §4.1 (7)).
 */
import { randomBytes } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { acceptValue, type ExtensionOffer, formatOpeningRequest } from '../../handshake/index.ts';
import { ConfigError } from '../errors.ts';
import type { OpeningFacts } from '../request.ts';
import { sha1Base64 } from '../runtime.ts';
import { type ClientPlan, checkSendable } from './options.ts';
import { isSameOrigin, withoutCredentials, withoutIdentity } from './redirect.ts';
import { type ConnectTarget, parseUrl } from './target.ts';

type Header = readonly [name: string, value: string];

/** A request to be made. */
export interface PlannedRequest {
  readonly target: ConnectTarget;
  readonly headers: readonly Header[];
  readonly tls: ConnectionOptions;
}

/** The request for a URL. Its user name and password become an Authorization field. @throws {ConfigError} */
export function planRequest(url: string | URL, plan: ClientPlan): PlannedRequest {
  const { target, authorization } = parseUrl(url);
  checkSendable('url', target.url, { host: target.authority, target: target.path });
  const { headers } = plan.config;
  if (authorization === undefined) return { target, headers, tls: plan.tls };
  if (headers.some(([name]) => name.toLowerCase() === 'authorization')) {
    throw new ConfigError('url', target.url, 'no user name beside an Authorization field');
  }
  return { target, headers: [['Authorization', authorization], ...headers], tls: plan.tls };
}

/** The same request to where a redirect leads. */
export function redirected(request: PlannedRequest, target: ConnectTarget): PlannedRequest {
  if (isSameOrigin(request.target, target)) return { ...request, target };
  return { target, headers: withoutCredentials(request.headers), tls: withoutIdentity(request.tls) };
}

/** A request as it goes out: its text, and what the answer must fit. */
export class SentRequest implements OpeningFacts {
  readonly method = 'GET';
  readonly origin: string | undefined;
  readonly subprotocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
  readonly #request: PlannedRequest;

  constructor(request: PlannedRequest, plan: ClientPlan) {
    this.#request = request;
    this.origin = plan.origin;
    this.subprotocols = plan.subprotocols;
    this.extensions = plan.config.extension?.offers() ?? [];
  }

  get url(): string {
    return this.#request.target.url;
  }
  get path(): string {
    return this.#request.target.path.replace(/\?.*$/s, '');
  }
  get query(): URLSearchParams {
    return new URLSearchParams(/\?.*$/s.exec(this.#request.target.path)?.[0]);
  }
  /** The further fields that were sent, by lower-case name. */
  get headers(): ReadonlyMap<string, string> {
    return new Map(this.#request.headers.map(([name, value]) => [name.toLowerCase(), value]));
  }

  /** The head's text, with a fresh key, and the accept value that proves that the server has read it. */
  write(): { readonly text: string; readonly accept: string } {
    const key = randomBytes(16).toString('base64');
    const { target, headers } = this.#request;
    const text = formatOpeningRequest({
      host: target.authority,
      target: target.path,
      key,
      origin: this.origin,
      subprotocols: this.subprotocols,
      extensions: this.extensions,
      headers,
    });
    return { text, accept: acceptValue(key, sha1Base64) };
  }
}
