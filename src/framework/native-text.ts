/**
 * Text and its UTF-8 at the speed that this Node has: the native calls without the argument handling in front of them,
 * and for wide text the way round by UTF-16 where that is the faster one.
 *
 * The rule of this file: what is undocumented is looked for, what is documented but may be left out of a build is tried,
 * and `toString` and `write` stand in where one is missing. What is chosen by guess is a matter of speed alone.
 */
import * as buffer from 'node:buffer';
import { wholeSequences } from '../frame/utf8.ts';

type Slice = (this: Uint8Array, start: number, end: number) => string;

const isSlice = (value: unknown): value is Slice => typeof value === 'function';

/** Decodes `bytes[start, end)`, which must lie within the bytes. */
export type Decode = (bytes: Uint8Array, start: number, end: number) => string;

/**
 * A decoder by its encoding.
 *
 * @param prototype where the native call is looked for
 */
export function decoderOf(
  encoding: 'latin1' | 'utf8' | 'ucs2',
  prototype: object = Buffer.prototype,
): Decode {
  const slice: unknown = Reflect.get(prototype, `${encoding}Slice`);
  if (isSlice(slice)) return (bytes, start, end) => slice.call(bytes, start, end);
  return ({ buffer: memory, byteOffset }, start, end) =>
    Buffer.from(memory, byteOffset + start, end - start).toString(encoding);
}

/** `buffer.transcode`, which a Node without ICU lacks. */
export type Transcode = (bytes: Uint8Array, from: 'utf8' | 'ucs2', to: 'utf8' | 'ucs2') => Uint8Array;

const sample = 'aé語🐢';

/** @param candidate what is tried, by default this Node's */
export function transcoder(candidate: Transcode | undefined = buffer.transcode): Transcode | undefined {
  try {
    const wide = candidate?.(Buffer.from(sample), 'utf8', 'ucs2');
    const back = candidate?.(Buffer.from(sample, 'ucs2'), 'ucs2', 'utf8');
    const works =
      Buffer.from(sample, 'ucs2').equals(wide ?? Buffer.of()) &&
      Buffer.from(sample).equals(back ?? Buffer.of());
    return works ? candidate : undefined;
  } catch {
    return undefined;
  }
}

/** The first Node whose own decoder of UTF-8 uses vector instructions. */
const fastUtf8 = 24;
/** From this many bytes on the way round is the faster one where the decoder is slow (measured). */
const worthwhile = 1_024;
/** As many bytes take that way at once: what it needs in between stays small. */
const stretch = 65_536;

/**
 * The decoder of UTF-8 that is known to be valid.
 *
 * @param node the main version of this Node
 */
export function utf8Decoder(
  node = Number.parseInt(process.versions.node, 10),
  transcode: Transcode | undefined = transcoder(),
): Decode {
  const direct = decoderOf('utf8');
  if (node >= fastUtf8 || transcode === undefined) return direct;
  const decodeWide = decoderOf('ucs2');
  const roundabout = (bytes: Uint8Array): string => {
    if (buffer.isAscii(bytes)) return direct(bytes, 0, bytes.length);
    const wide = transcode(bytes, 'utf8', 'ucs2');
    return decodeWide(wide, 0, wide.length);
  };
  return (bytes, start, end) => {
    // Whoever asks may not know that it is ASCII, for which the direct way is by far the faster one.
    if (end - start < worthwhile || buffer.isAscii(bytes.subarray(start, end)))
      return direct(bytes, start, end);
    let text = '';
    for (let at = start; at < end; ) {
      const cut = end - at <= stretch ? end : wholeSequences(bytes, at, at + stretch);
      text += roundabout(bytes.subarray(at, cut));
      at = cut;
    }
    return text;
  };
}
