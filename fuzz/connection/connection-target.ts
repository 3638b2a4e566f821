/**
 * A whole connection, both roles, fed with a peer's frames: messages, answers and the end (RFC 6455 §5, §7).
 *
 * The rule of this file: nothing waits for an event loop. Turns are run by hand, so a case costs microseconds; what
 * has to come out is said by the reference decoder.
 */
import { Connection } from '../../src/connection/connection.ts';
import { Environment } from '../../src/connection/environment.ts';
import type { ByteTransport, Runtime, TransportListener } from '../../src/connection/port.ts';
import type { Closure, ConnectionSettings } from '../../src/connection/types.ts';
import { encodeFrame } from '../../src/frame/encoder.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import { violations } from '../../src/frame/violations.ts';
import { runtime as node } from '../../src/framework/runtime.ts';
import { sharedRegion } from '../../src/transport/shared-read.ts';
import { generateFrames } from '../frame/generate.ts';
import { rulesOf } from '../frame/rules.ts';
import { type Heard, hear, type Said, saidOf } from '../model/heard.ts';
import type { Random } from '../random.ts';
import { demand, demandEqual, type FuzzTarget } from '../target.ts';

/** What a connection made of a stream. */
interface Outcome {
  readonly messages: readonly Said[];
  readonly written: Uint8Array;
  readonly closure: Closure;
}

/** Turns of the event loop, run when told. */
class Turns {
  #due: (() => void)[] = [];

  add(act: () => void): void {
    this.#due.push(act);
  }

  run(): void {
    for (let act = this.#due.shift(); act !== undefined; act = this.#due.shift()) act();
  }
}

class Recorder implements ByteTransport {
  readonly written: Uint8Array[] = [];
  readonly bufferedAmount = 0;
  ended = false;
  paused = false;
  listener: TransportListener | undefined;

  attach(listener: TransportListener): void {
    this.listener = listener;
  }

