/**
 * The same bytes to our decoder and to the receiver of `ws`: the same events, or a difference that is listed. Then what
 * they agreed on is written by each and read by the other, one as the server and one as the client.
 *
 * The rule of this file: a difference is allowed by one row of the table, which says why, and is counted. Both share
 * role and limits; ws knows no leniency towards unmasked frames, and is given no extension.
 */
import { encodeFrame } from '../../src/frame/encoder.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import { opcodes } from '../../src/frame/opcodes.ts';
import { FrameDigest } from '../frame/digest.ts';
import { generateFrames } from '../frame/generate.ts';
import { decodeByReference, type ReferenceEnd } from '../frame/reference.ts';
import { rulesOf } from '../frame/rules.ts';
import type { Random } from '../random.ts';
import { demand, demandEqual, type FuzzTarget } from '../target.ts';
import { type OwnOutcome, receive } from './own-receiver.ts';
import { type PeerEvent, receiveWithWs } from './ws-receiver.ts';
import { frameOfWs } from './ws-sender.ts';

interface Difference {
  readonly why: string;
  /** Whether this row covers it. `other` is what ws found where we found something else, or undefined for nothing. */
  covers(own: OwnOutcome, mine: string | undefined, other: PeerEvent | undefined, end: ReferenceEnd): boolean;
}

/** All that may differ. The first that covers a difference counts it. */
export const allowedDifferences: readonly Difference[] = [
  {
    why: 'ws takes lengths that are not in their shortest form (RFC 6455 §5.2 wants the shortest)',
    covers: ({ violation }, mine) => violation === 'notMinimalLength' && mine === 'fail 1002',
  },
  {
    why: 'ws calls a length with its most significant bit set too big, 1009 (§5.2: the bit must be 0)',
    covers: ({ violation }, mine, other) =>
      violation === 'lengthHighBit' && mine === 'fail 1002' && (other === 'fail 1009' || other === undefined),
  },
  {
    why: 'ws looks at text when all of it has come, we as it comes (§8.1)',
    covers: ({ violation, messageComplete }, mine) =>
      violation === 'textUtf8' && !messageComplete && mine === 'fail 1007',
  },
  {
    why: 'ws counts a fragment when its payload has come, we at its header',
    covers: ({ violation }, mine, other) =>
      violation === 'tooManyFragments' && mine === 'fail 1008' && other === undefined,
  },
  {
    why: 'ws judges the first bytes of a header, or of a Close frame, before the rest has come',
    covers: ({ violation }, mine, other, { withinFrame }) =>
      violation === undefined &&
      mine === undefined &&
      withinFrame &&
      other !== undefined &&
      /^fail 100[29]$/.test(other),
  },
];

const asServer = 'we were the server and ws the client';
const asClient = 'we were the client and ws the server';
const counts = new Map(
  [...allowedDifferences.map(({ why }) => why), asServer, asClient].map((why) => [why, 0]),
);
const count = (why: string): void => {
  counts.set(why, (counts.get(why) ?? 0) + 1);
};

function cutUp(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [...cuts, stream.length];
  return edges.map((edge, index) => stream.slice(edges[index - 1] ?? 0, edge));
}

/** The rules of the input, as far as ws can have them too. */
function sharedRules(input: Uint8Array): FrameRules {
  const rules = rulesOf(input);
  const maxMessageSize = Math.min(rules.maxMessageSize, 1_000_000);
  return {
    ...rules,
    acceptUnmaskedFrames: false,
    rsv: 0,
    maxFrameSize: maxMessageSize,
    maxMessageSize,
    maxFragments: Math.min(rules.maxFragments, 10_000),
  };
}

function compare(own: OwnOutcome, other: readonly PeerEvent[], end: ReferenceEnd): void {
  const length = Math.max(own.events.length, other.length);
  for (let index = 0; index < length; index += 1) {
    const [mine, its] = [own.events[index], other[index]];
    if (mine === its) continue;
    const row = allowedDifferences.find(({ covers }) => covers(own, mine, its, end));
    demand(row !== undefined, () => `event ${index}: we ${mine} (${own.violation}), ws ${its}`);
    count(row.why);
    return;
  }
}

const opcodeOf = new Map([
  ['text', opcodes.text],
  ['binary', opcodes.binary],
  ['ping', opcodes.ping],
  ['pong', opcodes.pong],
]);

/** Each writes the events, and the other reads them. */
function exchange(rules: FrameRules, events: readonly PeerEvent[], random: Random): void {
  const items = events.flatMap((event) => {
    const [kind = '', hex = ''] = event.split(' ');
    const opcode = opcodeOf.get(kind);
    return opcode === undefined ? [] : [{ event, opcode, payload: Buffer.from(hex, 'hex') }];
  });
  const said = items.map(({ event }) => event);
  const key = rules.peerMasks ? undefined : random.bits();
  const ours = Buffer.concat(items.map(({ opcode, payload }) => encodeFrame(opcode, payload, { key })));
  const options = { isServer: !rules.peerMasks, maxPayload: 1_000_000, maxFragments: 10_000 };
  demandEqual(receiveWithWs(options, [ours]), said, 'what ws read of our frames');
  const theirs = Buffer.concat(
    items.map(({ opcode, payload }) => frameOfWs(opcode, payload, rules.peerMasks)),
  );
  const wide = { ...rules, maxFrameSize: Infinity, maxMessageSize: Infinity, maxFragments: Infinity };
  demandEqual(
    receive(wide, cutUp(theirs, random.cuts(theirs.length))).events,
    said,
    'what we read of theirs',
  );
}

export const wsTarget: FuzzTarget = {
  name: 'ws',
  property: 'the same messages, control frames and close codes as ws, or a listed difference, both ways',
  // Without the bit for an extension, whose RSV1 would end most streams at their first frame.
  generate: (random) => generateFrames(random, random.below(32) & ~4),
  check(input, random: Random) {
    const rules = sharedRules(input);
    const stream = input.subarray(1);
    const cuts = random.cuts(stream.length);
    const own = receive(rules, cutUp(stream, cuts));
    const options = {
      isServer: rules.peerMasks,
      maxPayload: rules.maxMessageSize,
      maxFragments: rules.maxFragments,
    };
    const other = receiveWithWs(options, cutUp(stream, cuts));
    compare(own, other, decodeByReference(rules, stream, new FrameDigest()));
    exchange(rules, own.events, random);
    count(rules.peerMasks ? asServer : asClient);
  },
  notes: () => counts,
};
