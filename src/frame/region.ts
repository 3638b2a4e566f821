/**
 * Memory that many chunks are read into, one after another, with what unmasking it takes: its word view, made once,
 * and where the engine has it WebAssembly, which masks sixteen bytes at a time and reads many small frames in one call.
 *
 * The rule of this file: the plain `mask` and the decoder are the reference; the fast path gives the same bytes, and
 * where WebAssembly is missing or forbidden the plain ones do all of it.
 */
import { type FrameRules, readKey } from './header.ts';
import { mask, wordsOf } from './mask.ts';
import { simdCode } from './simd-code.ts';

/** Bytes of one region: as much as a socket is read in one go, and one page of WebAssembly memory (of two). */
export const regionSize = 65_536;

/** What is used of WebAssembly; not every platform's types declare it. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

type MaskMemory = (at: number, end: number, key: number) => number;
type ScanMemory = (
  at: number,
  end: number,
  masked: number,
  frame: number,
  message: number,
  fragments: number,
  most: number,
) => number;

/** Functions of `simd.wat` for the memory that they work on, and the words in which `scan` leaves what it found. */
export interface Simd {
  readonly mask: MaskMemory;
  readonly scan: ScanMemory;
  readonly scanned: Int32Array;
}

/** Messages that one `scan` finds at most. */
export const scanCapacity = 32;
/** Words that it leaves of each. */
export const scannedWords = 3;
/** In the second of them: whether it is text, whether a byte of it is not ASCII, where its length is. */
export const scannedText = 1;
export const scannedNotAscii = 2;
export const scannedLength = 2;

const noWords = new Int32Array();

/** A chunk's memory, lent: what lies in it is good until the next chunk is read. */
export class Region {
  /** The memory. In an embedder's own byte type if it was given one. */
  readonly bytes: Uint8Array;
  /** The same memory as 32-bit words. */
  readonly words: Int32Array;
  /**
   * What the last `scan` found, three words a message: where its payload begins; its length, shifted by
   * `scannedLength`, with the bits `scannedText` and `scannedNotAscii`; where the frame behind it begins.
   */
  readonly scanned: Int32Array;
  /** Whether somebody is reading what lies in it. */
  busy = false;
  readonly #simd: Simd | undefined;

  /** @param bytes memory that begins at offset 0 of its buffer. @param simd for that very memory */
  constructor(bytes: Uint8Array, simd?: Simd) {
    this.bytes = bytes;
    this.words = wordsOf(bytes);
    this.scanned = simd === undefined ? noWords : simd.scanned;
    this.#simd = simd;
  }

  /** As {@link mask}, for this memory. */
  mask(start: number, end: number, key: number): number {
    return this.#simd === undefined
      ? mask(this.bytes, start, end, key, this.words)
      : this.#simd.mask(start, end, key);
  }

  /**
   * Finds and unmasks the next messages as long as each lies whole before `end`, within the rules and uncompressed, at
   * most {@link scanCapacity}. It judges nothing: the first frame that is anything else is left as it is, to whoever
   * does. A message in fragments is joined behind its first header, and is then the only one.
   *
   * @returns how many there are; none where there is no WebAssembly
   */
  scan(start: number, end: number, rules: FrameRules): number {
    if (this.#simd === undefined || rules.maxFragments < 1) return 0;
    return this.#simd.scan(
      start,
      end,
      rules.peerMasks ? maskBit : 0,
      Math.min(rules.maxFrameSize, regionSize),
      Math.min(rules.maxMessageSize, regionSize),
      Math.min(rules.maxFragments, regionSize),
      scanCapacity,
    );
  }

  /** Where the frame behind a scanned message begins. */
  behindScanned(index: number): number {
    return this.scanned[index * scannedWords + 2] as number;
  }

  /** Makes the scanned messages `from` to `count`, which were masked, again what they were. Not for the first. */
  unscan(from: number, count: number): void {
    const { bytes } = this;
    for (let index = from; index < count; index += 1) {
      const start = this.scanned[index * scannedWords] as number;
      this.mask(start, this.behindScanned(index), readKey(bytes, start - 4));
    }
  }
}

/** The mask bit in the second byte of a frame. */
const maskBit = 0x80;

/**
 * Makes a region of {@link regionSize} bytes.
 *
 * @param bytesOf makes the byte view, where it should be other than a plain `Uint8Array`
 */
export function createRegion(
  bytesOf: (buffer: ArrayBuffer) => Uint8Array = (buffer) => new Uint8Array(buffer),
): Region {
  const simd = instantiate();
  // Only the first page is for chunks: what a scan finds is written down in the second.
  return simd === undefined
    ? new Region(bytesOf(new ArrayBuffer(regionSize)))
    : new Region(bytesOf(simd.buffer).subarray(0, regionSize), simd);
}

/** The module of `simd.wat`, or undefined where the engine has no SIMD or may not compile. */
function instantiate(): (Simd & { readonly buffer: ArrayBuffer }) | undefined {
  try {
    const code = Uint8Array.from(atob(simdCode), (character) => character.charCodeAt(0));
    const { memory, mask, scan } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
    if (!hasBuffer(memory) || !isFunction<MaskMemory>(mask) || !isFunction<ScanMemory>(scan))
      return undefined;
    const { buffer } = memory;
    return { buffer, mask, scan, scanned: new Int32Array(buffer, regionSize, scanCapacity * scannedWords) };
  } catch {
    return undefined;
  }
}

const hasBuffer = (value: unknown): value is { readonly buffer: ArrayBuffer } =>
  typeof value === 'object' && value !== null && 'buffer' in value && value.buffer instanceof ArrayBuffer;

const isFunction = <Kind>(value: unknown): value is Kind => typeof value === 'function';
