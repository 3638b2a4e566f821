/**
 * The receiving half of the core: chunks in, messages and control frames out, no faster than they are taken.
 *
 * The rule of this file: decoding is lazy. When the inbox is full, or an extension still works on a message, the
 * rest of the chunk waits undecoded and the transport is paused; so memory is bounded by one chunk and one inbox.
 */
import type { ExtensionSession } from '../extension/types.ts';
import { closeCodes } from '../frame/close.ts';
import type { FrameDecoder, FrameSink } from '../frame/decoder.ts';
import { LimitError } from '../frame/errors.ts';
import { opcodes } from '../frame/opcodes.ts';
import type { ViolationName } from '../frame/violations.ts';
import { Assembler } from './assembler.ts';
import { type BurstTaker, handOnBurst } from './burst.ts';
import type { Decoders } from './decoders.ts';
import type { Environment } from './environment.ts';
import { errorOf } from './errors.ts';
import type { Inbox, MessageSource } from './inbox.ts';
import type { Share } from './inflated.ts';
import type { ByteTransport, Region } from './port.ts';
import type { ConnectionSettings, Message } from './types.ts';
import { handOn } from './whole.ts';

/** From this size on what waited is decoded in the memory that is masked fastest. */
const worthMoving = 2_048;
/** Up to this size a chunk never waits for its turn. */
const modest = 4_096;

/** What the reader asks and tells the protocol. */
export interface ReaderOwner {
  /** Whether the peer's frames still count. */
  readonly reading: boolean;
  /** Whether messages may be dropped for lack of room, because the connection is closing. */
  readonly closing: boolean;
  delivered(): void;
  /** The input flows again after it was held back. */
  resumed(): void;
  control(opcode: number, payload: Uint8Array): void;
  fail(name: ViolationName, cause?: Error): void;
  failWith(code: number, reason: string, cause: Error): void;
  /** An extension has finished a message that the reader had to wait for. */
  unblocked(): void;
}

/** Chunks that wait, the first one from `at` on. */
interface Held {
  readonly chunk: Uint8Array;
  readonly at: number;
  readonly later: Uint8Array[];
}

export class Reader implements FrameSink, BurstTaker, MessageSource {
  /** Whether we ourselves hold the input back. */
  paused = false;
  /** Whether an extension works on a message. */
  transforming = false;

  readonly #owner: ReaderOwner;
  readonly #environment: Environment;
  readonly #transport: ByteTransport;
  readonly #inbox: Inbox;
  readonly #session: ExtensionSession | undefined;
  readonly #decoders: Decoders;
  /** Lent while there is something to decode, and for as long as a message is not complete. */
  #decoder: FrameDecoder | undefined;
  /** Made at the first fragment, or frame in pieces. */
  #assembler: Assembler | undefined;
  /** Whether the chunk under way is good only for the call. */
  #lent = false;
  #held: Held | undefined;
  /** Whether what waits has a place in the line of those who brought much at once. */
  #inLine = false;
  /** Whether the transport is at its end, so that nothing can be put off any more. */
  #draining = false;
  /** What the application may have of inflated messages, once they were large. */
  #share: Share | undefined;
  /** Whether a message was dropped because there was no room for it while we close. */
  #dropping = false;
  /** Whether the chunk under way has brought a message that its handler could not answer yet. */
  #unanswered = false;
  /** An end that came right behind a message, and waits for the turn in which that is answered. */
  #end: (() => void) | undefined;
  /** What cut us off as bytes were taken in: some of them are lost, and what comes behind them cannot be read. */
  #lost: unknown;

  constructor(
    owner: ReaderOwner,
    environment: Environment,
    transport: ByteTransport,
    inbox: Inbox,
    session: ExtensionSession | undefined,
  ) {
    this.#owner = owner;
    this.#environment = environment;
    this.#transport = transport;
    this.#inbox = inbox;
    this.#session = session;
    this.#decoders = environment.decoders(session?.rsv ?? 0);
    inbox.source = this;
  }

  /** Takes `chunk[0, end)` from the transport; with a region it is only lent, and what waits is copied. */
  data(chunk: Uint8Array, end: number, region: Region | undefined): void {
    if (!this.#owner.reading) {
      if (end > modest) this.#discard();
      return;
    }
    if (this.#lost !== undefined) {
      this.#giveUp();
      return;
    }
    try {
      this.#takeIn(chunk, end, region);
    } catch (error) {
      this.#lost = error;
      this.#giveUp();
    }
  }

