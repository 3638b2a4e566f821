/**
 * One endpoint of the model: a real connection on a faulty wire, and a record of all that was asked of it.
 *
 * The rule of this file: what the application is told at once is judged at once, against the state that it was asked
 * in; what comes later is recorded for the verdict.
 */
import { Connection } from '../../src/connection/connection.ts';
import { Environment } from '../../src/connection/environment.ts';
import { ClosedError } from '../../src/connection/errors.ts';
import type { Life } from '../../src/connection/life.ts';
import type { ByteTransport, Runtime } from '../../src/connection/port.ts';
import { type State, transitions } from '../../src/connection/state.ts';
import type { Closure, ConnectionSettings, Message, Role } from '../../src/connection/types.ts';
import { LimitError } from '../../src/frame/errors.ts';
import { demand } from '../target.ts';
import type { Blame } from './blame.ts';
import { type Said, saidOf } from './heard.ts';
import type { LateSession } from './late-session.ts';
import { FaultyWire } from './wire.ts';

/** A message that was given to `send` or `write`, and what became of its promise. */
export interface Sent {
  readonly said: Said;
  readonly call: 'send' | 'write';
  outcome: 'pending' | 'accepted' | Error;
}

export interface EndParts {
  readonly name: 'client' | 'server';
  readonly role: Role;
  readonly settings: ConnectionSettings;
  readonly runtime: Runtime;
  readonly transport: ByteTransport;
  readonly session: LateSession | undefined;
  readonly blame: Blame;
  /** Whether its bytes come in memory that is only lent. */
  readonly lends: boolean;
}

/** Bytes that may be sent though more wait already than is allowed: one message, and control frames. */
const largestMessage = 95_000;

export class End {
  readonly name: string;
  readonly role: Role;
  readonly settings: ConnectionSettings;
  readonly session: LateSession | undefined;
  readonly wire: FaultyWire;
  readonly connection: Connection;
  readonly protocol: Life;
  readonly sent: Sent[] = [];
  /** What was taken, in the order of the calls; undefined while a call waits, null for the end. */
  readonly #taken: (Said | null | undefined)[] = [];
  /** Promises of other calls that have not settled. */
  pending = 0;
  readonly closures: Closure[] = [];
  readonly blame: Blame;
  #state: State = 'open';
  #count = 0;
  #takenLength = 0;
  #told: Closure | undefined;

  constructor(parts: EndParts) {
    this.name = parts.name;
    this.role = parts.role;
    this.settings = parts.settings;
    this.session = parts.session;
    this.blame = parts.blame;
    this.wire = new FaultyWire(parts.transport, parts.lends);
    const environment = new Environment(parts.runtime, parts.role, parts.settings, {
      rearm: () => {},
      closed: (_, closure) => void this.closures.push(closure),
    });
    const facts = { subprotocol: undefined, extensions: [], request: undefined };
    this.connection = new Connection(this.wire, environment, facts, parts.session);
    this.protocol = Connection.lifeOf(this.connection);
    this.connection.closed.then((closure) => {
      this.#told = closure;
    });
    this.protocol.start();
  }

  get taken(): readonly Said[] {
    return this.#taken.filter((one) => typeof one === 'string');
  }

  get isOpen(): boolean {
    return this.connection.state === 'open';
  }

  get isOver(): boolean {
    return this.closures.length > 0;
  }

