/**
 * The configuration: one flat record, every field optional, checked whole before anything is opened.
 *
 * The rule of this file: a wrong value is a `ConfigError` that names the field and what it received; an unknown field
 * is one too, because a misspelt limit is no limit.
 */

import type { Connection } from '../connection/connection.ts';
import { errorOf } from '../connection/errors.ts';
import type { ConnectionSettings, Overflow } from '../connection/types.ts';
import { type PerMessageDeflateOptions, permessageDeflate } from '../extension/index.ts';
import type { Extension } from '../extension/types.ts';
import { AllowedHosts, checkExtraHeaders } from '../handshake/index.ts';
import { ConfigError } from './errors.ts';
import type { OpeningFacts } from './request.ts';

/** Picks a subprotocol out of the offered ones, or none. */
export type SubprotocolChoice = (offered: readonly string[], request: OpeningFacts) => string | undefined;
/** Judges the Origin of a browser's request. */
export type OriginPolicy = (origin: string, request: OpeningFacts) => boolean;

/** Sizes in bytes, times in milliseconds. `Infinity` (or 0 for the ping and timeout options) turns a time off. */
export interface Config {
  /** Largest payload of one frame. Default 1 MiB. */
  readonly maxFrameSize?: number;
  /** Largest message, all fragments together and after inflating. Default 1 MiB. */
  readonly maxMessageSize?: number;
  /** Most frames of one message. Default 131,072. */
  readonly maxFragments?: number;
  /** Whether a server takes unmasked frames (RFC 6455 §5.1 forbids it). Default false. */
  readonly acceptUnmaskedFrames?: boolean;
  /** High-water mark: `send` resolves at once while fewer bytes wait. Default 128 KiB. */
  readonly writeBufferSize?: number;
  /** Most bytes that may wait for a slow peer before `overflow` decides. Default 1 MiB. */
  readonly maxWriteBufferSize?: number;
  /** Beyond that: `send` waits, rejects with a `LimitError`, or the connection closes with 1013. Default `'wait'`. */
  readonly overflow?: Overflow;
  /** A ping is sent after this silence. Default 20,000; 0 = off. */
  readonly pingInterval?: number;
  /** Silence after that ping until the peer counts as dead (1006). Default 20,000; 0 = off. */
  readonly pingTimeout?: number;
  /** Time without messages until Close 1001 "idle". Default off. */
  readonly idleTimeout?: number;
  /** Whole life of a connection until Close 4000 "timeout". Default 3,600,000, or `FRAMEWRIGHT_WEBSOCKET_TIMEOUT` (seconds; 0 = off). */
  readonly sessionTimeout?: number;
  /** Time for the opening handshake. Default 10,000. */
  readonly handshakeTimeout?: number;
  /** Time for the peer's side of the closing handshake. Default 5,000. */
  readonly closeTimeout?: number;
  /** Server: supported subprotocols, or a choice. Default none. */
  readonly subprotocols?: readonly string[] | SubprotocolChoice;
  /** Server: which origins may connect when a browser sends one. Default `'same'`. */
  readonly origins?: 'same' | '*' | readonly string[] | OriginPolicy;
  /** Server: names that the Host field may have (against DNS rebinding). Default: all, but only loopback names when `listen` is bound to loopback. */
  readonly allowedHosts?: readonly string[];
  /** permessage-deflate (RFC 7692). Default false. */
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions;
  /** Further fields of the handshake: of the 101 on a server, of the request on a client. */
  readonly headers?: Readonly<Record<string, string>> | Iterable<readonly [string, string]>;
  /** Told what handlers throw. Default: a process warning. */
  readonly onError?: (error: unknown, connection?: Connection) => void;
}

/** A checked configuration. */
export interface ResolvedConfig {
  readonly settings: ConnectionSettings;
  readonly handshakeTimeout: number;
  readonly subprotocols: readonly string[] | SubprotocolChoice;
  readonly origins: 'same' | '*' | readonly string[] | OriginPolicy;
  readonly allowedHosts: AllowedHosts | undefined;
  readonly extension: Extension | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly onError: (error: unknown, connection?: Connection) => void;
}

const mebibyte = 1_048_576;
/** V8's longest string, which a text message must fit. */
const maxMessage = 0x1fff_ffe8;

/** Every field of {@link Config}, for the check for unknown ones. */
const fields: ReadonlySet<string> = new Set([
  'maxFrameSize',
  'maxMessageSize',
  'maxFragments',
  'acceptUnmaskedFrames',
  'writeBufferSize',
  'maxWriteBufferSize',
  'overflow',
  'pingInterval',
  'pingTimeout',
  'idleTimeout',
  'sessionTimeout',
  'handshakeTimeout',
  'closeTimeout',
  'subprotocols',
  'origins',
  'allowedHosts',
  'perMessageDeflate',
  'headers',
  'onError',
]);

/** Name of the environment variable that sets the default of `sessionTimeout`, in seconds. */
export const sessionTimeoutVariable = 'FRAMEWRIGHT_WEBSOCKET_TIMEOUT';

/**
 * Checks a configuration and fills in the defaults.
 *
 * @param also fields that the caller takes care of itself
 * @throws {ConfigError} for the first wrong or unknown field
 */