  #giveUp(): void {
    const reason = 'what was received could not be read';
    this.#owner.failWith(closeCodes.internalError, reason, errorOf(this.#lost));
  }

  /** In a turn of its own: whoever asks for a message may have no room left on the stack. */
  #giveUpLater(): void {
    this.#environment.runtime.later(() => this.#giveUp());
  }

  #takeIn(chunk: Uint8Array, end: number, region: Region | undefined): void {
    this.#unanswered = false;
    if (this.#held !== undefined) this.#held.later.push(this.#kept(chunk, 0, end, region));
    else if (this.transforming || this.#end !== undefined) this.#hold(this.#kept(chunk, 0, end, region), 0);
    else if (end > modest && this.#environment.runtime.isSpent(true)) {
      this.#hold(this.#kept(chunk, 0, end, region), 0);
      this.#getInLine();
    } else {
      const stop = this.#decode(chunk, 0, end, region);
      if (stop < end) this.#hold(this.#kept(chunk, stop, end, region), region === undefined ? stop : 0);
    }
  }

  #kept(chunk: Uint8Array, at: number, end: number, region: Region | undefined): Uint8Array {
    return region === undefined ? chunk : this.#environment.runtime.copy(chunk, at, end);
  }

  /** Goes on where decoding had stopped, and opens the transport again when nothing is left waiting. */
  resume(): void {
    if (!this.#owner.reading) {
      this.#share?.over(this.#inbox);
      return;
    }
    if (this.#inLine) return;
    if (this.#lost !== undefined) {
      this.#giveUpLater();
      return;
    }
    try {
      this.#goOn();
    } catch (error) {
      this.#lost = error;
      this.#giveUpLater();
    }
  }

  #goOn(): void {
    while (this.#held !== undefined && !this.#blocked) {
      if (this.#environment.runtime.isSpent(false)) {
        this.#getInLine();
        return;
      }
      this.#decodeNext(this.#held);
    }
    if (this.paused && !this.#blocked) {
      this.paused = false;
      this.#owner.resumed();
      this.#transport.resume();
    }
  }

  /** What waits is decoded in a turn of its own, so that others are heard meanwhile. */
  #getInLine(): void {
    this.#inLine = true;
    this.#environment.runtime.getInLine(() => {
      this.#inLine = false;
      this.resume();
    });
  }

  /** What comes behind the end is thrown away; but reading it takes time too, and that of others. */
  #discard(): void {
    const { runtime } = this.#environment;
    if (this.#inLine || !runtime.isSpent(true)) return;
    this.#inLine = true;
    this.#transport.pause();
    runtime.getInLine(() => {
      this.#inLine = false;
      this.#transport.resume();
    });
  }

  /** Decodes all that waits, whatever the inbox says: there will be no later, and how it ended may stand in it. */
  drain(): void {
    this.#draining = true;
    try {
      this.#actOnEnd();
      while (this.#held !== undefined && !this.transforming && this.#owner.reading) {
        this.#decodeNext(this.#held);
        this.#actOnEnd();
      }
    } catch (error) {
      this.#lost = error;
    }
    if (this.#lost !== undefined) this.#giveUp();
  }

  /** Stops for good; what still comes is thrown away. */
  stop(): void {
    this.#stopDecoding();
    this.#decoder = undefined;
    this.#held = undefined;
    this.#end = undefined;
    // A message that will never be whole: the peer may take its time to go.
    this.#assembler = undefined;
    this.#share?.over(this.#inbox);
    if (!this.paused) return;
    this.paused = false;
    this.#transport.resume();
  }

  get #blocked(): boolean {
    return this.transforming || this.#end !== undefined || (this.#inbox.full && !this.#owner.closing);
  }

  /**
   * Acts on a Close or a violation. Right behind a message it waits a turn, so that what the handler answers to the
   * message leaves before our Close, however the peer's bytes were cut.
   */
  #endWith(act: () => void): void {
    if (!this.#unanswered || this.#owner.closing) {
      act();
      return;
    }
    this.#endNextTurn(act);
  }

  #endNextTurn(act: () => void): void {
    this.#stopDecoding();
    this.#end ??= act;
    this.#environment.runtime.later(() => {
      this.#actOnEnd();
      this.resume();
    });
  }

  #actOnEnd(): void {
    const act = this.#end;
    this.#end = undefined;
    act?.();
  }

  /** Decodes the first waiting chunk, which may put its rest back or end the reading. */
  #decodeNext({ chunk, at, later }: Held): void {
    this.#held = undefined;
    const size = chunk.length - at;
    const region = size >= worthMoving ? this.#environment.runtime.borrow() : undefined;
    let stop: number;
    if (region === undefined || size > region.bytes.length) {
      stop = this.#decode(chunk, at, chunk.length, undefined);
    } else {
      region.bytes.set(at === 0 ? chunk : chunk.subarray(at));
      // What is not reached there is as it was here.
      stop = at + this.#decode(region.bytes, 0, size, region);
    }
    if (stop < chunk.length) this.#hold(chunk, stop);
    this.#holdLater(later);
  }

  #holdLater(later: Uint8Array[]): void {
    const [next, ...others] = later;
    if (next === undefined || !this.#owner.reading) return;
    if (this.#held === undefined) this.#held = { chunk: next, at: 0, later: others };
    else this.#held.later.push(...later);
  }

  /** @returns where what has to wait begins; `end` when nothing has to */
  #decode(chunk: Uint8Array, from: number, end: number, region: Region | undefined): number {
    this.#decoder ??= this.#decoders.lend(this);
    const decoder = this.#decoder;
    decoder.stopped = false;
    this.#lent = region !== undefined;
    const stop = decoder.push(chunk, from, end, region);
    if (decoder.idle && this.#decoder === decoder) {
      this.#decoder = undefined;
      this.#decoders.takeBack(decoder);
    }
    if (!this.#owner.reading) return end;
    if (stop === end && this.#blocked) this.#pause();
    return stop;
  }

  #hold(chunk: Uint8Array, at: number): void {
    this.#held = { chunk, at, later: [] };
    this.#pause();
  }

  /** Has the decoder return behind the frame under way. */
  #stopDecoding(): void {
    if (this.#decoder !== undefined) this.#decoder.stopped = true;
  }

  #pause(): void {
    if (this.paused) return;
    this.paused = true;
    this.#transport.pause();
  }

  // ---- frames ----------------------------------------------------------------------------------------------------

  dataFrame(
    opcode: number,
    fin: boolean,
    rsv: number,
    chunk: Uint8Array,
    start: number,
    end: number,
    bits: number,
  ): void {
    if (!fin || opcode === opcodes.continuation) {
      this.#assembling().frame(opcode, fin, rsv, chunk, start, end, bits);
      return;
    }
    if (rsv !== 0 && this.#transformedNow(chunk, start, end, opcode === opcodes.text)) return;
    const { runtime } = this.#environment;
    handOn(this, runtime, chunk, start, end, opcode === opcodes.text, rsv !== 0, this.#lent, bits);
  }

  burst(region: Region, count: number): number {
    return handOnBurst(this, this.#environment.runtime, region, count);
  }

  /** Whether the frame under way is the last one for now. */
  get stopped(): boolean {
    return this.#decoder === undefined || this.#decoder.stopped;
  }

  #assembling(): Assembler {
    this.#assembler ??= new Assembler(this.#environment.runtime, this);
    return this.#assembler;
  }

  dataStart(opcode: number, rsv: number, length: number): void {
    this.#assembling().start(opcode, rsv, length);
  }

  dataPiece(chunk: Uint8Array, start: number, end: number, bits: number): void {
    this.#assembling().piece(chunk, start, end, bits);
  }

  dataEnd(fin: boolean): void {
    // A fault in the last piece may wait for its turn: then there is no message.
    if (this.#owner.reading && this.#end === undefined) this.#assembling().end(fin);
  }

  controlFrame(opcode: number, payload: Uint8Array): void {
    if (opcode !== opcodes.close) {
      this.#owner.control(opcode, payload);
      return;
    }
    // The chunk may be lent, and a later turn acts on this. (`slice` of a Buffer would be no copy.)
    const kept = Uint8Array.from(payload);
    this.#endWith(() => this.#owner.control(opcode, kept));
  }

  violation(name: ViolationName, actual: number): void {
    this.#endWith(() => this.#owner.fail(name, brokenLimit(name, actual, this.#environment.settings)));
  }

  // ---- messages --------------------------------------------------------------------------------------------------

  text(text: string): void {
    this.#deliver(text);
  }

  binary(bytes: Uint8Array): void {
    this.#deliver(bytes);
  }

  invalidText(): void {
    this.#endWith(() => this.#owner.fail('textUtf8'));
  }

  transformed(bytes: Uint8Array, isText: boolean): void {
    this.transforming = true;
    let late = false;
    this.#session?.inbound(bytes, this.#environment.settings.maxMessageSize, (violation, payload) => {
      if (!this.transforming) return;
      this.transforming = false;
      if (this.#owner.reading) this.#transformedBack(violation, payload, isText, bytes.length);
      if (late) this.#owner.unblocked();
    });
    late = true;
    if (this.transforming) this.#stopDecoding();
  }

  /** @returns whether the extension undid the message at once */
  #transformedNow(chunk: Uint8Array, start: number, end: number, isText: boolean): boolean {
    const { runtime, settings } = this.#environment;
    const made = this.#session?.inboundNow?.(chunk, start, end, settings.maxMessageSize);
    if (made === undefined) return false;
    if (!this.#mayHave(made.end - made.start, end - start)) return true;
    const bits = made.isAscii ? 0 : -1;
    handOn(this, runtime, made.bytes, made.start, made.end, isText, false, true, bits);
    return true;
  }

  /** @param came bytes that it was before */
  #transformedBack(
    violation: ViolationName | undefined,
    payload: Uint8Array,
    isText: boolean,
    came: number,
  ): void {
    const { runtime, settings } = this.#environment;
    if (violation !== undefined) {
      const cause = brokenLimit(violation, settings.maxMessageSize + 1, settings);
      this.#endWith(() => this.#owner.fail(violation, cause));
    } else if (!this.#mayHave(payload.length, came)) {
      return;
    } else if (!isText) {
      this.#deliver(runtime.view(payload, 0, payload.length));
    } else if (runtime.isUtf8(payload)) {
      this.#deliver(runtime.decodeUtf8(payload, 0, payload.length));
    } else {
      this.invalidText();
    }
  }

  /** Counts what the application may have of inflated messages. @returns false when that ends the connection */
  #mayHave(size: number, came: number): boolean {
    const { inflated } = this.#environment.runtime;
    this.#share ??= inflated.share(size, this.#draining, this.#inbox, (actual) =>
      this.#drop(inflated.limit, actual),
    );
    return this.#share === undefined || this.#share.add(size, came, this.#draining);
  }

  /** All connections together have too much. */
  #drop(max: number, actual: number): void {
    this.#inbox.clear();
    // An error that is made in the stack of an inflated message keeps that message for as long as its trace is unread.
    this.#endNextTurn(() => {
      const cause = new LimitError({ limit: 'inflated memory', max, actual });
      this.#owner.failWith(closeCodes.tryAgainLater, 'inflated messages take too much memory', cause);
    });
  }

  #deliver(message: Message): void {
    this.#owner.delivered();
    this.#unanswered = true;
    // While we close, a message counts as long as there is room for it; then the closing handshake goes first. What
    // comes behind one that was dropped is dropped too: the messages that were received have no gap.
    this.#dropping ||= this.#owner.closing && this.#inbox.full;
    if (this.#dropping) return;
    if (this.#draining) this.#inbox.keep(message, this.#environment.runtime);
    else if (!this.#inbox.push(message) && !this.#owner.closing) this.#stopDecoding();
  }
}

const limitOf: Readonly<Partial<Record<ViolationName, 'maxFrameSize' | 'maxMessageSize' | 'maxFragments'>>> =
  {
    frameTooBig: 'maxFrameSize',
    messageTooBig: 'maxMessageSize',
    tooManyFragments: 'maxFragments',
  };

/** The limit that a violation broke, as the cause to go with it. */
function brokenLimit(
  name: ViolationName,
  actual: number,
  settings: ConnectionSettings,
): LimitError | undefined {
  const limit = limitOf[name];
  return limit === undefined ? undefined : new LimitError({ limit, max: settings[limit], actual });
}
