/**
 * The options that mean something on Workers.
 *
 * The rule of this file: an option that is not known here is an error, also when another platform knows it. The
 * runtime owns the wire, so there is nothing to set about frames, masking, pings or compression.
 */
import { ConfigError } from './errors.ts';
import type { WorkersRequest } from './request.ts';

/** Options of the opening handshake. */
export interface HandshakeConfig {
  /**
   * Subprotocols this endpoint speaks; the client's first that is among them is chosen. Or a function that chooses one
   * of the offered. Default: none (RFC 6455 §1.9).
   */
  readonly subprotocols?:
    | readonly string[]
    | ((offered: readonly string[], request: WorkersRequest) => string | undefined);
  /**
   * Who may connect when the request has an Origin header: `same` (host and port as in Host), `*`, a list of origins,
   * or a function. Others get 403. Default `same` (RFC 6455 §10.2).
   */
  readonly origins?:
    | 'same'
    | '*'
    | readonly string[]
    | ((origin: string, request: WorkersRequest) => boolean);
  /** Further fields of the 101 response. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Limits of a socket that is served in memory. Sizes in bytes, times in milliseconds. */
export interface PeerConfig {
  /**
   * Largest message to take; a larger one fails the connection with 1009. The runtime hands messages over whole, so
   * this does not save its memory; its own limit is 32 MiB. Default 1 MiB.
   */
  readonly maxMessageSize?: number;
  /**
   * Most that may wait for `recv`; text counts two bytes a character, every message 64 bytes more. The runtime cannot
   * be told to stop reading, so the connection fails with 1013 when a handler falls behind. One message is always
   * taken, whatever its size. Default 4 MiB.
   */
  readonly maxQueueSize?: number;
  /** High-water mark: `send` waits while more than this has not left the runtime. Default 128 KiB. */
  readonly writeBufferSize?: number;
  /** A message that would put more than this in the way of a slow peer is not sent. Default 16 MiB. */
  readonly maxWriteBufferSize?: number;
  /** How long to wait for the peer's Close after ours; `Infinity`: no limit. Default 5000. */
  readonly closeTimeout?: number;
  /** Is told what a handler throws. Default: `console.error`. */
  readonly onError?: (error: unknown) => void;
}

/** Every option, all optional. */
export interface Config extends HandshakeConfig, PeerConfig {}

type Complete<T> = { readonly [Key in keyof T]-?: T[Key] };

export type Settings = Complete<Config>;

export const defaults: Settings = {
  subprotocols: [],
  origins: 'same',
  headers: {},
  maxMessageSize: 1_048_576,
  maxQueueSize: 4_194_304,
  writeBufferSize: 131_072,
  maxWriteBufferSize: 16_777_216,
  closeTimeout: 5000,
  onError: (error) => console.error(error),
};

const isChoice = (value: unknown): boolean => Array.isArray(value) || typeof value === 'function';

/** Whether the value is of the default's kind, or of another that the option allows. */
function accepts(name: keyof Settings, value: unknown): boolean {
  if (name === 'subprotocols') return isChoice(value);
  if (name === 'origins') return value === 'same' || value === '*' || isChoice(value);
  return (
    typeof value === typeof defaults[name] && value !== null && (typeof value !== 'number' || value >= 0)
  );
}

const isOption = (name: string): name is keyof Settings => Object.hasOwn(defaults, name);

/**
 * Fills in the defaults.
 *
 * @throws {ConfigError} for an unknown option or a bad value
 */
export function resolve(config: Config): Settings {
  const given: [string, unknown][] = Object.entries(config).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!isOption(name)) throw new ConfigError(name, value, 'no option on Workers');
    if (!accepts(name, value)) throw new ConfigError(name, value, 'bad value');
  }
  return { ...defaults, ...Object.fromEntries(given) };
}
