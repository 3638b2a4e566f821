/**
 * Memory that many chunks are read into, one after another, with what unmasking it takes: its word view, made once,
 * and where the engine has it, sixteen bytes at a time in WebAssembly.
 *
 * The rule of this file: the plain `mask` is the reference; the fast path gives the same bytes and the same bits, and
 * where WebAssembly is missing or forbidden the plain one does all of it.
 */
import { mask, wordsOf } from './mask.ts';
import { simdCode } from './simd-code.ts';

/** Bytes of one region: as much as a socket is read in one go, and one page of WebAssembly memory. */
export const regionSize = 65_536;

/** What is used of WebAssembly; not every platform's types declare it. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

type MaskMemory = (at: number, end: number, key: number) => number;

/** A chunk's memory, lent: what lies in it is good until the next chunk is read. */
export class Region {
  /** The memory. In an embedder's own byte type if it was given one. */
  readonly bytes: Uint8Array;
  /** The same memory as 32-bit words. */
  readonly words: Int32Array;
  /** Whether somebody is reading what lies in it. */
  busy = false;
  readonly #simd: MaskMemory | undefined;

  /** @param bytes memory that begins at offset 0 of its buffer. @param simd masks that very memory */
  constructor(bytes: Uint8Array, simd?: MaskMemory) {
    this.bytes = bytes;
    this.words = wordsOf(bytes);
    this.#simd = simd;
  }

  /** As {@link mask}, for this memory. */
  mask(start: number, end: number, key: number): number {
    return this.#simd === undefined
      ? mask(this.bytes, start, end, key, this.words)
      : this.#simd(start, end, key);
  }
}

/**
 * Makes a region of {@link regionSize} bytes.
 *
 * @param bytesOf makes the byte view, where it should be other than a plain `Uint8Array`
 */
export function createRegion(
  bytesOf: (buffer: ArrayBuffer) => Uint8Array = (buffer) => new Uint8Array(buffer),
): Region {
  const simd = instantiate();
  return simd === undefined
    ? new Region(bytesOf(new ArrayBuffer(regionSize)))
    : new Region(bytesOf(simd.buffer), simd.mask);
}

/** The module of `simd.wat`, or undefined where the engine has no SIMD or may not compile. */
function instantiate(): { buffer: ArrayBuffer; mask: MaskMemory } | undefined {
  try {
    const code = Uint8Array.from(atob(simdCode), (character) => character.charCodeAt(0));
    const { memory, mask: maskMemory } = new WebAssembly.Instance(new WebAssembly.Module(code)).exports;
    return hasBuffer(memory) && isMaskMemory(maskMemory)
      ? { buffer: memory.buffer, mask: maskMemory }
      : undefined;
  } catch {
    return undefined;
  }
}

const hasBuffer = (value: unknown): value is { readonly buffer: ArrayBuffer } =>
  typeof value === 'object' && value !== null && 'buffer' in value && value.buffer instanceof ArrayBuffer;

const isMaskMemory = (value: unknown): value is MaskMemory => typeof value === 'function';
