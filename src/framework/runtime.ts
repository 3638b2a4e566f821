/**
 * Node as the connection layer's runtime: native text, Buffers, lent output memory, the end of a turn, the clock.
 *
 * The rule of this file: one of everything per process.
 */
import { isUtf8 } from 'node:buffer';
import { hash, randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { InflatedMemory } from '../connection/inflated.ts';
import type { Runtime } from '../connection/port.ts';
import { sharedRegion } from '../transport/shared-read.ts';
import { bufferView } from './buffer-view.ts';
import { clock } from './clock.ts';
import { CollectionPace } from './collection-pace.ts';
import { LargeText } from './large-text.ts';
import { MessageMemory } from './message-memory.ts';
import { decoderOf, utf8Decoder } from './native-text.ts';
import { TurnEnd } from './turn-end.ts';
import { getInLine, isSpent } from './turns.ts';

/** Node's own: a program whose tests put another one in its place still has its messages sent. */
const { setImmediate } = globalThis;

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const messages = new MessageMemory(sharedRegion, new CollectionPace());
const largeText = new LargeText((act) => void setImmediate(act));

/** Sizes in which output memory is lent, and the bytes of free slabs that are kept of each: a broadcast lends many. */
const slabSizes = [4_096, 16_384, 65_536] as const;
const pooledBytes = 4_194_304;
const free: ReadonlyMap<number, Buffer[]> = new Map(slabSizes.map((size) => [size, []]));

/** V8's limit for its heap: the one measure that there is, on every system, of what a process is meant to take. */
const heapLimit = getHeapStatistics().heap_size_limit;

/** What all handlers may have of inflated messages, and what is in use when it gets scarce: parts of that limit. */
const inflatedShare = 1 / 8;
const scarceShare = 1 / 3;

function isScarce(): boolean {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external > heapLimit * scarceShare;
}

const turnEnd = new TurnEnd({
  soon: (act) => process.nextTick(act),
  later: (act) => void setImmediate(act),
  now: () => performance.now(),
});

export const runtime: Runtime = {
  isUtf8,
  decodeUtf8: utf8Decoder(),
  decodeLatin1: decoderOf('latin1'),
  byteLength: (text) => largeText.byteLength(text),
  writeUtf8: (text, target, at) => asBuffer(target).write(text, at, 'utf8'),
  encodeLarge: (text) => largeText.encode(text),
  remember: (text, encoded) => largeText.remember(text, encoded),
  allocate: (size) => messages.allocate(size),
  view: (bytes, start, end) => bufferView(bytes.buffer, bytes.byteOffset + start, end - start),
  copy: (bytes, start, end) => messages.copy(bytes, start, end),
  borrow() {
    const region = sharedRegion();
    return region.busy ? undefined : region;
  },
  defer: (target) => turnEnd.defer(target),
  later: (act) => void setImmediate(act),
  isSpent,
  getInLine,
  takeSlab(size) {
    for (const slabSize of slabSizes) {
      if (slabSize >= size) return free.get(slabSize)?.pop() ?? Buffer.allocUnsafeSlow(slabSize);
    }
    return Buffer.allocUnsafeSlow(size);
  },
  releaseSlab(slab) {
    const slabs = free.get(slab.length);
    if (slabs !== undefined && slabs.length * slab.length < pooledBytes) slabs.push(asBuffer(slab));
  },
  inflated: new InflatedMemory(Math.floor(heapLimit * inflatedShare), isScarce),
  now: () => clock.now(),
  preciseNow: () => performance.now(),
};

/** The digest of the opening handshake (RFC 6455 §4.2.2). */
export const sha1Base64 = (text: string): string => hash('sha1', text, 'base64');

const keyPool = new Int32Array(1_024);
let keysLeft = 0;

/** A fresh masking key from the system's random generator, drawn in batches (RFC 6455 §5.3, §10.3). */
export function nextMaskKey(): number {
  if (keysLeft === 0) {
    randomFillSync(keyPool);
    keysLeft = keyPool.length;
  }
  keysLeft -= 1;
  const key = keyPool[keysLeft] as number;
  keyPool[keysLeft] = 0;
  return key;
}
