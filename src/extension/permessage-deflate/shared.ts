/**
 * What all connections with one configuration share: the pools of zlib contexts, the queue to the thread pool, and
 * the (de)compressors of the directions that keep nothing from one message to the next.
 *
 * The rule of this file: when the last connection is gone, every zlib context is freed.
 */
import { Compressor } from './compressor.ts';
import { ContextPool } from './contexts.ts';
import { type DeflateContexts, Deflater } from './deflater.ts';
import { type DirectContext, directAccess, openDeflate, openInflate } from './direct.ts';
import { Inflater } from './inflater.ts';
import { Jobs } from './jobs.ts';
import type { Direction } from './negotiation.ts';
import type { DeflateSettings } from './options.ts';

/** How zlib is called: `direct` on live contexts, `public` by documented one-shot calls alone. */
export type ZlibAccess = 'direct' | 'public';

/** Compressors of our own that are kept at most for each zlib context: they take an eighth of its memory. */
const ownPerContext = 8;
/** The most of them, whatever is asked: 768 MiB. */
const mostOwn = 65_536;

interface Pools {
  readonly inflate: ContextPool<DirectContext>;
  readonly deflate: ContextPool<DirectContext>;
}

/** The shared part of an extension. */
export class Shared {
  readonly settings: DeflateSettings;
  readonly jobs: Jobs;
  readonly #access: ZlibAccess | undefined;
  #pools: Pools | 'none' | undefined;
  readonly #inflaters = new Map<number, Inflater>();
  readonly #deflaters = new Map<number, Deflater>();
  readonly #own: ContextPool<Compressor>;
  #deflateContexts: DeflateContexts | undefined;
  #sessions = 0;

  /** @param access forces one way of calling zlib; by default the direct one is used where it works */
  constructor(settings: DeflateSettings, access?: ZlibAccess) {
    this.settings = settings;
    this.jobs = new Jobs(settings.concurrency);
    this.#access = access;
    const most = Math.min(settings.maxContexts * ownPerContext, mostOwn);
    this.#own = new ContextPool(most, (bits) => new Compressor(bits));
  }

  /** zlib contexts alive, both directions. */
  get contexts(): number {
    const pools = this.#openPools();
    return pools === undefined ? 0 : pools.inflate.size + pools.deflate.size;
  }

  /** Compressors of our own alive. */
  get compressors(): number {
    return this.#own.size;
  }

  /** Counts a session in. */
  enter(): void {
    this.#sessions += 1;
  }

  /** Counts a session out, and frees the contexts that were its own. */
  leave(inflater: Inflater | undefined, deflater: Deflater | undefined): void {
    this.#sessions -= 1;
    const pools = this.#openPools();
    if (inflater?.contextTakeover) {
      pools?.inflate.release(inflater);
    }
    if (deflater?.contextTakeover) {
      pools?.deflate.release(deflater.zlib);
      this.#own.release(deflater.own);
    }
    if (this.#sessions === 0) {
      this.#own.clear();
      pools?.inflate.clear();
      pools?.deflate.clear();
    }
  }

  /** The decompressor for a peer: its own when messages refer to earlier ones, otherwise everybody's. */
  inflaterFor(peer: Direction): Inflater {
    const shared = peer.contextTakeover ? undefined : this.#inflaters.get(peer.windowBits);
    const inflater = shared ?? new Inflater(peer, this.#openPools()?.inflate);
    if (!peer.contextTakeover) {
      this.#inflaters.set(peer.windowBits, inflater);
    }
    return inflater;
  }

  /** The compressor for own messages: one's own when they refer to earlier ones, otherwise everybody's. */
  deflaterFor(own: Direction): Deflater {
    const shared = own.contextTakeover ? undefined : this.#deflaters.get(own.windowBits);
    const deflater = shared ?? new Deflater(own, this.settings, this.#compressors());
    if (!own.contextTakeover) {
      this.#deflaters.set(own.windowBits, deflater);
    }
    return deflater;
  }

  /** Where compressors come from. */
  #compressors(): DeflateContexts {
    this.#deflateContexts ??= { own: this.#own, zlib: this.#openPools()?.deflate };
    return this.#deflateContexts;
  }

  /** The pools, made when a session first needs one; `undefined` where live contexts cannot be used. */
  #openPools(): Pools | undefined {
    if (this.#pools === undefined) {
      const direct = this.#access === undefined ? directAccess() : this.#access === 'direct';
      const { maxContexts, level, memLevel } = this.settings;
      this.#pools = direct
        ? {
            inflate: new ContextPool(maxContexts, openInflate),
            deflate: new ContextPool(maxContexts, (bits) => openDeflate(bits, level, memLevel)),
          }
        : 'none';
    }
    return this.#pools === 'none' ? undefined : this.#pools;
  }
}
