/**
 * Many whole messages that came in one chunk: their text is decoded, and their bytes are copied, for several of them in
 * one go.
 *
 * The rule of this file: a message that is kept keeps at most the few kilobytes alive that were taken with it.
 */
import { unknownBits } from '../frame/decoder.ts';
import { type Region, scannedLength, scannedNotAscii, scannedText, scannedWords } from '../frame/region.ts';
import type { AssembledMessages } from './assembler.ts';
import type { Runtime } from './port.ts';
import { handOn } from './whole.ts';

/** Bytes of the chunk that become one string, of which short texts are parts. */
const textBlock = 1_024;
/** Bytes of it that are copied as one, of which short binary messages are views. */
const bytesBlock = 2_048;
/** Texts and bytes above these sizes are taken by themselves. */
const shortText = 256;
const shortBytes = 512;

/** What is told of the messages, and says after each whether it takes another. */
export interface BurstTaker extends AssembledMessages {
  readonly stopped: boolean;
}

/**
 * Hands on the first `count` messages that `region.scanned` tells of.
 *
 * @returns how many were taken: all, or less once the taker has stopped
 */
export function handOnBurst(taker: BurstTaker, runtime: Runtime, region: Region, count: number): number {
  const { bytes, scanned } = region;
  const last = region.behindScanned(count - 1);
  let text = '';
  let textAt = 0;
  let textEnd = 0;
  let block = bytes;
  let blockAt = 0;
  let blockEnd = 0;
  for (let index = 0; index < count; ) {
    const start = scanned[index * scannedWords] as number;
    const kind = scanned[index * scannedWords + 1] as number;
    const length = kind >>> scannedLength;
    const end = start + length;
    if ((kind & scannedText) === 0) {
      if (length > shortBytes) {
        taker.binary(runtime.copy(bytes, start, end));
      } else {
        if (end > blockEnd) {
          blockAt = start;
          blockEnd = Math.min(start + bytesBlock, last);
          block = runtime.copy(bytes, blockAt, blockEnd);
        }
        taker.binary(runtime.view(block, start - blockAt, end - blockAt));
      }
    } else if ((kind & scannedNotAscii) !== 0 || length > shortText) {
      const bits = (kind & scannedNotAscii) === 0 ? 0 : unknownBits;
      handOn(taker, runtime, bytes, start, end, true, false, true, bits);
    } else {
      if (end > textEnd) {
        textAt = start;
        textEnd = Math.max(end, Math.min(start + textBlock, last));
        text = runtime.decodeLatin1(bytes, textAt, textEnd);
      }
      taker.text(text.substring(start - textAt, end - textAt));
    }
    index += 1;
    if (taker.stopped) return index;
  }
  return count;
}
