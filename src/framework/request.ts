/**
 * The opening request as handlers see it.
 *
 * The rule of this file: a request that outlives its handshake keeps the head and nothing else. What was taken apart
 * for the answer is let go, and made again when a handler asks.
 */
import { type ExtensionOffer, expandHead, type KeptHead, type OpeningRequest } from '../handshake/index.ts';
import { openingOf } from './opening.ts';

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

/** A request that passed the handshake's checks. */
export class AcceptedRequest implements OpeningFacts {
  readonly #head: KeptHead;
  readonly #secure: boolean;
  #opening: OpeningRequest | undefined;

  constructor(head: KeptHead, opening: OpeningRequest, secure: boolean) {
    this.#head = head;
    this.#secure = secure;
    this.#opening = opening;
  }

  get method(): string {
    return AcceptedRequest.#known(this).method;
  }
  get url(): string {
    const { host, path, query } = AcceptedRequest.#known(this);
    return `${this.#secure ? 'wss' : 'ws'}://${host}${path}${query === '' ? '' : `?${query}`}`;
  }
  get path(): string {
    return AcceptedRequest.#known(this).path;
  }
  get query(): URLSearchParams {
    return new URLSearchParams(AcceptedRequest.#known(this).query);
  }
  get headers(): ReadonlyMap<string, string> {
    return AcceptedRequest.#known(this).headers;
  }
  get origin(): string | undefined {
    return AcceptedRequest.#known(this).origin;
  }
  get subprotocols(): readonly string[] {
    return AcceptedRequest.#known(this).subprotocols;
  }
  get extensions(): readonly ExtensionOffer[] {
    return AcceptedRequest.#known(this).extensions;
  }

  /** The same head has the same judgement, so this can not fail the second time. */
  static #known(request: AcceptedRequest): OpeningRequest {
    request.#opening ??= openingOf(expandHead(request.#head));
    return request.#opening;
  }

  /** The handshake is over: nothing may ever be asked of this request again. */
  static letGo(request: AcceptedRequest): void {
    request.#opening = undefined;
  }
}
