/**
 * The protocol core (RFC 6455 §5–§7) without I/O: bytes and time in; messages, bytes and the closure out.
 *
 * The rule of this file: every step goes through the state table, every fault through `fail`, every deadline through
 * `deadline` and `tick`. Nothing here waits, and nothing a peer sends makes it throw.
 */
import type { ExtensionSession } from '../extension/types.ts';
import { closeCodes, decodeClosePayload, encodeClosePayload } from '../frame/close.ts';
import { FrameDecoder, type FrameSink } from '../frame/decoder.ts';
import { LimitError, ProtocolError } from '../frame/errors.ts';
import { opcodes } from '../frame/opcodes.ts';
import { type ViolationName, violations } from '../frame/violations.ts';
import { type AssembledMessages, Assembler } from './assembler.ts';
import { Deadlines } from './deadlines.ts';
import { TimeoutError } from './errors.ts';
import type { Inbox } from './inbox.ts';
import { Pings } from './pings.ts';
import type { ByteTransport, Runtime, TransportListener } from './port.ts';
import { Sender } from './sender.ts';
import { permissions, type State, type Step, transitions } from './state.ts';
import type { Closure, ConnectionSettings, Role } from './types.ts';

/** Why and by whom the connection is ending: the closure that follows unless the transport spoils it. */
interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly by: Closure['by'];
  readonly cause: Error | undefined;
  /** Whether the peer has to answer for the closing to be clean; false when the connection failed. */
  readonly handshake: boolean;
}

/** What a protocol core is made of. */
export interface ProtocolParts {
  readonly transport: ByteTransport;
  readonly runtime: Runtime;
  readonly role: Role;
  readonly settings: ConnectionSettings;
  readonly inbox: Inbox;
  /** The negotiated extension's session, if there is one. */
  readonly session?: ExtensionSession | undefined;
  /** Called when `deadline()` may have come nearer. */
  readonly rearm?: ((deadline: number) => void) | undefined;
  /** Called once, when the connection is over. */
  readonly closed?: ((closure: Closure) => void) | undefined;
}

export class Protocol implements TransportListener, FrameSink, AssembledMessages {
  readonly sender: Sender;
  readonly pings: Pings;
  readonly runtime: Runtime;
  readonly settings: ConnectionSettings;
  state: State = 'open';
  /** Set once, at the end. */
  closure: Closure | undefined;

  readonly #transport: ByteTransport;
  readonly #role: Role;
  readonly #inbox: Inbox;
  readonly #session: ExtensionSession | undefined;
  readonly #decoder: FrameDecoder;
  readonly #assembler: Assembler;
  readonly #deadlines: Deadlines;
  readonly #rearm: ((deadline: number) => void) | undefined;
  readonly #onClosed: ((closure: Closure) => void) | undefined;
  #ending: Ending | undefined;
  #closeReceived = false;
  #transportOver = false;
  /** Chunks that wait because the inbox is full or an extension works; the first one from `#heldAt` on. */
  #held: Uint8Array[] | undefined;
  #heldAt = 0;
  #transforming = false;
  #paused = false;

  constructor({ transport, runtime, role, settings, inbox, session, rearm, closed }: ProtocolParts) {
    this.#transport = transport;
    this.runtime = runtime;
    this.#role = role;
    this.settings = settings;
    this.#inbox = inbox;
    this.#session = session;
    this.#rearm = rearm;
    this.#onClosed = closed;
    const rules = { ...settings, peerMasks: role.peerMasks, rsv: session?.rsv ?? 0 };
    this.#decoder = new FrameDecoder(rules, this);
    this.#assembler = new Assembler(runtime, this);
    this.sender = new Sender(this, transport, runtime, role.nextMaskKey, settings, session);
    this.pings = new Pings();
    this.#deadlines = new Deadlines(settings, runtime.now());
    inbox.demand = () => this.#resume();
  }

  /** Begins: bytes flow from here on. */
  start(): void {
    this.#transport.attach(this);
    this.#rearm?.(this.deadline());
  }

