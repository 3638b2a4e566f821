/**
 * What frames become: messages in the inbox, control frames and faults for the protocol.
 *
 * The rule of this file: a message that came is delivered, or it is the connection's end that says why not. When to
 * decode is the intake's business.
 */
import type { ExtensionSession } from '../extension/types.ts';
import { closeCodes } from '../frame/close.ts';
import { type FrameDecoder, type FrameSink, unknownBits } from '../frame/decoder.ts';
import { LimitError } from '../frame/errors.ts';
import { opcodes } from '../frame/opcodes.ts';
import type { ViolationName } from '../frame/violations.ts';
import { Assembler } from './assembler.ts';
import { type BurstTaker, handOnBurst } from './burst.ts';
import type { Decoders } from './decoders.ts';
import type { Share } from './inflated.ts';
import { Intake, type IntakeOwner } from './intake.ts';
import type { Region } from './port.ts';
import type { ConnectionSettings, Message } from './types.ts';
import { handOn } from './whole.ts';

/** What the reader tells the protocol. */
export interface ReaderOwner extends IntakeOwner {
  /** The negotiated extension's, if there is one. */
  readonly session: ExtensionSession | undefined;
  delivered(): void;
  control(opcode: number, payload: Uint8Array): void;
  fail(name: ViolationName, cause?: Error): void;
  /** An extension has finished a message that the reader had to wait for. */
  unblocked(): void;
}

export class Reader extends Intake<ReaderOwner> implements FrameSink, BurstTaker {
  readonly #decoders: Decoders;
  /** Lent while there is something to decode, and for as long as a message is not complete. */
  #decoder: FrameDecoder | undefined;
  /** Made at the first fragment, or frame in pieces. */
  #assembler: Assembler | undefined;
  /** Whether the chunk under way is good only for the call. */
  #lent = false;
  /** What the application may have of inflated messages, once they were large. */
  #share: Share | undefined;
  /** Whether a message was dropped because there was no room for it while we close. */
  #dropping = false;

  constructor(owner: ReaderOwner) {
    super(owner);
    this.#decoders = owner.environment.decoders(owner.session?.rsv ?? 0);
  }

  protected override decode(
    chunk: Uint8Array,
    from: number,
    end: number,
    region: Region | undefined,
  ): number {
    this.#decoder ??= this.#decoders.lend(this);
    const decoder = this.#decoder;
    decoder.stopped = false;
    this.#lent = region !== undefined;
    const stop = decoder.push(chunk, from, end, region);
    if (decoder.idle && this.#decoder === decoder) {
      this.#decoder = undefined;
      this.#decoders.takeBack(decoder);
    }
    return stop;
  }

  protected override stopDecoding(): void {
    if (this.#decoder !== undefined) this.#decoder.stopped = true;
  }

  protected override over(): void {
    this.#decoder = undefined;
    // A message that will never be whole: the peer may take its time to go.
    this.#assembler = undefined;
    this.#share?.over(this.inbox);
  }

  override resume(): void {
    if (this.owner.reading) super.resume();
    else this.#share?.over(this.inbox);
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
    const { runtime } = this.environment;
    handOn(this, runtime, chunk, start, end, opcode === opcodes.text, rsv !== 0, this.#lent, bits);
  }

  burst(region: Region, count: number): number {
    return handOnBurst(this, this.environment.runtime, region, count);
  }

  /** Whether the frame under way is the last one for now. */
  get stopped(): boolean {
    return this.#decoder === undefined || this.#decoder.stopped;
  }

  #assembling(): Assembler {
    this.#assembler ??= new Assembler(this.environment.runtime, this);
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
    if (this.owner.reading && !this.ending) this.#assembling().end(fin);
  }

  controlFrame(opcode: number, payload: Uint8Array): void {
    if (opcode !== opcodes.close) {
      this.owner.control(opcode, payload);
      return;
    }
    // The chunk may be lent, and a later turn acts on this. (`slice` of a Buffer would be no copy.)
    const kept = Uint8Array.from(payload);
    this.endWith(() => this.owner.control(opcode, kept));
  }

  violation(name: ViolationName, actual: number): void {
    this.endWith(() => this.owner.fail(name, brokenLimit(name, actual, this.environment.settings)));
  }

  // ---- messages --------------------------------------------------------------------------------------------------

  text(text: string): void {
    this.#deliver(text);
  }

  binary(bytes: Uint8Array): void {
    this.#deliver(bytes);
  }

  invalidText(): void {
    this.endWith(() => this.owner.fail('textUtf8'));
  }

  transformed(bytes: Uint8Array, isText: boolean): void {
    this.transforming = true;
    let late = false;
    this.owner.session?.inbound(bytes, this.environment.settings.maxMessageSize, (violation, payload) => {
      if (!this.transforming) return;
      this.transforming = false;
      if (this.owner.reading) this.#transformedBack(violation, payload, isText, bytes.length);
      if (late) this.owner.unblocked();
    });
    late = true;
    if (this.transforming) this.stopDecoding();
  }

  /** @returns whether the extension undid the message at once */
  #transformedNow(chunk: Uint8Array, start: number, end: number, isText: boolean): boolean {
    const { runtime, settings } = this.environment;
    const made = this.owner.session?.inboundNow?.(chunk, start, end, settings.maxMessageSize);
    if (made === undefined) return false;
    if (!this.#mayHave(made.end - made.start, end - start)) return true;
    const bits = made.isAscii ? 0 : unknownBits;
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
    const { runtime, settings } = this.environment;
    if (violation !== undefined) {
      const cause = brokenLimit(violation, settings.maxMessageSize + 1, settings);
      this.endWith(() => this.owner.fail(violation, cause));
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
    const { inflated } = this.environment.runtime;
    this.#share ??= inflated.share(size, this.draining, this.inbox, (actual) =>
      this.#drop(inflated.limit, actual),
    );
    return this.#share === undefined || this.#share.add(size, came, this.draining);
  }

  /** All connections together have too much. */
  #drop(max: number, actual: number): void {
    this.inbox.clear();
    // An error that is made in the stack of an inflated message keeps that message for as long as its trace is unread.
    this.endNextTurn(() => {
      const cause = new LimitError({ limit: 'inflated memory', max, actual });
      this.owner.failWith(closeCodes.tryAgainLater, 'inflated messages take too much memory', cause);
    });
  }

  #deliver(message: Message): void {
    this.owner.delivered();
    this.unanswered = true;
    // While we close, a message counts as long as there is room for it; then the closing handshake goes first. What
    // comes behind one that was dropped is dropped too: the messages that were received have no gap.
    this.#dropping ||= this.owner.closing && this.inbox.full;
    if (this.#dropping) return;
    if (this.draining) this.inbox.keep(message, this.environment.runtime);
    else if (!this.inbox.push(message) && !this.owner.closing) this.stopDecoding();
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
