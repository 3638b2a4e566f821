/**
 * How much of a head an endpoint reads before it gives up.
 *
 * One rule: limits count the bytes that came, not what the peer says will come.
 * RFC 9112 §3 (414), RFC 6585 §5 (431), RFC 6455 §10.4.
 */

export interface HeadLimits {
  /** Bytes of the whole head, from its first byte through CRLFCRLF. Default 16 384. */
  maxHeadSize: number;
  /** Field lines. Default 100. */
  maxFields: number;
  /** Bytes of the request line without its CRLF. Default 8 192. Not used for a response. */
  maxRequestLine: number;
}

export const defaultHeadLimits: Readonly<HeadLimits> = Object.freeze({
  maxHeadSize: 16_384,
  maxFields: 100,
  maxRequestLine: 8_192,
});

/**
 * Fills in the defaults.
 *
 * @throws RangeError when a limit is not a positive safe integer
 */
export function resolveHeadLimits(limits: Partial<HeadLimits> = {}): HeadLimits {
  const resolved = { ...defaultHeadLimits, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`${name} must be a positive integer, got ${String(value)}`);
    }
  }
  return resolved;
}
