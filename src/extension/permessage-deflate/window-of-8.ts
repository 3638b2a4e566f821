/**
 * Whether zlib keeps to a window of 256 bytes when it is asked to (RFC 7692 §7.1.2).
 *
 * zlib cannot compress with such a window, and Node quietly takes one of 512 instead. That window's longest distance
 * is 250, because zlib keeps 262 bytes of it for look-ahead, so a peer with 256 bytes still reads everything. The
 * rule of this file: that is not believed but tried, once, before 8 is agreed to.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';

let kept: boolean | undefined;

/** True when what zlib compresses with a window of 8 bits needs no more than 256 bytes to be read. */
export const windowOf8 = (): boolean => {
  kept ??= tryWindowOf8();
  return kept;
};

const tryWindowOf8 = (): boolean => {
  try {
    // Noise that repeats after 330 bytes and after 400: a compressor that could look back so far would.
    return [330, 400].every((period) => {
      const noise = Uint8Array.from({ length: period }, (_, index) => (index * index * 2654435761) >>> 13);
      const data = Buffer.concat([noise, noise, noise, noise]);
      const compressed = deflateRawSync(data, { windowBits: 8, finishFlush: constants.Z_FINISH });
      // The reader's window is the 256 bytes it keeps and the 64 that it writes at a time.
      const read = inflateRawSync(compressed, { windowBits: 8, chunkSize: constants.Z_MIN_CHUNK });
      return read.equals(data);
    });
  } catch {
    return false;
  }
};
