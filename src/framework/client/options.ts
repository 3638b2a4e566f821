/**
 * The options of a client, checked whole before a socket is opened.
 *
 * The rule of this file: text that could not stand in the request is a `ConfigError` here, found by formatting a
 * sample request with it, so that one set of rules decides (RFC 6455 §4.1, §11.3).
 */
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { formatOpeningRequest, type OpeningRequestParts } from '../../handshake/index.ts';
import { type Config, type ResolvedConfig, resolveConfig } from '../config.ts';
import { ConfigError } from '../errors.ts';
import type { ConnectTarget } from './target.ts';

/**
 * Options of `connect`: the limits, pings and times of {@link Config}, and what only a client has. A server's policies
 * on requests (`origins`, `allowedHosts`) are taken and have no effect, so that both ends can share one configuration.
 */
export interface ConnectOptions extends Omit<Config, 'subprotocols' | 'acceptUnmaskedFrames'> {
  /** For a server to relax. A client masks always, and takes unmasked frames only (RFC 6455 §5.1). */
  readonly acceptUnmaskedFrames?: false;
  /** Subprotocols to offer, the favourite first. The server may pick one of them or none. Default none. */
  readonly subprotocols?: readonly string[];
  /** Value of the Origin field. Default: none is sent. */
  readonly origin?: string;
  /** Gives up the opening handshake; `connect` rejects with its reason. No effect once the connection is open. */
  readonly signal?: AbortSignal;
  /** Node's TLS options for `wss:`. Certificates are verified unless `rejectUnauthorized: false` stands here. */
  readonly tls?: ConnectionOptions;
  /**
   * Makes the socket, for a proxy or a transport of your own. For a secure target TLS is put on what it returns,
   * unless that is a TLS socket already. `signal` is aborted when nobody waits for the socket any more.
   */
  readonly createConnection?: (target: ConnectTarget, signal: AbortSignal) => Duplex | Promise<Duplex>;
  /**
   * Most redirects to follow, 0 to 5. Default 0. Never from `wss:` to `ws:`; Authorization, Cookie,
   * Proxy-Authorization and client certificates do not follow to another origin.
   */
  readonly followRedirects?: number;
}

/** Checked options. */
export interface ClientPlan {
  readonly config: ResolvedConfig;
  readonly subprotocols: readonly string[];
  readonly origin: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly tls: ConnectionOptions;
  readonly createConnection: ConnectOptions['createConnection'];
  readonly followRedirects: number;
}

/** Fields of {@link ConnectOptions} that are no part of the configuration. */
const clientFields = ['origin', 'signal', 'tls', 'createConnection', 'followRedirects'] as const;

/** Most redirects that can be asked for. */
const maxRedirects = 5;

const sample: OpeningRequestParts = { host: 'localhost', target: '/', key: 'AAAAAAAAAAAAAAAAAAAAAA==' };

/** @throws {ConfigError} when the request could not be written with these parts */
export function checkSendable(path: string, received: unknown, parts: Partial<OpeningRequestParts>): void {
  try {
    formatOpeningRequest({ ...sample, ...parts });
  } catch (cause) {
    throw new ConfigError(path, received, cause instanceof Error ? cause.message : 'valid text', { cause });
  }
}

/** Checks the options and fills in the defaults. @throws {ConfigError} for the first wrong or unknown one */
export function resolveOptions(options: ConnectOptions, also: readonly string[] = []): ClientPlan {
  const config = resolveConfig(options, [...clientFields, ...also]);
  if (config.settings.acceptUnmaskedFrames) {
    throw new ConfigError('acceptUnmaskedFrames', true, 'false: only a server can relax this rule');
  }
  const { subprotocols } = config;
  if (typeof subprotocols === 'function') throw new ConfigError('subprotocols', subprotocols, 'a list');
  const { origin, signal, tls = {}, createConnection, followRedirects = 0 } = options;
  checkSendable('subprotocols', subprotocols, { subprotocols });
  checkSendable('headers', options.headers, { headers: config.headers });
  checkSendable('origin', origin, { origin, headers: config.headers });
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ConfigError('signal', signal, 'an AbortSignal');
  }
  if (typeof tls !== 'object' || tls === null) throw new ConfigError('tls', tls, 'TLS options');
  if (createConnection !== undefined && typeof createConnection !== 'function') {
    throw new ConfigError('createConnection', createConnection, 'a function');
  }
  if (!Number.isInteger(followRedirects) || followRedirects < 0 || followRedirects > maxRedirects) {
    throw new ConfigError('followRedirects', followRedirects, `a whole number from 0 to ${maxRedirects}`);
  }
  return { config, subprotocols, origin, signal, tls, createConnection, followRedirects };
}
