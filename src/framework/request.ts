/**
 * The opening request as handlers see it.
 *
 * The rule of this file: a request that outlives its handshake keeps the head and nothing else. What was taken apart
 * for the answer is let go, and made again when a handler asks.
 */
import {
  compactHead,
  type ExtensionOffer,
  type OpeningRequest,
  type RequestHead,
} from '../handshake/index.ts';
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
  #head: RequestHead;
  readonly #secure: boolean;
  #opening: OpeningRequest | undefined;

  constructor(head: RequestHead, opening: OpeningRequest, secure: boolean) {
    this.#head = head;
    this.#secure = secure;
    this.#opening = opening;
  }

  get method(): string {
    return this.#known.method;
  }
  get url(): string {
    const { host, path, query } = this.#known;
    return `${this.#secure ? 'wss' : 'ws'}://${host}${path}${query === '' ? '' : `?${query}`}`;
  }
  get path(): string {
    return this.#known.path;
  }
  get query(): URLSearchParams {
    return new URLSearchParams(this.#known.query);
  }
  get headers(): ReadonlyMap<string, string> {
    return this.#known.headers;
  }
  get origin(): string | undefined {
    return this.#known.origin;
  }
  get subprotocols(): readonly string[] {
    return this.#known.subprotocols;
  }
  get extensions(): readonly ExtensionOffer[] {
    return this.#known.extensions;
  }

  /** The same head has the same judgement, so this can not fail the second time. */
  get #known(): OpeningRequest {
    this.#opening ??= openingOf(this.#head);
    return this.#opening;
  }

  /** The handshake is over: nothing may ever be asked of this request again. */
  static letGo(request: AcceptedRequest): void {
    request.#opening = undefined;
    request.#head = compactHead(request.#head);
  }
}
