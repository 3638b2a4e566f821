/**
 * What a case is: data that says what to send, what must come back, and who must close.
 *
 * Rule: a case never touches a socket. `play` performs it, `judge` compares; a family of cases is
 * a table plus one function that turns a row into a plot.
 */
import type { FrameSpec } from '../wire/frame.ts';
import type { Head } from '../wire/head.ts';
import type { Chop, SeenEvent, Side } from '../wire/link.ts';
import type { DeflateRequest } from '../wire/offer.ts';

/** Who the case can judge. */
export type Judges = 'both' | 'server' | 'client';

export interface CloseExpectation {
  /** Who has to begin closing, or to fail the connection. */
  readonly by: 'suite' | 'peer';
  /** Codes the peer's Close may carry; one without a code, or none at all, may do too. The first is the suite's own. */
  readonly codes: readonly number[];
  /** Both Close frames have to pass. */
  readonly clean: boolean;
}

export type Step =
  | { readonly do: 'send'; readonly frames: readonly FrameSpec[]; readonly chop?: Chop }
  /** Frames that hold the suite's own Close, perhaps a wrong one, perhaps with more behind it. */
  | { readonly do: 'closing'; readonly frames: readonly FrameSpec[]; readonly code: number | null }
  /** One frame in pieces: a piece's length counts octets of payload; each tag waits after its piece. */
  | {
      readonly do: 'pieces';
      readonly frame: FrameSpec;
      readonly lengths: readonly number[];
      readonly tags: readonly string[];
    }
  /** Waits, then records a timeout event if the connection is still open; otherwise ends the script. */
  | { readonly do: 'wait'; readonly tag: string }
  /** Waits without recording anything. */
  | { readonly do: 'rest'; readonly ms: number }
  /** Stops and starts reading. */
  | { readonly do: 'pause' }
  | { readonly do: 'resume' };

export interface ScriptPlot {
  readonly kind: 'script';
  readonly steps: readonly Step[];
  readonly ok: readonly SeenEvent[];
  readonly nonStrict?: readonly (readonly SeenEvent[])[];
  readonly close: CloseExpectation;
  /** Milliseconds for all that is expected to arrive; default: the run's `fail` time. */
  readonly patience?: number;
  /** Whatever happens is for information only. */
  readonly informational?: true;
  /** A peer that carries the message instead of refusing it is within its rights: INFORMATIONAL. */
  readonly mayCarry?: true;
  /** A peer that refuses with one of these codes, instead of carrying it, is as good. */
  readonly orRefuses?: readonly number[];
  /** Pongs may be left out as long as the last of a run is there (RFC 6455 §5.5.3). */
  readonly lastPongs?: true;
}

/** Messages sent one by one, each waited for before the next. */
export interface RoundsPlot {
  readonly kind: 'rounds';
  readonly count: number;
  readonly binary: boolean;
  readonly message: (round: number) => Buffer;
  /** A name for the messages: plots with the same name send the same ones. */
  readonly series: string;
  /** Octets per fragment on the wire; 0 for one frame. */
  readonly fragment: number;
  readonly patience: number;
}

export interface Target {
  readonly host: string;
  readonly path: string;
}

/** A raw opening handshake against a server. */
export interface OpeningPlot {
  readonly kind: 'opening';
  readonly request: (target: Target, key: string) => Buffer;
  readonly chop?: number;
  /** Octets written behind the head without waiting for the answer. */
  readonly pipelined?: Buffer;
  readonly expect: OpeningExpectation;
}

export type OpeningExpectation =
  | { readonly outcome: 'accept' }
  /** Refused with one of these statuses; another refusal is NON-STRICT. */
  | {
      readonly outcome: 'refuse';
      readonly statuses: readonly number[];
      /** A request that asks for no WebSocket may get an answer as plain HTTP: INFORMATIONAL. */
      readonly plain?: true;
      /** Accepting is a matter of policy, not a mistake: INFORMATIONAL. */
      readonly policy?: true;
    }
  /** Accepted, with permessage-deflate in the answer (fit for one of the requests) or without. */
  | {
      readonly outcome: 'negotiate';
      readonly offer: string;
      readonly extension: 'declined' | 'taken' | 'either';
      readonly requests: readonly DeflateRequest[];
    };

/** A raw answer to a client's opening handshake. */
export interface AnswerPlot {
  readonly kind: 'answer';
  readonly answer: (request: Head, accept: string) => Buffer;
  readonly chop?: number;
  readonly accepts: boolean;
}

export type Plot = ScriptPlot | RoundsPlot | OpeningPlot | AnswerPlot;

export interface Case {
  /** The case id, such as `6.4.1`. */
  readonly id: string;
  readonly description: string;
  readonly expectation: string;
  readonly judges: Judges;
  /** Share of the machine: 1 for a short exchange, more for masses of octets. */
  readonly cost: number;
  /** permessage-deflate requests that must be agreed for the case to mean anything; null: no offer is made. */
  readonly deflate: readonly DeflateRequest[] | null;
  readonly plot: (side: Side) => Plot;
}

export const text = (value: string | Uint8Array): SeenEvent => ({
  kind: 'message',
  binary: false,
  payload: Buffer.from(value),
});
export const binary = (payload: Uint8Array): SeenEvent => ({
  kind: 'message',
  binary: true,
  payload: Buffer.from(payload),
});
export const pong = (payload: string | Uint8Array): SeenEvent => ({
  kind: 'pong',
  payload: Buffer.from(payload),
});
export const timeout = (tag: string): SeenEvent => ({ kind: 'timeout', tag });

/** The suite closes with 1000 and both Close frames pass. */
export const NORMAL: CloseExpectation = { by: 'suite', codes: [1000], clean: true };
/** The peer fails the connection, saying so with one of the codes, or just drops TCP. */
export const failsWith = (...codes: number[]): CloseExpectation => ({ by: 'peer', codes, clean: false });

/** A case with what most have in common filled in. */
export function define(
  id: string,
  words: readonly [description: string, expectation: string],
  plot: (side: Side) => Plot,
  more: { judges?: Judges; cost?: number; deflate?: readonly DeflateRequest[] } = {},
): Case {
  const [description, expectation] = words;
  const { judges = 'both', cost = 1, deflate = null } = more;
  return { id, description, expectation, judges, cost, deflate, plot };
}
