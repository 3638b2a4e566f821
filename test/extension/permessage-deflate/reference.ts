/**
 * A peer made of node:zlib's documented one-shot calls alone, as the reference that sessions are tried against, and
 * short ways to open and drive sessions.
 */
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { deflateExtension } from '../../../src/extension/permessage-deflate/index.ts';
import type { Direction } from '../../../src/extension/permessage-deflate/negotiation.ts';
import {
  type PerMessageDeflateOptions,
  readOptions,
} from '../../../src/extension/permessage-deflate/options.ts';
import { DeflateSession } from '../../../src/extension/permessage-deflate/session.ts';
import { Shared, type ZlibAccess } from '../../../src/extension/permessage-deflate/shared.ts';
import type { Extension } from '../../../src/extension/types.ts';
import type { ViolationName } from '../../../src/frame/violations.ts';

export const accesses: readonly ZlibAccess[] = ['direct', 'public'];

const tail = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** Compresses messages in order, as RFC 7692 §7.2.1 says. */
export class ReferenceDeflater {
  #seen = Buffer.alloc(0);
  readonly #direction: Direction;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  deflate(message: Uint8Array): Buffer {
    if (message.length === 0) {
      return Buffer.alloc(1);
    }
    const { windowBits, contextTakeover } = this.#direction;
    const options = { windowBits, finishFlush: constants.Z_SYNC_FLUSH };
    const dictionary = this.#seen.subarray(-(2 ** windowBits));
    const flushed = deflateRawSync(message, dictionary.length > 0 ? { ...options, dictionary } : options);
    if (contextTakeover) {
      this.#seen = Buffer.concat([this.#seen, message]).subarray(-32_768);
    }
    return flushed.subarray(0, -4);
  }
}

/** Decompresses messages in order, as RFC 7692 §7.2.2 says. */
export class ReferenceInflater {
  #seen = Buffer.alloc(0);
  readonly #direction: Direction;

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  inflate(payload: Uint8Array): Buffer {
    const { windowBits, contextTakeover } = this.#direction;
    const options = { windowBits, finishFlush: constants.Z_SYNC_FLUSH };
    const dictionary = this.#seen.subarray(-(2 ** windowBits));
    const message = inflateRawSync(
      Buffer.concat([payload, tail]),
      dictionary.length > 0 ? { ...options, dictionary } : options,
    );
    if (contextTakeover) {
      this.#seen = Buffer.concat([this.#seen, message]).subarray(-32_768);
    }
    return message;
  }
}

/** An extension whose way of calling zlib is given, and its shared part. */
export const openExtension = (
  access: ZlibAccess,
  options: PerMessageDeflateOptions = {},
): { extension: Extension; shared: Shared } => {
  const shared = new Shared(readOptions(options), access);
  return { extension: deflateExtension(shared), shared };
};

/** A session with both directions as given. */
export const openSession = (shared: Shared, own: Direction, peer: Direction): DeflateSession =>
  new DeflateSession(shared, { answer: { name: 'permessage-deflate', parameters: [] }, own, peer });

export const takeover = (windowBits: number): Direction => ({ windowBits, contextTakeover: true });
export const noTakeover = (windowBits: number): Direction => ({ windowBits, contextTakeover: false });

/** The outcome of an inbound message: the violation's name, or the bytes. */
export const inbound = (
  session: DeflateSession,
  payload: Uint8Array,
  limit = 1 << 20,
): Promise<ViolationName | Buffer> =>
  new Promise((resolve) => {
    session.inbound(payload, limit, (violation, message) => resolve(violation ?? Buffer.from(message)));
  });

/** The payload that an outbound message becomes. */
export const outbound = (session: DeflateSession, message: Uint8Array): Promise<Buffer> =>
  new Promise((resolve) => {
    session.outbound(message, (payload) => resolve(Buffer.from(payload)));
  });

/** Bytes that look like a small protocol's messages; the same for the same arguments. */
export const records = (length: number, seed = 1): Buffer => {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let at = 0; at < length; ) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    at += bytes.write(`{"id":${state % 9973},"user":"user${state % 97}","ok":${state % 2 === 0}},`, at);
  }
  return bytes;
};

/** Bytes that do not compress; the same for the same arguments. */
export const noise = (length: number, seed = 1): Buffer => {
  const bytes = Buffer.alloc(length);
  let state = seed | 1;
  for (let at = 0; at < length; at += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[at] = state >>> 11;
  }
  return bytes;
};
