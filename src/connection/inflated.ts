/**
 * The memory of inflated messages, counted over all connections of the process.
 *
 * The rule of this file: a peer's kilobyte may become a megabyte, and a handler that waits for its next message may
 * still have the last one (`for await` keeps it in the loop's variable). So what handlers may have of inflated
 * messages is bounded for all connections together. Beyond the bound, and once memory is scarce, the connection fails
 * whose messages grew the most from what came: whoever wants to hold memory has to send the bytes.
 * RFC 6455 §10.4, RFC 7692 §8.
 */
import type { Inbox } from './inbox.ts';

/** A connection that has no more than this does not count: the inbox bounds what is so small. */
const smallest = 16_384;

/** Fails a connection because all together have so many bytes, and forgets what nobody has taken. */
type Drop = (actual: number) => void;

/** What the handler of one connection may have. */
export class Share {
  /** Bytes of inflated messages that count. */
  bytes = 0;
  readonly #memory: InflatedMemory;
  /** While the connection is open: nothing may keep one that is over. */
  #open: { readonly inbox: Inbox; readonly drop: Drop } | undefined;
  /** Bytes that it has, also when they are too few to count. */
  #held = 0;
  /** Bytes of the largest message since it last waited for one. */
  #largest = 0;
  /** How many times as large as it came the message is that grew the most since then. */
  growth = 0;

  /** Made by {@link InflatedMemory.share}. */
  constructor(memory: InflatedMemory, inbox: Inbox, drop: Drop) {
    this.#memory = memory;
    this.#open = { inbox, drop };
  }

  /** Whether there is a connection to fail. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  /**
   * A message is about to be handed on.
   *
   * @param size bytes of it, and of what the peer sent for it
   * @param piling whether messages pile up, taken or not, because the transport is at its end
   * @returns false when it is not to be, because the connection fails
   */
  add(size: number, came: number, piling: boolean): boolean {
    if (this.#open === undefined) return false;
    const { inbox } = this.#open;
    const growth = size / Math.max(1, came);
    if (inbox.awaited && !piling) {
      // Whoever waits for a message has done with the last one.
      this.#held = size;
      this.#largest = size;
      this.growth = growth;
    } else {
      // Whoever does not may be busy with any that came since, whatever small ones came behind it.
      this.#held = size + (piling ? this.#held : Math.max(this.#largest, inbox.weight));
      this.#largest = Math.max(this.#largest, size);
      if (piling || size > smallest) this.growth = Math.max(this.growth, growth);
    }
    this.#memory.set(this, this.#held);
    return this.isOpen;
  }

  /** The connection is over; what its inbox still has counts until it is taken, or until nobody can take it. */
  over(inbox: Inbox): void {
    if (inbox.empty) this.#memory.set(this, 0);
    else if (this.#open !== undefined) this.#memory.watch(this, inbox);
    this.#open = undefined;
  }

  drop(actual: number): void {
    this.#open?.drop(actual);
    this.#open = undefined;
  }
}

export class InflatedMemory {
  /** Bytes that all connections together may have in any case. */
  readonly limit: number;
  readonly #isScarce: () => boolean;
  readonly #shares = new Set<Share>();
  readonly #unreachable = new FinalizationRegistry<Share>((share) => this.set(share, 0));
  #bytes = 0;

  /** @param isScarce whether the process is in danger; asked while they have more than `limit` */
  constructor(limit: number, isScarce: () => boolean) {
    this.limit = limit;
    this.#isScarce = isScarce;
  }

  /** Bytes that count at present. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * A share for a connection whose message has so many bytes; undefined when that counts for nothing.
   *
   * @param piling as in {@link Share.add}: then small ones add up
   */
  share(size: number, piling: boolean, inbox: Inbox, drop: Drop): Share | undefined {
    return size > smallest || piling ? new Share(this, inbox, drop) : undefined;
  }

  /**
   * Sets what a connection has. When that is too much for all together, one fails, this one perhaps; one that is alone
   * stays, since what one may have is a matter of `maxMessageSize`.
   */
  set(share: Share, bytes: number): void {
    if (this.#shares.delete(share)) this.#bytes -= share.bytes;
    share.bytes = bytes > smallest ? bytes : 0;
    if (share.bytes === 0) return;
    this.#bytes += share.bytes;
    this.#shares.add(share);
    if (this.#bytes > this.limit && this.#shares.size > 1 && this.#isScarce()) this.#dropOne(share);
  }

  /** Releases a share at the latest when nobody can reach `inbox` any more. */
  watch(share: Share, inbox: Inbox): void {
    if (this.#shares.has(share)) this.#unreachable.register(inbox, share);
  }

  /** @param newest who has got more just now, and fails if nobody else can */
  #dropOne(newest: Share): void {
    let greatest = newest;
    let growth = -1;
    for (const share of this.#shares) {
      if (!share.isOpen || share.growth <= growth) continue;
      greatest = share;
      growth = share.growth;
    }
    const actual = this.#bytes;
    this.set(greatest, 0);
    greatest.drop(actual);
  }
}
