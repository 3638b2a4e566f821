/** Reads the payload lengths out of a client's byte stream, so that a limit on frames can be held against any server. */
export class FrameSizes {
  #header: number[] = [];
  #payload = 0;

  /** @returns the largest payload length that a frame header in this chunk claims */
  largest(chunk: Uint8Array): number {
    let largest = 0;
    for (let at = 0; at < chunk.length; ) {
      if (this.#payload > 0) {
        const skipped = Math.min(this.#payload, chunk.length - at);
        this.#payload -= skipped;
        at += skipped;
        continue;
      }
      this.#header.push(chunk[at] ?? 0);
      at += 1;
      const length = claimedLength(this.#header);
      if (length === undefined) continue;
      this.#header = [];
      this.#payload = length;
      largest = Math.max(largest, length);
    }
    return largest;
  }
}

/** The length that a header claims, once its last byte (the end of the masking key) is there (RFC 6455 §5.2). */
function claimedLength(header: readonly number[]): number | undefined {
  const short = (header[1] ?? 0) & 0x7f;
  const extended = short === 127 ? 8 : short === 126 ? 2 : 0;
  if (header.length < 2 + extended + 4) return undefined;
  if (extended === 0) return short;
  return header.slice(2, 2 + extended).reduce((length, byte) => length * 256 + byte, 0);
}