  // ---- in: bytes -------------------------------------------------------------------------------------------------

  /** Takes bytes from the peer. */
  data(chunk: Uint8Array): void {
    this.#deadlines.received(this.runtime.now());
    if (!permissions[this.state].input) return;
    if (this.#held !== undefined) {
      this.#held.push(chunk);
      return;
    }
    this.#decode(chunk, 0);
  }

  drained(): void {
    this.sender.drained();
  }

  /** The peer sent FIN. Without a Close before it, that is an abnormal end (§7.1.5). */
  ended(): void {
    this.#decodeHeld();
    if (!this.#closeReceived) this.#endWith(closeCodes.abnormal, '', 'transport', undefined, false);
    this.#inbox.end();
    if (this.state !== 'draining' || !this.#role.closesTransport) this.sender.flush();
    this.#transport.end();
    if (!this.#closeReceived) this.#transport.destroy();
  }

  /** The transport is over. */
  closed(error?: Error): void {
    if (this.#transportOver) return;
    this.#transportOver = true;
    this.#decodeHeld();
    this.#endWith(closeCodes.abnormal, '', 'transport', error, false);
    this.#settle();
  }

  #decode(chunk: Uint8Array, from: number): void {
    this.#decoder.stopped = false;
    const stop = this.#decoder.push(chunk, from);
    if (stop === chunk.length && !this.#transforming && !this.#inbox.full) return;
    if (!permissions[this.state].input) return;
    if (stop < chunk.length) {
      this.#held = [chunk];
      this.#heldAt = stop;
    }
    this.#pause();
  }

  /** Goes on where decoding had stopped. */
  #resume(): void {
    if (this.#transforming) return;
    while (this.#held !== undefined && permissions[this.state].input) {
      const [chunk, ...later] = this.#held;
      const at = this.#heldAt;
      this.#held = undefined;
      this.#heldAt = 0;
      if (chunk !== undefined) this.#decode(chunk, at);
      if (later.length === 0) break;
      // What came behind stays behind, whether or not the first chunk was finished.
      this.#held = [...(this.#held ?? []), ...later];
      if (this.#transforming || this.#inbox.full) break;
    }
    if (this.#held === undefined && !this.#transforming && !this.#inbox.full) this.#unpause();
  }

  /** Decodes all that waits, whatever the inbox says: there will be no later. */
  #decodeHeld(): void {
    while (this.#held !== undefined && !this.#transforming && permissions[this.state].input) this.#resume();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#transport.pause();
  }

  #unpause(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#deadlines.received(this.runtime.now());
    this.#transport.resume();
  }

  // ---- in: frames ------------------------------------------------------------------------------------------------

  dataFrame(opcode: number, fin: boolean, rsv: number, chunk: Uint8Array, start: number, end: number, bits: number): void {
    this.#assembler.frame(opcode, fin, rsv, chunk, start, end, bits);
  }

  dataStart(opcode: number, _fin: boolean, rsv: number, length: number): void {
    this.#assembler.start(opcode, rsv, length);
  }

  dataPiece(chunk: Uint8Array, start: number, end: number, bits: number): void {
    this.#assembler.piece(chunk, start, end, bits);
  }

  dataEnd(fin: boolean): void {
    if (!this.#decoder.stopped) this.#assembler.end(fin);
  }

  controlFrame(opcode: number, payload: Uint8Array): void {
    if (opcode === opcodes.ping) {
      if (permissions[this.state].control) this.sender.pong(payload);
    } else if (opcode === opcodes.pong) {
      this.pings.answered(payload, this.runtime.preciseNow());
    } else {
      this.#receiveClose(payload);
    }
  }

  violation(name: ViolationName, actual: number): void {
    this.fail(name, limitBroken(name, actual, this.settings));
  }

  // ---- in: messages ----------------------------------------------------------------------------------------------

  text(text: string): void {
    this.#deliver(text);
  }

  binary(bytes: Uint8Array): void {
    this.#deliver(bytes);
  }

  invalidText(): void {
    this.fail('textUtf8');
  }

  transformed(bytes: Uint8Array, isText: boolean): void {
    this.#transforming = true;
    const max = this.settings.maxMessageSize;
    let finished = false;
    this.#session?.inbound(bytes, max, (violation, payload) => {
      if (finished || !permissions[this.state].input) return;
      finished = true;
      this.#transforming = false;
      if (violation !== undefined) this.fail(violation, limitBroken(violation, max + 1, this.settings));
      else if (!isText) this.#deliver(this.runtime.view(payload, 0, payload.length));
      else if (!this.runtime.isUtf8(payload)) this.fail('textUtf8');
      else this.#deliver(this.runtime.decodeUtf8(payload, 0, payload.length));
      if (this.#paused) {
        this.#resume();
        if (this.#transportOver) this.#settle();
      }
    });
    if (!finished) this.#decoder.stopped = true;
  }

  #deliver(message: string | Uint8Array): void {
    this.#deadlines.active(this.runtime.now());
    // While we close, what comes still counts as long as there is room; after that the handshake goes first.
    if (this.state !== 'open' && this.#inbox.full) return;
    if (!this.#inbox.push(message) && this.state === 'open') this.#decoder.stopped = true;
  }

  // ---- closing ---------------------------------------------------------------------------------------------------

  /** Starts the closing handshake (§7.1.2) after everything that was accepted for sending. */
  close(payload: Uint8Array, code: number, reason: string, cause?: Error): void {
    if (this.state !== 'open') return;
    this.#endWith(code, reason, 'us', cause, true);
    this.sender.close(payload);
    this.#step('sendClose');
    this.#deadlines.closing(this.runtime.now());
    this.#rearm?.(this.deadline());
    // Nobody may be reading any more: keep the input moving, so that the peer's Close can arrive.
    this.#decodeHeld();
    this.#unpause();
  }

  /** Fails the connection (§7.1.7) for a violation of the peer's. */
  fail(name: ViolationName, cause?: Error): void {
    const { closeCode, text } = violations[name];
    this.failWith(closeCode, text, new ProtocolError(name, cause === undefined ? {} : { cause }));
  }

  /** Fails the connection: a Close if none was sent yet, no more reading, and the end. */
  failWith(code: number, reason: string, cause: Error): void {
    if (!permissions[this.state].input) return;
    this.#endWith(code, reason, 'us', cause, false);
    if (this.state === 'open') this.sender.closeNow(encodeClosePayload(code, reason), this.#provisional());
    this.#step('fail');
    this.#finish(true);
  }

  /** Drops the transport at once. */
  terminate(cause?: Error): void {
    if (this.state === 'closed') return;
    this.#endWith(closeCodes.abnormal, '', 'us', cause, false);
    this.#inbox.clear();
    this.#inbox.end();
    this.#held = undefined;
    this.#decoder.stopped = true;
    this.#transport.destroy();
    this.#settle();
  }

  #receiveClose(payload: Uint8Array): void {
    const said = decodeClosePayload(payload);
    if (typeof said === 'string') {
      this.fail(said);
      return;
    }
    this.#closeReceived = true;
    this.#endWith(said.code, said.reason, 'peer', undefined, true);
    const answer = this.state === 'open';
    this.#step('receiveClose');
    if (answer) {
      // The code is echoed, the reason is not (§5.5.1).
      const echo = said.code === closeCodes.noStatus ? payload.subarray(0, 0) : payload.slice(0, 2);
      this.sender.closeNow(echo, this.#provisional());
      this.#step('sendClose');
    }
    this.#finish(this.#role.closesTransport);
  }

  /** Both sides are done talking: end the transport, or wait for the peer to do so, within the deadline. */
  #finish(end: boolean): void {
    this.#decoder.stopped = true;
    this.#held = undefined;
    this.#inbox.end();
    this.sender.over(this.#provisional());
    if (end) this.#transport.end();
    this.#unpause();
    this.#deadlines.closing(this.runtime.now());
    this.#rearm?.(this.deadline());
  }

  #endWith(code: number, reason: string, by: Closure['by'], cause: Error | undefined, handshake: boolean): void {
    this.#ending ??= { code, reason, by, cause, handshake };
  }

  #step(step: Step): void {
    this.state = transitions[this.state][step] ?? this.state;
  }

  /** The closure as far as it is known. */
  #provisional(): Closure {
    const { code, reason, by, cause } = this.#ending ?? { code: 1006, reason: '', by: 'transport', cause: undefined };
    return { code, reason, clean: false, by, ...(cause === undefined ? {} : { cause }) };
  }

  #settle(cause?: Error): void {
    if (this.closure !== undefined || this.#transforming) {
      if (this.state !== 'closed' && !this.#transforming) this.#step('over');
      if (this.closure !== undefined) return;
      if (this.#transforming && this.#ending?.by !== 'us') return;
    }
    const ending = this.#provisional();
    const unanswered = this.#ending?.handshake === true && !this.#closeReceived;
    const reasoned = cause ?? ending.cause;
    this.closure = Object.freeze({
      code: unanswered ? closeCodes.abnormal : ending.code,
      reason: unanswered ? '' : ending.reason,
      clean: this.#closeReceived && this.#ending?.handshake === true,
      by: unanswered && cause === undefined ? 'transport' : ending.by,
      ...(reasoned === undefined ? {} : { cause: reasoned }),
    });
    this.#step('over');
    this.#inbox.end();
    this.sender.over(this.closure);
    this.pings.over(this.closure);
    this.#session?.dispose();
    this.#onClosed?.(this.closure);
  }

  /** What an operation that comes too late is told. */
  closureSoFar(): Closure {
    return this.closure ?? this.#provisional();
  }

  // ---- time ------------------------------------------------------------------------------------------------------

  /** When `tick` wants to be called next, in milliseconds of the runtime's clock; `Infinity` for never. */
  deadline(): number {
    return this.state === 'closed' ? Infinity : this.#deadlines.next(this.state === 'open');
  }

  /** Acts on every deadline that has passed by `now`. */
  tick(now: number): void {
    if (this.state === 'closed') return;
    const due = this.#deadlines.due(now, this.state === 'open', this.#paused);
    switch (due) {
      case undefined:
        return;
      case 'ping':
        this.sender.ping(this.pings.next(this.runtime.preciseNow()));
        return;
      case 'sessionTimeout':
        this.#expire(4000, 'timeout', new TimeoutError(due, this.settings.sessionTimeout));
        return;
      case 'idleTimeout':
        this.#expire(closeCodes.goingAway, 'idle', new TimeoutError(due, this.settings.idleTimeout));
        return;
      case 'pingTimeout':
        this.#drop(new TimeoutError(due, this.settings.pingTimeout));
        return;
      case 'closeTimeout':
        this.#drop(new TimeoutError(due, this.settings.closeTimeout));
    }
  }

  #expire(code: number, reason: string, cause: Error): void {
    this.close(encodeClosePayload(code, reason), code, reason, cause);
  }

  /** Gives up on the peer. What was received stays readable. */
  #drop(cause: Error): void {
    this.#decodeHeld();
    this.#endWith(closeCodes.abnormal, '', 'us', cause, false);
    this.#transport.destroy();
    this.#transforming = false;
    this.#settle(this.#closeReceived ? undefined : cause);
  }
}

/** The limit that a violation broke, as the cause to go with it. */
function limitBroken(name: ViolationName, actual: number, settings: ConnectionSettings): LimitError | undefined {
  const limit = ({ frameTooBig: 'maxFrameSize', messageTooBig: 'maxMessageSize', tooManyFragments: 'maxFragments' } as const)[
    name as 'frameTooBig' | 'messageTooBig' | 'tooManyFragments'
  ];
  return limit === undefined ? undefined : new LimitError({ limit, max: settings[limit], actual });
}
