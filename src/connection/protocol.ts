/**
 * The protocol core (RFC 6455 §5–§7) without I/O: bytes and time in; messages, bytes and the closure out.
 *
 * The rule of this file: every step goes through the state table, every fault through `fail`, every deadline through
 * `deadline` and `tick`. Nothing here waits, and nothing a peer sends makes it throw.
 */
import type { ExtensionSession } from '../extension/types.ts';
import { closeCodes, decodeClosePayload, encodeClosePayload } from '../frame/close.ts';
import { ProtocolError } from '../frame/errors.ts';
import { opcodes } from '../frame/opcodes.ts';
import { type ViolationName, violations } from '../frame/violations.ts';
import { Deadlines } from './deadlines.ts';
import type { Environment } from './environment.ts';
import { TimeoutError } from './errors.ts';
import type { Inbox } from './inbox.ts';
import { Pings } from './pings.ts';
import type { ByteTransport, Region, TransportListener } from './port.ts';
import { Reader, type ReaderOwner } from './reader.ts';
import { Sender } from './sender.ts';
import { permissions, type State, type Step, stateAfter } from './state.ts';
import type { Closure } from './types.ts';

/** Why and by whom the connection is ending: the closure that follows unless the transport spoils it. */
interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly by: Closure['by'];
  readonly cause: Error | undefined;
  /** Whether the closing handshake is under way; false when the connection failed or fell. */
  readonly handshake: boolean;
}

export abstract class Protocol implements TransportListener, ReaderOwner {
  readonly environment: Environment;
  readonly transport: ByteTransport;
  readonly sender: Sender;
  /** The messages that came. */
  readonly inbox: Inbox;
  state: State = 'open';
  /** Set once, at the end. */
  closure: Closure | undefined;
  /** For the clock: where it keeps this one's deadline. */
  bucket = 0;
  slot = 0;

  readonly #reader: Reader;
  readonly #deadlines: Deadlines;
  #pings: Pings | undefined;
  #ending: Ending | undefined;
  #closeReceived = false;
  /** The transport's end was reported while the last message was still in the works. */
  #postponed: (() => void) | undefined;

  /** @param session the negotiated extension's, if there is one */
  constructor(
    environment: Environment,
    transport: ByteTransport,
    inbox: Inbox,
    session: ExtensionSession | undefined,
  ) {
    this.environment = environment;
    this.transport = transport;
    this.inbox = inbox;
    this.sender = new Sender(this, session);
    this.#reader = new Reader(this);
    this.#deadlines = new Deadlines(environment.settings, environment.runtime.now());
  }

  /** The negotiated extension's, if there is one. */
  get session(): ExtensionSession | undefined {
    return this.sender.session;
  }

  /** Comes once, when the connection is over. */
  protected abstract over(closure: Closure): void;

  /** Pings under way. */
  get pings(): Pings {
    this.#pings ??= new Pings();
    return this.#pings;
  }

  /** Round trip of the last answered ping, in milliseconds. */
  get latency(): number | undefined {
    return this.#pings?.latency;
  }

  /** Begins: bytes flow from here on. */
  start(): void {
    this.transport.attach(this);
    this.#rearm();
  }

  get reading(): boolean {
    return permissions[this.state].input;
  }

  get closing(): boolean {
    return this.state !== 'open';
  }

  // ---- from the transport ----------------------------------------------------------------------------------------

  /** Takes bytes from the peer. */
  data(chunk: Uint8Array): void {
    this.#received();
    this.#reader.data(chunk, chunk.length, undefined);
  }

  /** Takes bytes from the peer that have to be used before this returns. */
  lent(region: Region, size: number): void {
    this.#received();
    this.#reader.data(region.bytes, size, region);
  }

  #received(): void {
    if (this.#deadlines.received(this.environment.runtime.now())) this.#rearm();
  }

  drained(): void {
    this.sender.drained();
  }

  /** The peer sent FIN. Without a Close before it, that is an abnormal end (§7.1.5). */
  ended(): void {
    if (this.#postpone(() => this.ended())) return;
    if (this.reading) {
      this.#endWith(closeCodes.abnormal, '', 'transport', undefined, false);
      this.#step('fail');
      this.#finish();
    }
    this.transport.end();
  }

  /** The transport is over. */
  closed(error?: Error): void {
    if (this.closure !== undefined || this.#postpone(() => this.closed(error))) return;
    this.#endWith(closeCodes.abnormal, '', 'transport', error, false);
    this.#settle('transport', error);
  }

  /** Lets everything received be delivered before an end is acted on. @returns whether that has to wait */
  #postpone(later: () => void): boolean {
    this.#reader.drain();
    if (!this.#reader.transforming || !this.reading) return false;
    this.#postponed = later;
    return true;
  }

  // ---- from the reader -------------------------------------------------------------------------------------------

  /** A message came. */
  delivered(): void {
    this.#deadlines.delivered();
  }

  control(opcode: number, payload: Uint8Array): void {
    if (opcode === opcodes.ping) {
      if (permissions[this.state].control) this.sender.pong(payload);
    } else if (opcode === opcodes.pong) {
      this.#pings?.answered(payload, this.environment.runtime.preciseNow());
    } else {
      this.#receiveClose(payload);
    }
  }

  unblocked(): void {
    this.#reader.resume();
    const postponed = this.#postponed;
    this.#postponed = undefined;
    postponed?.();
  }

  // ---- closing ---------------------------------------------------------------------------------------------------

  /** Starts the closing handshake (§7.1.2) behind everything that was accepted for sending. */
  close(payload: Uint8Array, code: number, reason: string, cause?: Error): void {
    if (this.state !== 'open') return;
    this.#endWith(code, reason, 'us', cause, true);
    this.#step('sendClose');
    this.#restartClosing();
    this.sender.close(payload);
    // Nobody may be reading any more: keep the input moving, so that the peer's Close can arrive.
    this.#reader.resume();
  }

  /** Fails the connection (§7.1.7) for a violation of the peer's. */
  fail(name: ViolationName, cause?: Error): void {
    const { closeCode, text } = violations[name];
    this.failWith(closeCode, text, new ProtocolError(name, cause === undefined ? {} : { cause }));
  }

  /** Fails the connection: a Close if none was sent yet, no more reading, and the end. */
  failWith(code: number, reason: string, cause: Error): void {
    if (!this.reading) return;
    const open = this.state === 'open';
    // In the middle of a closing handshake the violation, not the handshake, is what ended the connection.
    this.#ending = { code, reason, by: 'us', cause, handshake: false };
    this.#step('fail');
    if (open) this.sender.closeNow(encodeClosePayload(code, reason));
    this.#finish();
    this.transport.end();
  }

  /** Drops the transport at once, and with it what was not read or written. */
  terminate(cause?: Error): void {
    if (this.closure !== undefined) return;
    this.#endWith(closeCodes.abnormal, '', 'us', cause, false);
    this.inbox.clear();
    this.#reader.stop();
    this.transport.destroy();
    this.#settle('us', cause);
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
      this.sender.closeNow(payload.slice(0, 2));
      this.#step('sendClose');
    }
    this.#finish();
    if (this.environment.role.closesTransport) this.transport.end();
  }

  /** Nothing more is said or heard; the transport's end is awaited until the deadline. */
  #finish(): void {
    this.inbox.end();
    this.sender.over(this.closureSoFar());
    this.#reader.stop();
    this.#restartClosing();
  }

