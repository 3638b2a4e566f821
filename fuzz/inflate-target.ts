/**
 * What comes in through permessage-deflate (RFC 7692 §7.2.2), with live contexts and by one-shot calls.
 *
 * The rule of this file: an input is a sequence of messages of one connection. Its first byte says the window and the
 * takeover, the second the limit; then each message has its length in two bytes and is as on the wire.
 */
import { constants, deflateRawSync } from 'node:zlib';
import type { Direction } from '../src/extension/permessage-deflate/negotiation.ts';
import { readOptions } from '../src/extension/permessage-deflate/options.ts';
import { DeflateSession } from '../src/extension/permessage-deflate/session.ts';
import { Shared, type ZlibAccess } from '../src/extension/permessage-deflate/shared.ts';
import type { Random } from './random.ts';
import { demand, demandEqual, type FuzzTarget } from './target.ts';

const limits = [0, 1, 16, 100, 1_000, 65_536, 1_000_000] as const;
const flushes = [constants.Z_SYNC_FLUSH, constants.Z_FULL_FLUSH, constants.Z_FINISH] as const;

function generateMessage(random: Random): Uint8Array {
  const size = random.once(64) ? random.below(70_000) : random.below(200);
  const plain = Buffer.alloc(size, random.pick(['a', 'abc', 'the quick brown fox ']));
  for (let count = random.below(9); count > 0 && size > 0; count -= 1) {
    plain[random.below(size)] = random.bits();
  }
  const finishFlush = random.once(8) ? random.pick(flushes) : constants.Z_SYNC_FLUSH;
  const level = random.once(4) ? 0 : 6;
  const flushed = deflateRawSync(plain, { finishFlush, level, windowBits: random.pick([9, 12, 15]) });
  const message = finishFlush === constants.Z_FINISH ? flushed : flushed.subarray(0, -4);
  const more = random.once(12)
    ? [Buffer.of(random.pick([0, 0, 1, 3])), flushed].slice(0, 1 + random.below(2))
    : [];
  const bytes = Buffer.concat([message, ...more]);
  if (random.once(3) && bytes.length > 0) bytes[random.below(bytes.length)] = random.bits();
  return random.once(8) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

function generateSequence(random: Random): Uint8Array {
  const parts: Uint8Array[] = [Buffer.of(random.bits(), random.once(3) ? random.bits() : 5)];
  for (let count = 1 + random.below(4); count > 0; count -= 1) {
    const message = generateMessage(random).subarray(0, 65_535);
    parts.push(Buffer.of(message.length >>> 8, message.length), message);
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

/** What one session makes of the messages, up to the first violation. */
async function inflateAll(
  access: ZlibAccess,
  peer: Direction,
  limit: number,
  input: Uint8Array,
): Promise<string[]> {
  const shared = new Shared(readOptions({}), access);
  const answer = { name: 'permessage-deflate', parameters: [] };
  const session = new DeflateSession(shared, { answer, own: peer, peer });
  const results: string[] = [];
  for (const message of messagesOf(input)) {
    let calls = 0;
    const result = await new Promise<string>((resolve) => {
      session.inbound(Uint8Array.from(message), limit, (violation, payload) => {
        calls += 1;
        if (violation === undefined && payload.length > limit) resolve(`beyond the limit: ${payload.length}`);
        else resolve(violation ?? `= ${Buffer.from(payload).toString('latin1')}`);
      });
    });
    demand(calls === 1, () => `done was called ${calls} times`);
    demand(!result.startsWith('beyond'), result);
    results.push(result);
    if (!result.startsWith('=')) {
      demand(result === 'extensionData' || result === 'messageTooBig', () => `undocumented: ${result}`);
      break;
    }
  }
  demand(session.historySize <= 32_768, 'more history than a window');
  session.dispose();
  demand(shared.contexts === 0, () => `${shared.contexts} contexts left`);
  return results;
}

const isViolation = (result: string | undefined): boolean => result !== undefined && !result.startsWith('=');

const bothName = 'a message both broken and too long is called either';
/** The difference between the two ways of calling zlib that is no fault, and how often it was met. */
const differences = new Map([[bothName, 0]]);

export const inflateTarget: FuzzTarget = {
  name: 'inflate',
  property:
    'no result beyond the limit, one done each, documented violations, no context left, both accesses agree',
  generate: generateSequence,
  async check(input) {
    const first = input[0] ?? 0;
    const peer = { windowBits: 9 + (first % 7), contextTakeover: (first & 0x80) === 0 };
    const limit = limits[(input[1] ?? 0) % limits.length] ?? 0;
    const direct = await inflateAll('direct', peer, limit, input);
    const open = await inflateAll('public', peer, limit, input);
    const at = direct.findIndex((result, index) => result !== open[index]);
    if (isViolation(direct[at]) && isViolation(open[at])) {
      differences.set(bothName, (differences.get(bothName) ?? 0) + 1);
      return;
    }
    demandEqual(open, direct, 'public and direct access');
  },
  notes: () => differences,
};
