/**
 * The UTF-8 of large texts that are sent.
 *
 * The rule of this file: a text that is sent on as it came, or to many peers, is encoded once; what is kept for that is
 * one text, and no longer than the turn.
 */
import { EncodedText } from '../connection/encoded-text.ts';
import { type Transcode, transcoder } from './native-text.ts';

/** From this many UTF-16 units on a text is large: it is encoded in stretches and kept for the turn. */
export const largeText = 8_192;
/** Units that are encoded at once: what that needs in between stays small and is used again. */
const stretch = 32_768;
/** Units that are looked at to guess whether a stretch is ASCII. */
const probes = 32;

export class LargeText {
  readonly #transcode: Transcode | undefined;
  readonly #later: (act: () => void) => void;
  #text: string | undefined;
  #encoded: EncodedText | undefined;
  #units: Buffer | undefined;

  /**
   * @param later runs a function when the turn is over
   * @param transcode the way round by UTF-16, where there is one
   */
  constructor(later: (act: () => void) => void, transcode: Transcode | undefined = transcoder()) {
    this.#later = later;
    this.#transcode = transcode;
  }

  /** Keeps `encoded`, the UTF-8 of `text`, until the turn is over. */
  remember(text: string, encoded: EncodedText): void {
    if (this.#text === undefined) this.#later(() => this.#forget());
    else this.#encoded?.giveBack();
    this.#text = text;
    this.#encoded = encoded;
  }

  /** Bytes of the text's UTF-8. */
  byteLength(text: string): number {
    return this.#known(text)?.size ?? Buffer.byteLength(text);
  }

  /** The text's UTF-8, shared with the caller. A lone surrogate becomes U+FFFD. */
  encode(text: string): EncodedText {
    if (text.length < largeText) return new EncodedText([written(text)]);
    const known = this.#known(text);
    if (known !== undefined) return known.share();
    const encoded = new EncodedText(this.#stretches(text));
    this.remember(text, encoded);
    return encoded.share();
  }

  #known(text: string): EncodedText | undefined {
    return text.length >= largeText && text === this.#text ? this.#encoded : undefined;
  }

  #forget(): void {
    this.#encoded?.giveBack();
    this.#text = undefined;
    this.#encoded = undefined;
  }

  #stretches(text: string): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < text.length; ) {
      let end = Math.min(at + stretch, text.length);
      // A pair is not torn, or both halves would count as lone.
      if (end < text.length && isHighSurrogate(text.charCodeAt(end - 1))) end -= 1;
      parts.push(this.#encodedStretch(text.slice(at, end)));
      at = end;
    }
    return parts;
  }

  #encodedStretch(text: string): Uint8Array {
    const transcode = this.#transcode;
    // For ASCII the direct way is the faster one.
    if (transcode === undefined || looksAscii(text)) return written(text);
    this.#units ??= Buffer.allocUnsafeSlow(stretch * 2);
    const units = this.#units.subarray(0, this.#units.write(text, 'ucs2'));
    try {
      return transcode(units, 'ucs2', 'utf8');
    } catch {
      // Text with a lone surrogate has no UTF-8.
      return written(text);
    }
  }
}

function written(text: string): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text, 'utf8');
  return bytes;
}

function looksAscii(text: string): boolean {
  const step = Math.ceil(text.length / probes);
  for (let at = 0; at < text.length; at += step) if (text.charCodeAt(at) >= 0x80) return false;
  return true;
}

const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