  /** The closing began or moved on: its deadline counts from now. */
  #restartClosing(): void {
    this.#deadlines.closing(this.environment.runtime.now());
    this.#rearm();
  }

  /** The peer took bytes in the middle of our closing. */
  progressed(): void {
    if (this.state === 'closeSent') this.#restartClosing();
  }

  #endWith(
    code: number,
    reason: string,
    by: Closure['by'],
    cause: Error | undefined,
    handshake: boolean,
  ): void {
    this.#ending ??= { code, reason, by, cause, handshake };
  }

  #step(step: Step): void {
    this.state = stateAfter(this.state, step);
  }

  /** The end. `dropped` tells who took the transport away, in case that is what ended the connection. */
  #settle(dropped: Closure['by'], cause: Error | undefined): void {
    const ending = this.#ending;
    const { code, reason, by } = this.closureSoFar();
    // A closing handshake that the peer never answered did not happen (§7.1.5).
    const unanswered = ending?.handshake === true && !this.#closeReceived;
    const why = ending?.cause ?? (this.#closeReceived ? undefined : cause);
    this.closure = Object.freeze({
      code: unanswered ? closeCodes.abnormal : code,
      reason: unanswered ? '' : reason,
      clean: ending?.handshake === true && this.#closeReceived,
      by: unanswered ? dropped : by,
      ...(why === undefined ? {} : { cause: why }),
    });
    this.#step('over');
    this.inbox.end();
    this.#reader.stop();
    this.sender.over(this.closure);
    this.#pings?.over(this.closure);
    this.session?.dispose();
    this.over(this.closure);
  }

  /** The closure as far as it is known: what an operation that comes too late is told. */
  closureSoFar(): Closure {
    if (this.closure !== undefined) return this.closure;
    const { code, reason, by, cause } = this.#ending ?? {
      code: closeCodes.abnormal,
      reason: '',
      by: 'transport' as const,
      cause: undefined,
    };
    return { code, reason, clean: false, by, ...(cause === undefined ? {} : { cause }) };
  }

  // ---- time ------------------------------------------------------------------------------------------------------

  /** When `tick` wants to be called next, in milliseconds of the runtime's clock; `Infinity` for never. */
  deadline(): number {
    return this.state === 'closed' ? Infinity : this.#deadlines.next(this.state === 'open');
  }

  /** Acts on the deadline that has passed by `now`. */
  tick(now: number): void {
    if (this.state === 'closed') return;
    const { settings, runtime } = this.environment;
    const due = this.#deadlines.due(now, this.state === 'open', this.#reader.paused);
    if (due === undefined) return;
    if (due === 'ping') {
      this.sender.ping(this.pings.next(runtime.preciseNow()));
      return;
    }
    const expired = new TimeoutError(due, settings[due]);
    if (due === 'sessionTimeout') this.#expire(4000, 'timeout', expired);
    else if (due === 'idleTimeout') this.#expire(closeCodes.goingAway, 'idle', expired);
    else this.#drop(expired);
  }

  #expire(code: number, reason: string, cause: Error): void {
    this.close(encodeClosePayload(code, reason), code, reason, cause);
  }

  /** Gives up on the peer. What was received stays readable. */
  #drop(expired: TimeoutError): void {
    this.#reader.drain();
    this.#endWith(closeCodes.abnormal, '', 'us', expired, false);
    this.#reader.stop();
    this.transport.destroy();
    this.#settle('us', expired);
  }

  /** A message went out. The clock is asked only where somebody counts idleness. */
  sent(): void {
    if (this.environment.settings.idleTimeout !== Infinity)
      this.#deadlines.active(this.environment.runtime.now());
  }

  /** We read again after holding the input back: that silence was ours. */
  resumed(): void {
    this.#deadlines.notReading(this.environment.runtime.now());
  }

  #rearm(): void {
    this.environment.host.rearm(this, this.deadline());
  }
}
