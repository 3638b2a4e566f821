/**
 * One connection of the API, seen from a function: send, close, info.
 *
 * The rule of this file: calls to one connection run one after the other, in the order they were made, since each is
 * an HTTP request of its own and the network keeps no order between requests. Once the connection is known to be
 * gone, nothing is asked of API Gateway any more.
 */
import { type CallSettings, type CallTarget, call } from './calls.ts';
import { ClosedError, type Closure, type ManagementOperation } from './errors.ts';
import type { ConnectionInfo, ManagementApi } from './management-api.ts';
import { encodeMessage, type MessageSettings } from './message.ts';
import type { PendingCalls } from './pending-calls.ts';

/** A connection of the same API and stage, by its id. */
export class LambdaPeer {
  readonly connectionId: string;
  readonly #target: CallTarget;
  readonly #settings: CallSettings & MessageSettings;
  readonly #pending: PendingCalls;
  #closure: Closure | undefined;
  #refusal: Error | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param refusal why no call is possible at all, if so (the connection does not exist yet, or not any more) */
  constructor(
    connectionId: string,
    target: CallTarget,
    settings: CallSettings & MessageSettings,
    pending: PendingCalls,
    refusal?: Error,
  ) {
    this.connectionId = connectionId;
    this.#target = target;
    this.#settings = settings;
    this.#pending = pending;
    this.#refusal = refusal;
    if (refusal instanceof ClosedError) this.#closure = refusal.closure;
  }

  /** How the connection ended; undefined as long as nothing is known of its end. */
  get closure(): Closure | undefined {
    return this.#closure;
  }

  /**
   * Sends one message; resolves when API Gateway has accepted it.
   *
   * @throws LimitError over 128 KiB of UTF-8 (`maxMessageSize`), before anything is sent
   * @throws UnsupportedError for bytes, unless the option `binary` is `'base64'`: API Gateway sends text only
   * @throws StateError during $connect, when the connection does not exist yet
   * @throws ClosedError when the connection is gone
   * @throws ManagementApiError when API Gateway does not take the message
   */
  send(message: string | Uint8Array): Promise<void> {
    return this.#pending.track(this.#send(message));
  }

  /**
   * Closes the connection; resolves with how it ended, which is an earlier end if there was one. The peer gets code
   * 1000, always: the management API takes neither code nor reason.
   *
   * @throws StateError during $connect; refuse the client there instead
   * @throws ManagementApiError when API Gateway does not take the call
   */
  close(): Promise<Closure> {
    return this.#pending.track(this.#close());
  }

  /**
   * What API Gateway knows about the connection.
   *
   * @throws StateError during $connect
   * @throws ClosedError when the connection is gone
   * @throws ManagementApiError when API Gateway does not take the call
   */
  info(): Promise<ConnectionInfo> {
    return this.#pending.track(this.#call('get', (api, signal) => api.get(this.connectionId, signal)));
  }

  async #send(message: string | Uint8Array): Promise<void> {
    const data = encodeMessage(message, this.#settings);
    await this.#call('post', (api, signal) => api.post(this.connectionId, data, signal));
  }

  async #close(): Promise<Closure> {
    try {
      return await this.#call('delete', async (api, signal) => {
        await api.delete(this.connectionId, signal);
        return this.#end(new ClosedError({ code: 1000, reason: '', clean: true, by: 'us' }));
      });
    } catch (error) {
      if (error instanceof ClosedError) return error.closure;
      throw error;
    }
  }

  async #call<Answer>(
    operation: ManagementOperation,
    attempt: (api: ManagementApi, signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    if (this.#refusal !== undefined) throw this.#refusal;
    const turn = this.#last.then(() => {
      if (this.#refusal !== undefined) throw this.#refusal;
      return call(operation, this.connectionId, this.#target, this.#settings, attempt);
    });
    this.#last = turn.catch(() => undefined);
    try {
      return await turn;
    } catch (error) {
      if (error instanceof ClosedError) this.#end(error);
      throw error;
    }
  }

  #end(error: ClosedError): Closure {
    this.#refusal ??= error;
    this.#closure ??= error.closure;
    return this.#closure;
  }
}
