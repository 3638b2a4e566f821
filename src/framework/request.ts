/**
 * The opening request as handlers see it.
 */
import type { ExtensionOffer, OpeningRequest } from '../handshake/index.ts';

/** What is known of a request before it is answered. */
export interface OpeningFacts {
  /** Always `GET`. */
  readonly method: string;
  /** Absolute URL, `ws:` or `wss:`, from the Host field and the target. */
  readonly url: string;
  /** Path as it was sent, percent-encoding untouched. */
  readonly path: string;
  /** Parsed query. */
  readonly query: URLSearchParams;
  /** Fields by lower-case name; repeated ones are joined with `, `. */
  readonly headers: ReadonlyMap<string, string>;
  readonly origin: string | undefined;
  /** Subprotocols that the client offers, its favourite first. */
  readonly subprotocols: readonly string[];
  /** Extensions that the client offers. */
  readonly extensions: readonly ExtensionOffer[];
}

/** A request that passed the handshake's checks. What has to be parsed is parsed when it is asked for. */
export class AcceptedRequest implements OpeningFacts {
  readonly #opening: OpeningRequest;
  readonly #secure: boolean;

  constructor(opening: OpeningRequest, secure: boolean) {
    this.#opening = opening;
    this.#secure = secure;
  }

  get method(): string {
    return this.#opening.method;
  }
  get url(): string {
    const { host, path, query } = this.#opening;
    return `${this.#secure ? 'wss' : 'ws'}://${host}${path}${query === '' ? '' : `?${query}`}`;
  }
  get path(): string {
    return this.#opening.path;
  }
  get query(): URLSearchParams {
    return new URLSearchParams(this.#opening.query);
  }
  get headers(): ReadonlyMap<string, string> {
    return this.#opening.headers;
  }
  get origin(): string | undefined {
    return this.#opening.origin;
  }
  get subprotocols(): readonly string[] {
    return this.#opening.subprotocols;
  }
  get extensions(): readonly ExtensionOffer[] {
    return this.#opening.extensions;
  }
}
