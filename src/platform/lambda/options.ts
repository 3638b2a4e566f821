/**
 * The options of the Lambda adapter and their defaults.
 *
 * The rule of this file: all options are judged when the handler is made, which is when the function starts, so that
 * a misspelt one never waits for the first client to show.
 */
import { firstSupported, type OriginPolicy, type SubprotocolChoice } from './answer.ts';
import type { CallSettings } from './calls.ts';
import { type EndpointOptions, endpointExpected, isEndpoint } from './endpoint.ts';
import { ConfigError } from './errors.ts';
import type { GatewayEvent } from './gateway.ts';
import type { ManagementApiFactory } from './management-api.ts';
import type { MessageSettings } from './message.ts';

/** Options of a handler. Every one is optional; sizes in bytes, times in milliseconds. */
export interface LambdaOptions {
  /**
   * URL of the management API, with the stage (or a custom domain's mapping) as path. By default it is taken from the
   * event: the API's own `execute-api` host, under a custom domain too. Needed where that host is disabled.
   */
  readonly endpoint?: string | ((event: GatewayEvent) => string) | undefined;
  /** Region that calls are signed for. Default: that of the endpoint's host, else `AWS_REGION`. */
  readonly region?: string | undefined;
  /** Merged into the configuration of the SDK's client: `credentials`, `requestHandler`, `logger` and so on. */
  readonly clientConfig?: object | undefined;
  /** Replaces the SDK's client. Called once per endpoint. */
  readonly managementApi?: ManagementApiFactory | undefined;
  /**
   * What `send` does with bytes: `'refuse'` (default) rejects with an UnsupportedError, `'base64'` sends one text
   * message that holds their base64.
   */
  readonly binary?: 'refuse' | 'base64' | undefined;
  /** Bytes of UTF-8 that one message may have. Default 131,072 (128 KiB), which is API Gateway's limit. */
  readonly maxMessageSize?: number | undefined;
  /** Subprotocols that a client is accepted with when the connect handler names none; the client's order counts. */
  readonly subprotocols?: readonly string[] | SubprotocolChoice | undefined;
  /**
   * Who may connect when the request has an Origin header, as those of browsers have: `'same'` (host and port as in
   * Host), `'*'`, a list of origins, or a function. Others are refused with 403 before a handler runs. Default `'*'`,
   * other than on the platforms whose own host can serve pages: that of an API cannot (RFC 6455 §10.2).
   */
  readonly origins?: OriginPolicy | undefined;
  /** Attempts per call of the management API, the first one included. Default 4. */
  readonly attempts?: number | undefined;
  /** Upper bound of the random pause after the first attempt; doubles with each further one. Default 100. */
  readonly retryDelay?: number | undefined;
  /** What that bound never exceeds. Default 2,000. */
  readonly maxRetryDelay?: number | undefined;
  /** How long one attempt may take. Default 5,000; never longer than the invocation has left. */
  readonly requestTimeout?: number | undefined;
  /**
   * Gets what a handler throws; the invocation is then answered with 500. Without it the error goes to Lambda's
   * runtime, which logs it and counts it in the function's metrics.
   */
  readonly onError?: ((error: unknown, event: GatewayEvent) => void | Promise<void>) | undefined;
  /** Waits. Replaceable so that tests need no clock. */
  readonly sleep?: ((milliseconds: number) => Promise<void>) | undefined;
  /** A number from 0 up to, not including, 1. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** The options with their defaults. */
export interface LambdaSettings extends CallSettings, MessageSettings, EndpointOptions {
  readonly chooseSubprotocol: SubprotocolChoice;
  readonly origins: OriginPolicy;
}

/** Bytes that API Gateway lets one message have. */
export const gatewayMessageSize = 131_072;

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

const atLeast = (least: number) => (value: unknown) => Number.isInteger(value) && Number(value) >= least;
const isDuration = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isNames = (value: unknown): boolean =>
  Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '');

/** What every option must be. */
const rules: Readonly<Record<keyof LambdaOptions, readonly [(value: unknown) => boolean, string]>> = {
  endpoint: [
    (value) => isFunction(value) || (typeof value === 'string' && isEndpoint(value)),
    `${endpointExpected}, or a function`,
  ],
  region: [(value) => typeof value === 'string' && value !== '', 'a region name'],
  clientConfig: [(value) => typeof value === 'object' && value !== null, 'an object'],
  managementApi: [isFunction, 'a function of the endpoint'],
  binary: [(value) => value === 'refuse' || value === 'base64', "'refuse' or 'base64'"],
  maxMessageSize: [atLeast(1), 'a number of bytes, at least 1'],
  subprotocols: [(value) => isFunction(value) || isNames(value), 'an array of names or a function'],
  origins: [
    (value) => value === 'same' || value === '*' || isFunction(value) || isNames(value),
    "'same', '*', an array of origins or a function",
  ],
  attempts: [atLeast(1), 'a whole number, at least 1'],
  retryDelay: [isDuration, 'a number of milliseconds'],
  maxRetryDelay: [isDuration, 'a number of milliseconds'],
  requestTimeout: [atLeast(1), 'a whole number of milliseconds, at least 1'],
  onError: [isFunction, 'a function'],
  sleep: [isFunction, 'a function'],
  random: [isFunction, 'a function'],
};

/** @throws ConfigError for an unknown option and for a bad value */
export function readOptions(options: LambdaOptions): LambdaSettings {
  for (const [name, value] of Object.entries(options)) {
    const rule = Object.entries(rules).find(([known]) => known === name)?.[1];
    if (rule === undefined) throw new ConfigError(name, value, 'a known option');
    const [isValid, expected] = rule;
    if (value !== undefined && !isValid(value)) throw new ConfigError(name, value, expected);
  }
  const { subprotocols = [] } = options;
  return {
    endpoint: options.endpoint,
    region: options.region,
    binary: options.binary ?? 'refuse',
    maxMessageSize: options.maxMessageSize ?? gatewayMessageSize,
    chooseSubprotocol: typeof subprotocols === 'function' ? subprotocols : firstSupported(subprotocols),
    origins: options.origins ?? '*',
    attempts: options.attempts ?? 4,
    retryDelay: options.retryDelay ?? 100,
    maxRetryDelay: options.maxRetryDelay ?? 2_000,
    requestTimeout: options.requestTimeout ?? 5_000,
    sleep: options.sleep ?? pause,
    random: options.random ?? Math.random,
  };
}
