/**
 * What goes out through permessage-deflate (RFC 7692 §7.2.1), read back by zlib and by our own other end.
 *
 * The rule of this file: an input is a sequence of messages that two connections take turns in sending, with so few
 * contexts that they lose theirs again and again. Its first byte says the window and the takeover, the second how many
 * contexts there are; then each message has its length in two bytes.
 */
import { constants, inflateRawSync } from 'node:zlib';
import type { Direction } from '../src/extension/permessage-deflate/negotiation.ts';
import { readOptions } from '../src/extension/permessage-deflate/options.ts';
import { DeflateSession } from '../src/extension/permessage-deflate/session.ts';
import { Shared, type ZlibAccess } from '../src/extension/permessage-deflate/shared.ts';
import type { Random } from './random.ts';
import { demand, type FuzzTarget } from './target.ts';

const sizes = [0, 1, 2, 3, 4, 63, 64, 258, 259, 511, 512, 513, 4_095, 4_096, 4_097] as const;
const words = ['a', 'ab', 'abc', '{"id":', '"name":"', 'the quick brown fox ', '\0\0\0\0', '😀'] as const;

/** Text of few words, a run, noise, or what was said before, with some bytes changed. */
function generateMessage(random: Random, before: Uint8Array): Uint8Array {
  const size = random.once(3)
    ? random.pick(sizes)
    : random.once(40)
      ? random.below(60_000)
      : random.below(700);
  const bytes = Buffer.alloc(size);
  const kind = random.below(5);
  if (kind === 0) {
    for (let at = 0; at < size; at += 1) bytes[at] = random.bits() >>> 9;
  } else if (kind === 1 && before.length > 0) {
    const from = random.below(before.length);
    for (let at = 0; at < size; at += 1) bytes[at] = before[(from + at) % before.length] ?? 0;
  } else {
    let text = '';
    while (text.length < size) text += random.pick(kind === 2 ? words.slice(0, 1) : words);
    bytes.write(text);
  }
  for (let count = random.below(6); count > 0 && size > 0; count -= 1)
    bytes[random.below(size)] = random.bits();
  return bytes;
}

/** Something that was said before comes again, about as far behind as a window reaches. */
function generateFar(random: Random, window: number): Uint8Array {
  const piece = Buffer.from(Array.from({ length: 4 + random.below(40) }, () => random.bits() & 255));
  const gap = Math.min(3_900, window) - piece.length - 3 + random.below(7);
  const between = Buffer.alloc(Math.max(0, gap));
  for (let at = 0; at < between.length; at += 1) between[at] = random.bits() >>> 9;
  return Buffer.concat([piece, between, piece]);
}

function generateSequence(random: Random): Uint8Array {
  const first = random.bits() & 255;
  const parts: Uint8Array[] = [Buffer.of(first, random.bits())];
  let before: Uint8Array = Buffer.alloc(0);
  for (let count = 1 + random.below(8); count > 0; count -= 1) {
    const message = random.once(5)
      ? generateFar(random, 2 ** (9 + (first % 7)))
      : generateMessage(random, before);
    parts.push(Buffer.of(message.length >>> 8, message.length), message);
    before = Buffer.concat([before, message]).subarray(-40_000);
  }
  return Buffer.concat(parts);
}

function* messagesOf(input: Uint8Array): Generator<Uint8Array> {
  for (let at = 2; at + 2 <= input.length; ) {
    const length = ((input[at] ?? 0) << 8) | (input[at + 1] ?? 0);
    yield input.subarray(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

const deflated = (session: DeflateSession, message: Uint8Array): Promise<Uint8Array> =>
  new Promise((resolve) => session.outbound(Buffer.from(message), resolve));

const inflated = (session: DeflateSession, payload: Uint8Array): Promise<Uint8Array | string> =>
  new Promise((resolve) => {
    session.inbound(Uint8Array.from(payload), 1_000_000, (violation, bytes) => resolve(violation ?? bytes));
  });

/** What zlib makes of it, with no more of the past than was agreed on, and in pieces so small that it needs it. */
function readByZlib(payload: Uint8Array, { windowBits }: Direction, past: Uint8Array): Uint8Array {
  const options = { windowBits, chunkSize: 64, finishFlush: constants.Z_SYNC_FLUSH };
  const dictionary = past.subarray(-(2 ** windowBits));
  return inflateRawSync(
    Buffer.concat([payload, Buffer.of(0, 0, 0xff, 0xff)]),
    dictionary.length === 0 ? options : { ...options, dictionary },
  );
}

const isSame = (one: Uint8Array | string, other: Uint8Array): boolean =>
  typeof one !== 'string' && Buffer.from(other).equals(one);

/** One connection: its sending session, the one at its other end, and what was said. */
class Speaker {
  readonly #own: Direction;
  readonly #sending: DeflateSession;
  readonly #receiving: DeflateSession;
  #past: Uint8Array = Buffer.alloc(0);

  constructor(sender: Shared, receiver: Shared, own: Direction) {
    const answer = { name: 'permessage-deflate', parameters: [] };
    this.#own = own;
    this.#sending = new DeflateSession(sender, { answer, own, peer: own });
    this.#receiving = new DeflateSession(receiver, { answer, own, peer: own });
  }

  async say(message: Uint8Array): Promise<void> {
    const payload = await deflated(this.#sending, message);
    demand(payload.length > 0, 'a message of nothing on the wire');
    demand(
      payload.length <= message.length + message.length / 32 + 32,
      'noise grew by more than a thirtieth',
    );
    const past = this.#own.contextTakeover ? this.#past : Buffer.alloc(0);
    demand(isSame(readByZlib(payload, this.#own, past), message), 'zlib reads another message');
    demand(isSame(await inflated(this.#receiving, payload), message), 'our own end reads another message');
    this.#past = Buffer.concat([this.#past, message]).subarray(-32_768);
  }

  dispose(): void {
    this.#sending.dispose();
    this.#receiving.dispose();
  }
}

async function talk(access: ZlibAccess, input: Uint8Array): Promise<void> {
  const [first = 0, second = 0] = input;
  const own = { windowBits: 9 + (first % 7), contextTakeover: (first & 0x80) === 0 };
  const options = readOptions({ maxContexts: 1 + (second % 3) });
  const [sender, receiver] = [new Shared(options, access), new Shared(options, access)];
  const speakers = [new Speaker(sender, receiver, own), new Speaker(sender, receiver, own)] as const;
  let index = 0;
  for (const message of messagesOf(input)) {
    await speakers[index % 2 === 0 ? 0 : 1].say(message);
    index += second & 0x40 ? 1 : 2;
  }
  for (const speaker of speakers) speaker.dispose();
  demand(sender.contexts + receiver.contexts === 0, 'contexts are left');
}

export const deflateTarget: FuzzTarget = {
  name: 'deflate',
  property:
    'zlib, with the window that was agreed on, and our own other end read what was said; no context left',
  generate: generateSequence,
  async check(input) {
    await talk('direct', input);
    await talk('public', input);
  },
};
