/**
 * The answer to an opening request as a value: accepted with a handler, or refused.
 *
 * The rule of this file: making a response does nothing; `WebSocketContext.respond` carries it out, once.
 */
import type { Connection } from '../connection/connection.ts';
import type { ResolvedConfig } from './config.ts';
import type { OpeningFacts } from './request.ts';

/** Runs for the life of a connection: returning closes with 1000, throwing with 1011. */
export type SessionHandler = (connection: Connection<OpeningFacts>) => void | Promise<void>;

/** What to answer. */
export class WebSocketResponse {
  /** 101, or the status of the refusal. */
  readonly status: number;
  /** Fields beside those that the handshake itself needs. */
  readonly headers: readonly (readonly [string, string])[];
  /** Body of a refusal. */
  readonly body: string | undefined;
  /** What an accepted connection runs. */
  readonly handler: SessionHandler | undefined;
  /** How an accepted connection is set. */
  readonly config: ResolvedConfig | undefined;

  constructor(
    status: number,
    headers: WebSocketResponse['headers'],
    body: string | undefined,
    handler?: SessionHandler,
    config?: ResolvedConfig,
  ) {
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.handler = handler;
    this.config = config;
  }
}
