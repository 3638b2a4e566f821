/**
 * The connections of one API and stage, as far as one invocation speaks to them.
 *
 * The rule of this file: one object per connection id, so that order and the knowledge of its end hold for all who
 * ask for it; and none outlives the invocation, because an id that answers 410 today may be one whose $connect had
 * not returned yet.
 */
import type { CallSettings, CallTarget } from './calls.ts';
import { configuredEndpoint } from './endpoint.ts';
import { ConfigError } from './errors.ts';
import { managementApis } from './management-api.ts';
import type { MessageSettings } from './message.ts';
import { type LambdaOptions, readOptions } from './options.ts';
import { LambdaPeer } from './peer.ts';
import { PendingCalls } from './pending-calls.ts';

/** Connections by their id. */
export interface LambdaPeers {
  /**
   * The connection with this id. Nothing is asked of API Gateway before the first call.
   *
   * @throws TypeError when the id is not a string, empty, or dots alone
   */
  to(connectionId: string): LambdaPeer;
  /** Waits for all calls that are on their way. @returns the failures among them, without those of gone connections */
  settle(): Promise<readonly unknown[]>;
}

/** The connections that one invocation speaks to. */
export class InvocationPeers implements LambdaPeers {
  readonly #target: CallTarget;
  readonly #settings: CallSettings & MessageSettings;
  readonly #peers = new Map<string, LambdaPeer>();
  readonly #pending = new PendingCalls();

  constructor(target: CallTarget, settings: CallSettings & MessageSettings) {
    this.#target = target;
    this.#settings = settings;
  }

  to(connectionId: string): LambdaPeer {
    return this.#peers.get(connectionId) ?? this.#add(connectionId);
  }

  /** Adds a connection to which no call is possible, for the reason given. */
  refuse(connectionId: string, refusal: Error): LambdaPeer {
    return this.#add(connectionId, refusal);
  }

  settle(): Promise<readonly unknown[]> {
    return this.#pending.settle();
  }

  #add(connectionId: string, refusal?: Error): LambdaPeer {
    // Nothing but dots would be a path to another resource of the API; everything else is encoded into one segment.
    if (typeof connectionId !== 'string' || /^\.*$/.test(connectionId)) {
      throw new TypeError('a connection id is a string that has more than dots');
    }
    const peer = new LambdaPeer(connectionId, this.#target, this.#settings, this.#pending, refusal);
    this.#peers.set(connectionId, peer);
    return peer;
  }
}

/** The connections of an API, for a function that another trigger starts (a queue, a schedule, a stream). */
export function openPeers(options: LambdaOptions): () => LambdaPeers {
  const settings = readOptions(options);
  const { endpoint } = settings;
  if (typeof endpoint !== 'string') {
    throw new ConfigError('endpoint', endpoint, 'a URL, since there is no event to take it from');
  }
  const configured = configuredEndpoint(endpoint, settings.region);
  const apiOf = managementApis(options);
  const target: CallTarget = {
    api: () => apiOf(configured),
    remaining: () => Number.POSITIVE_INFINITY,
  };
  return () => new InvocationPeers(target, settings);
}