  /** What must hold between any two steps. */
  check(): void {
    const { state } = this.connection;
    demand(reachable(this.#state, state), () => `${this.name}: ${state} does not follow ${this.#state}`);
    this.#state = state;
    demand(this.closures.length <= 1, () => `${this.name}: ${this.closures.length} closures`);
    demand((state === 'closed') === this.isOver, () => `${this.name}: ${state} with ${this.closures.length}`);
    demand(this.fault === undefined, () => this.fault ?? '');
    demand(this.wire.lateWrites === 0, () => `${this.name} wrote behind its end`);
    const { bufferedAmount } = this.connection;
    demand(bufferedAmount >= 0, 'a negative bufferedAmount');
    const mayWait = this.settings.maxWriteBufferSize + largestMessage;
    demand(
      this.settings.overflow === 'wait' || bufferedAmount <= mayWait,
      () => `${bufferedAmount} bytes wait`,
    );
    const held = this.wire.deliveredBytes - this.#takenLength;
    demand(held <= this.#mayHold, () => `${this.name} holds ${held} bytes`);
    if (this.session !== undefined) demand(this.session.most <= 1, 'two calls of the extension at once');
  }

  /** What must hold at the end of all. */
  checkEnd(): void {
    this.check();
    demand(this.isOver, () => `${this.name}: no closure`);
    demand(this.#told === this.closures[0], () => `${this.name}: closed told another closure`);
    demand(this.connection.signal.aborted, 'the signal was not aborted');
    demand(this.protocol.deadline() === Infinity, () => `${this.name}: a deadline is left`);
    demand(this.pending === 0, () => `${this.name}: ${this.pending} calls were never answered`);
    const waiting = this.sent.filter(({ outcome }) => outcome === 'pending').length;
    demand(waiting === 0, () => `${this.name}: ${waiting} messages were never answered`);
    demand(this.connection.tryRecv() === null, () => `${this.name}: the end of the messages is missing`);
    demand(this.session?.disposed !== false, () => `${this.name}: the extension was not released`);
  }

  /** Bytes that may be held unread: a full inbox, the message that filled it, one chunk as it was sent, and headers. */
  get #mayHold(): number {
    return 65_536 + this.settings.maxMessageSize + largestMessage + 65_536;
  }

  // ---- what an application can do --------------------------------------------------------------------------------

  /** Text unlike any other of this endpoint's, so that one that is lost, doubled or out of place is seen. */
  content(filling: string, size: number): string {
    this.#count += 1;
    return `${this.name} ${this.#count};`.padEnd(size, filling);
  }

  send(message: Message): void {
    const { isOpen } = this;
    const entry: Sent = { said: saidOf(message), call: 'send', outcome: 'pending' };
    this.sent.push(entry);
    this.#expect(
      this.connection.send(message),
      isOpen,
      (outcome) => {
        entry.outcome = outcome;
      },
      true,
    );
  }

  write(message: Message): void {
    const entry: Sent = { said: saidOf(message), call: 'write', outcome: 'accepted' };
    try {
      const { isOpen } = this;
      const size = this.connection.write(message);
      demand(isOpen, 'written to a connection that was not open');
      demand(size >= Buffer.byteLength(message), () => `${size} bytes for a longer message`);
      this.sent.push(entry);
    } catch (error) {
      demand(
        error instanceof ClosedError ? !this.isOpen : error instanceof LimitError,
        () => `write threw ${String(error)}`,
      );
    }
  }

  /** Sends fragments, with a turn before each; breaks off before the last one if told so. */
  stream(chunks: readonly string[], breaks: boolean): void {
    const entry: Sent = { said: saidOf(chunks.join('')), call: 'send', outcome: 'pending' };
    if (!breaks) this.sent.push(entry);
    const { isOpen, blame } = this;
    const end = this;
    async function* pieces(): AsyncGenerator<string> {
      for (const [index, chunk] of chunks.entries()) {
        await new Promise((resolve) => setImmediate(resolve));
        if (breaks && index === chunks.length - 1) {
          if (index > 0 && !end.isOver) blame.brokenStream = true;
          throw new RangeError('the source broke');
        }
        yield chunk;
      }
    }
    this.#expect(
      this.connection.send(pieces()),
      isOpen,
      (outcome) => {
        entry.outcome = outcome;
      },
      true,
    );
  }

  flush(): void {
    this.#expect(this.connection.flush(), !this.isOver, undefined, true);
  }

  ping(payload: string): void {
    this.#expect(this.connection.ping(payload), this.isOpen, undefined, true);
  }

  /** Waits for a message. */
  recv(): void {
    const at = this.#taken.push(undefined) - 1;
    this.pending += 1;
    this.connection.recv().then((message) => {
      this.pending -= 1;
      this.#taken[at] = message === null ? null : saidOf(message);
      this.#takenLength += message?.length ?? 0;
    });
  }

  /** Takes up to `count` messages that are queued. */
  take(count: number): void {
    for (let left = count; left > 0; left -= 1) {
      const message = this.connection.tryRecv();
      if (message === null || message === undefined) return;
      this.#taken.push(saidOf(message));
      this.#takenLength += message.length;
    }
  }

  close(code: number, reason: string): void {
    const refused = code === 1005 || code === 1006 || code < 1000 || code > 4999;
    const { isOpen, blame } = this;
    const before = this.wire.written.length;
    const closing = this.connection.close(code, reason);
    if (refused) {
      demand(this.wire.written.length === before, 'a code that may not be sent was written');
      this.#expect(closing, false, undefined, false);
      return;
    }
    if (isOpen) blame.close ??= { code, reason };
    demand(!this.isOpen, 'open behind close');
    this.#expect(closing, true, undefined, false);
  }

  terminate(): void {
    if (!this.isOver) this.blame.terminated = true;
    this.connection.terminate();
    demand(this.isOver, 'terminate left the connection alive');
  }

  /** Follows a promise to its outcome, which may be an error only of the kinds that were promised. */
  #expect(
    promise: Promise<unknown>,
    mayResolve: boolean,
    note: ((outcome: 'accepted' | Error) => void) | undefined,
    closedIsExpected: boolean,
  ): void {
    this.pending += 1;
    const fault = (text: string): void => {
      this.fault ??= `${this.name}: ${text}`;
    };
    promise.then(
      () => {
        this.pending -= 1;
        if (!mayResolve) fault('a call that came too late succeeded');
        note?.('accepted');
      },
      (error: unknown) => {
        this.pending -= 1;
        const known =
          error instanceof ClosedError
            ? closedIsExpected
            : error instanceof LimitError
              ? this.settings.overflow !== 'wait'
              : error instanceof RangeError;
        if (!known) fault(`a call failed with ${String(error)}`);
        note?.(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  /** What was wrong with a later answer. */
  fault: string | undefined;
}

/** Whether the table leads from one state to the other in any number of steps. */
function reachable(from: State, to: State): boolean {
  return from === to || Object.values(transitions[from]).some((next) => reachable(next, to));
}
