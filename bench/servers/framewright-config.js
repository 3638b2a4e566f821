// The configuration of both framewright servers: the defaults, with the size limit and the compression of the row.

/** @param {{ deflate?: string, maxMessageSize: number }} options */
export function configFor({ deflate, maxMessageSize }) {
  return {
    maxMessageSize,
    maxFrameSize: maxMessageSize,
    perMessageDeflate: deflate !== undefined && { threshold: 0 },
  };
}