export function resolveConfig(config: Config = {}, also: readonly string[] = []): ResolvedConfig {
  if (typeof config !== 'object' || config === null) throw new ConfigError('config', config, 'an object');
  for (const key of Object.keys(config)) {
    if (!fields.has(key) && !also.includes(key)) {
      throw new ConfigError(key, Reflect.get(config, key), 'a known option');
    }
  }
  const size = (name: keyof Config, fallback: number, least = 1): number =>
    count(name, config[name], fallback, least, maxMessage);
  return {
    settings: Object.freeze({
      maxFrameSize: size('maxFrameSize', mebibyte),
      maxMessageSize: size('maxMessageSize', mebibyte),
      maxFragments: size('maxFragments', 131_072),
      acceptUnmaskedFrames: oneOf('acceptUnmaskedFrames', config.acceptUnmaskedFrames ?? false, [
        true,
        false,
      ]),
      writeBufferSize: size('writeBufferSize', 131_072, 0),
      maxWriteBufferSize: size('maxWriteBufferSize', Math.max(mebibyte, config.writeBufferSize ?? 0)),
      overflow: oneOf<Overflow>('overflow', config.overflow ?? 'wait', ['wait', 'error', 'close']),
      pingInterval: optionalTime('pingInterval', config.pingInterval, 20_000),
      pingTimeout: optionalTime('pingTimeout', config.pingTimeout, 20_000),
      idleTimeout: optionalTime('idleTimeout', config.idleTimeout, Infinity),
      sessionTimeout: optionalTime('sessionTimeout', config.sessionTimeout, sessionTimeoutDefault()),
      closeTimeout: optionalTime('closeTimeout', config.closeTimeout, 5_000),
    }),
    handshakeTimeout: optionalTime('handshakeTimeout', config.handshakeTimeout, 10_000),
    subprotocols: listOr('subprotocols', config.subprotocols ?? []),
    origins: origins(config.origins ?? 'same'),
    allowedHosts:
      config.allowedHosts === undefined
        ? undefined
        : new AllowedHosts(strings('allowedHosts', config.allowedHosts)),
    extension: extension(config.perMessageDeflate ?? false),
    headers: headers(config.headers),
    onError: listener(config.onError),
  };
}

function count(name: string, value: unknown, fallback: number, least: number, most: number): number {
  if (value === undefined) return fallback;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) {
    throw new ConfigError(name, value, `a whole number from ${least} to ${most}`);
  }
  return value;
}

/** Longest time that a timer of Node's can have. */
const longestTime = 2 ** 31 - 1;

function optionalTime(name: string, value: unknown, fallback: number): number {
  if (value === undefined) return fallback;
  if (value === 0 || value === Infinity) return Infinity;
  if (typeof value !== 'number' || !(value > 0) || value > longestTime) {
    throw new ConfigError(name, value, `milliseconds up to ${longestTime}, or 0 or Infinity for none`);
  }
  return value;
}

function sessionTimeoutDefault(): number {
  const text = process.env[sessionTimeoutVariable];
  if (text === undefined || text === '') return 3_600_000;
  const seconds = text === 'Infinity' ? 0 : Number(text);
  if (!/^(?:[0-9]+(?:\.[0-9]+)?|Infinity)$/.test(text) || seconds * 1_000 > longestTime) {
    throw new ConfigError(sessionTimeoutVariable, text, 'a number of seconds, or 0 for none');
  }
  return seconds === 0 ? Infinity : seconds * 1_000;
}

function oneOf<Value>(name: string, value: Value, allowed: readonly Value[]): Value {
  if (!allowed.includes(value))
    throw new ConfigError(name, value, allowed.map((one) => String(one)).join(' or '));
  return value;
}

function strings(name: string, value: unknown): readonly string[] {
  if (!Array.isArray(value)) throw new ConfigError(name, value, 'a list of strings');
  for (const [index, one] of value.entries()) {
    if (typeof one !== 'string' || one === '') throw new ConfigError(`${name}[${index}]`, one, 'a string');
  }
  return Object.freeze([...value]);
}

function listOr<Choice>(name: string, value: readonly string[] | Choice): readonly string[] | Choice {
  return typeof value === 'function' ? value : strings(name, value);
}

function origins(value: NonNullable<Config['origins']>): ResolvedConfig['origins'] {
  if (value === 'same' || value === '*' || typeof value === 'function') return value;
  if (typeof value === 'string') throw new ConfigError('origins', value, "'same', '*', a list or a function");
  return strings('origins', value);
}

function extension(value: boolean | PerMessageDeflateOptions): Extension | undefined {
  if (value === false) return undefined;
  if (value !== true && (typeof value !== 'object' || value === null)) {
    throw new ConfigError('perMessageDeflate', value, 'a boolean or an object');
  }
  try {
    return permessageDeflate(value === true ? {} : value);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const field = Object.keys(value).find((key) => message.includes(key));
    const path = field === undefined ? 'perMessageDeflate' : `perMessageDeflate.${field}`;
    throw new ConfigError(path, field === undefined ? value : Reflect.get(Object(value), field), message, {
      cause: error,
    });
  }
}

function headers(value: Config['headers']): readonly (readonly [string, string])[] {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null)
    throw new ConfigError('headers', value, 'a record or a list of pairs');
  const list = Symbol.iterator in value ? [...value] : Object.entries(value);
  try {
    checkExtraHeaders(list, 'response');
  } catch (error) {
    throw new ConfigError('headers', value, error instanceof Error ? error.message : 'valid fields', {
      cause: error,
    });
  }
  return list;
}

function listener(value: Config['onError']): NonNullable<Config['onError']> {
  if (value === undefined) return warn;
  if (typeof value !== 'function') throw new ConfigError('onError', value, 'a function');
  return (error, connection) => {
    try {
      // A listener may be an async function: that it rejects must not be an unhandled rejection.
      Promise.resolve(value(error, connection)).catch(warn);
    } catch (thrown) {
      warn(thrown);
    }
  };
}

/** Without an `onError` a handler's fault must not vanish, nor take the process down. */
function warn(error: unknown): void {
  process.emitWarning(errorOf(error), { code: 'FRAMEWRIGHT_HANDLER' });
}