  write(parts: readonly Uint8Array[]): boolean {
    demand(!this.ended, 'written behind the end');
    for (const part of parts) this.written.push(Uint8Array.from(part));
    return true;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.ended = true;
  }
}

const times = {
  writeBufferSize: 131_072,
  maxWriteBufferSize: 1_048_576,
  overflow: 'wait',
  pingInterval: Infinity,
  pingTimeout: Infinity,
  idleTimeout: Infinity,
  sessionTimeout: Infinity,
  closeTimeout: 5_000,
} as const;

const maskKey = 0x0a_0b_0c_0d;

/** How bytes are handed to a connection: in memory of its own, or lent and then overwritten. */
type Hand = (listener: TransportListener | undefined, bytes: Uint8Array) => void;

const give: Hand = (listener, bytes) => listener?.data(Buffer.from(bytes));

const lend: Hand = (listener, bytes) => {
  const region = sharedRegion();
  for (let at = 0; at < bytes.length; at += region.bytes.length) {
    const piece = bytes.subarray(at, at + region.bytes.length);
    region.bytes.set(piece);
    listener?.lent(region, piece.length);
    region.bytes.fill(0x5a, 0, piece.length);
  }
};

/** How much room there may be for what came: more where a frame goes on that is no small one, since the system gives memory when it is written. */
const ahead = (came: number): number => (came < 4_096 ? 2 : 20);

/** Feeds a stream, cut, to a connection of its own, whose application takes everything at once. */
function play(rules: FrameRules, stream: Uint8Array, cuts: readonly number[], hand: Hand): Outcome {
  const turns = new Turns();
  const wire = new Recorder();
  const closures: Closure[] = [];
  const messages: Said[] = [];
  const settings: ConnectionSettings = { ...rules, ...times };
  let fed = 0;
  const runtime: Runtime = {
    ...node,
    now: () => 0,
    preciseNow: () => 0,
    defer: (target) => turns.add(() => target.flush()),
    later: (act) => turns.add(act),
    isSpent: () => false,
    getInLine: (act) => turns.add(act),
    allocate(size) {
      demand(size <= ahead(fed) * fed + 4_096, () => `${size} bytes allocated for ${fed} that came`);
      demand(size <= 2 * settings.maxMessageSize + 4_096, () => `${size} bytes allocated beyond the limit`);
      return node.allocate(size);
    },
  };
  const role = {
    peerMasks: rules.peerMasks,
    closesTransport: rules.peerMasks,
    nextMaskKey: rules.peerMasks ? undefined : () => maskKey,
  };
  const environment = new Environment(runtime, role, settings, {
    rearm: () => {},
    closed: (_, closure) => void closures.push(closure),
  });
  const facts = { subprotocol: undefined, extensions: [], request: undefined };
  const connection = new Connection(wire, environment, facts);
  Connection.lifeOf(connection).start();
  const takeAll = (): void => {
    turns.run();
    for (let next = connection.tryRecv(); next !== undefined && next !== null; next = connection.tryRecv()) {
      messages.push(saidOf(next));
    }
    turns.run();
  };
  let from = 0;
  for (const edge of [...cuts, stream.length]) {
    fed += edge - from;
    hand(wire.listener, stream.subarray(from, edge));
    from = edge;
    takeAll();
    demand(!wire.paused, 'held back though everything was taken');
  }
  wire.listener?.ended();
  takeAll();
  wire.listener?.closed();
  takeAll();
  const [closure] = closures;
  demand(closure !== undefined && closures.length === 1, () => `${closures.length} closures`);
  return { messages, written: Buffer.concat(wire.written), closure };
}

/** The closure that belongs to what was heard. */
function closureOf({ close, violation }: Heard): Pick<Closure, 'code' | 'reason' | 'clean' | 'by'> {
  if (close !== undefined) return { ...close, clean: true, by: 'peer' };
  if (violation === undefined) return { code: 1006, reason: '', clean: false, by: 'transport' };
  const { closeCode, text } = violations[violation];
  return { code: closeCode, reason: text, clean: false, by: 'us' };
}

/** A message of half a read or more, which could be kept as it lies where that is not lent. */
function generateLarge(random: Random): Uint8Array {
  const rules = 0b11000 | random.below(2);
  const key = (rules & 1) === 0 ? undefined : random.bits();
  const payload = Buffer.alloc(32_000 + random.below(33_400), random.pick(['a', 'ä€😀', '\x80']), 'latin1');
  const small = encodeFrame(random.pick([1, 2, 9] as const), Buffer.from('small'), { key });
  const large = encodeFrame(random.pick([1, 2] as const), payload, { key });
  return Buffer.concat([Buffer.of(rules), ...(random.once(2) ? [small, large] : [large, small])]);
}

export const connectionTarget: FuzzTarget = {
  name: 'connection',
  property:
    'messages, pongs, Close and closure as the reference says, however cut, also in lent memory; memory follows what came',
  // Without the bit for an extension, of which there is none here.
  generate: (random) =>
    random.once(200) ? generateLarge(random) : generateFrames(random, random.below(32) & ~4),
  check(input, random: Random) {
    const rules = { ...rulesOf(input), rsv: 0 };
    const stream = input.subarray(1);
    const heard = hear(rules, stream);
    const cuts = random.cuts(stream.length);
    const whole = play(rules, stream, [], give);
    const cut = play(rules, stream, cuts, give);
    const lent = play(rules, stream, random.once(2) ? cuts : [], lend);
    for (const outcome of [whole, cut, lent]) {
      demandEqual(outcome.messages, heard.messages, 'messages and what was said');
      const { code, reason, clean, by } = outcome.closure;
      demandEqual({ code, reason, clean, by }, closureOf(heard), 'closure and the end of the stream');
      const own = hear(
        { ...rules, peerMasks: !rules.peerMasks, acceptUnmaskedFrames: false },
        outcome.written,
      );
      demandEqual(
        [own.messages, own.violation, own.behindClose],
        [[], undefined, false],
        'what was answered',
      );
      demandEqual(own.pongs, heard.pings, 'pongs and pings');
      const answered = heard.close !== undefined ? heard.close.code : own.close?.code;
      demandEqual(own.close?.code, heard.violation === undefined ? answered : code, 'the Close');
    }
  },
};
