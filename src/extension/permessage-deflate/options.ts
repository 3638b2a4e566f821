/**
 * What a user may ask of permessage-deflate, and what is done when nothing is asked.
 *
 * The rule of this file: every option is checked here, once, so that no value reaches zlib unchecked. The defaults
 * come from measurements, recorded in docs/decisions/compression.md.
 */

/** The object form of `perMessageDeflate`. Every field is optional; `{}` is the same as `true`. */
export interface PerMessageDeflateOptions {
  /**
   * Whether the server starts every message with an empty window (RFC 7692 §7.1.1.1). Worse ratio for small
   * messages; all connections then share one compression context. As a client: whether the server is asked to, and
   * an answer without it fails the handshake. Default false.
   */
  serverNoContextTakeover?: boolean;
  /**
   * Whether the client starts every message with an empty window (RFC 7692 §7.1.1.2). As a server: the client is
   * told to, and no history is kept for it. As a client: done, and hinted in the offer. Default false. Leave it
   * false for browsers of Apple's that ignore it (Safari 15).
   */
  clientNoContextTakeover?: boolean;
  /**
   * Base-2 logarithm of the window that the server compresses with, 8 to 15 (RFC 7692 §7.1.2.1). As a server: the
   * most that is used, announced to the client. Default 12 (4 KiB), announced only when the client asks for a limit.
   * As a client: the limit that the server is asked for; not asked by default.
   */
  serverMaxWindowBits?: number;
  /**
   * Base-2 logarithm of the window that the client compresses with, 8 to 15 (RFC 7692 §7.1.2.2). As a server: the
   * limit put to a client that says it can be limited; `true`, the default, means 12 (4 KiB of history for each
   * connection), `false` means no limit. A client that does not say so is accepted with 15. As a client: the most
   * that is used; `true`, the default, offers to be limited and uses at most 12; `false` does not offer it.
   */
  clientMaxWindowBits?: number | boolean;
  /**
   * Bytes below which a message is sent uncompressed, unless its own `compress: true` asks otherwise.
   * Default 64 when messages may refer to earlier ones (context takeover), 256 when not.
   */
  threshold?: number;
  /**
   * Compression level, 0 (none) to 9 (smallest, slowest). From 1 to 3, which are the same up to 64 KiB, messages are
   * compressed without zlib and refer at most 4 KiB back. From 4 on, each connection has a zlib context. Default 3.
   */
  level?: number;
  /** zlib's memLevel, 1 to 9: memory for the internal state of compressing contexts. Default 5. */
  memLevel?: number;
  /**
   * The most zlib contexts that are kept alive for each direction, over all connections that share this
   * configuration, and eight times as many compressors of levels 1 to 3 (65,536 at most). A compressing context takes
   * about 100 KiB at the defaults, a decompressing one 11 to 40 KiB, one of those compressors 12 KiB. With more busy
   * connections than this, the least recently used lose theirs and their next message compresses as a first one
   * does; nothing else changes. Default 128.
   */
  maxContexts?: number;
  /**
   * The most messages that are (de)compressed on the thread pool at a time, over all connections that share this
   * configuration; the others wait their turn. Only messages over 64 KiB go there, and at higher levels
   * own ones over 32 KiB (level 4) or 16 KiB (level 7). Default 4.
   */
  concurrency?: number;
}

/** The options with defaults filled in; `undefined` where the default depends on what is negotiated. */
export interface DeflateSettings {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number | undefined;
  readonly clientMaxWindowBits: number | boolean;
  readonly threshold: number | undefined;
  readonly level: number;
  readonly memLevel: number;
  readonly maxContexts: number;
  readonly concurrency: number;
}

/** Window that a message is compressed with when nothing else is configured or negotiated, on either side. */
export const defaultWindowBits = 12;

const show = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value));

const integer = (name: string, value: unknown, min: number, max: number): number => {
  if (typeof value !== 'number') {
    throw new TypeError(`${name} must be a number, got ${show(value)}`);
  }
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
    throw new RangeError(`${name} must be an integer ${range}, got ${show(value)}`);
  }
  return value;
};

const boolean = (name: string, value: unknown): boolean => {
  if (typeof value !== 'boolean') {
    throw new TypeError(`${name} must be a boolean, got ${show(value)}`);
  }
  return value;
};

const windowBits = (name: string, value: unknown): number => integer(name, value, 8, 15);

/** One reader for each option; the keys are also the list of the names that exist. */
const readers: { readonly [Name in keyof Required<PerMessageDeflateOptions>]: (value: unknown) => unknown } =
  {
    serverNoContextTakeover: (value) => boolean('serverNoContextTakeover', value),
    clientNoContextTakeover: (value) => boolean('clientNoContextTakeover', value),
    serverMaxWindowBits: (value) => windowBits('serverMaxWindowBits', value),
    clientMaxWindowBits: (value) => typeof value === 'boolean' || windowBits('clientMaxWindowBits', value),
    threshold: (value) => integer('threshold', value, 0, Number.MAX_SAFE_INTEGER),
    level: (value) => integer('level', value, 0, 9),
    memLevel: (value) => integer('memLevel', value, 1, 9),
    maxContexts: (value) => integer('maxContexts', value, 1, Number.MAX_SAFE_INTEGER),
    concurrency: (value) => integer('concurrency', value, 1, Number.MAX_SAFE_INTEGER),
  };

/**
 * Checks the options and fills in the defaults. A field that is `undefined` counts as absent.
 *
 * @throws {TypeError} for an unknown field or a value of the wrong type; the message starts with the field's name
 * @throws {RangeError} for a number outside its range; the message starts with the field's name
 */
export const readOptions = (options: PerMessageDeflateOptions): DeflateSettings => {
  for (const [name, value] of Object.entries(options)) {
    const reader = Object.entries(readers).find(([known]) => known === name)?.[1];
    if (reader === undefined) {
      throw new TypeError(`${name} is not an option of permessage-deflate`);
    }
    if (value !== undefined) {
      reader(value);
    }
  }
  return {
    serverNoContextTakeover: options.serverNoContextTakeover ?? false,
    clientNoContextTakeover: options.clientNoContextTakeover ?? false,
    serverMaxWindowBits: options.serverMaxWindowBits,
    clientMaxWindowBits: options.clientMaxWindowBits ?? true,
    threshold: options.threshold,
    level: options.level ?? 3,
    memLevel: options.memLevel ?? 5,
    maxContexts: options.maxContexts ?? 128,
    concurrency: options.concurrency ?? 4,
  };
};
