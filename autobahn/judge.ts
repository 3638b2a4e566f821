/**
 * Verdicts: what happened on a link, against what a case expects.
 *
 * Rule: pure. The same outcome gives the same verdict, and each verdict comes with a sentence.
 * The words are those of the Autobahn test suite, so that its readers need no dictionary.
 */
import type { CloseExpectation, ScriptPlot } from './cases/case.ts';
import type { RoundsOutcome } from './play.ts';
import type { Link, SeenEvent } from './wire/link.ts';

export type Behavior = 'OK' | 'NON-STRICT' | 'INFORMATIONAL' | 'UNIMPLEMENTED' | 'FAILED';
export type BehaviorClose = Behavior | 'WRONG CODE' | 'UNCLEAN' | 'FAILED BY CLIENT';

export interface Verdict {
  readonly behavior: Behavior;
  readonly behaviorClose: BehaviorClose;
  readonly result: string;
  readonly resultClose: string;
}

/** The facts of a finished connection that a verdict rests on. */
export type Outcome = Pick<
  Link,
  'events' | 'fault' | 'closedByMe' | 'droppedByMe' | 'clean' | 'peerClose' | 'side'
>;

export function sameEvent(a: SeenEvent, b: SeenEvent): boolean {
  if (a.kind === 'timeout' || b.kind === 'timeout') {
    return a.kind === 'timeout' && b.kind === 'timeout' && a.tag === b.tag;
  }
  if (a.kind === 'message' && b.kind === 'message' && a.binary !== b.binary) return false;
  return a.kind === b.kind && a.payload.equals(b.payload);
}

export const sameEvents = (a: readonly SeenEvent[], b: readonly SeenEvent[]): boolean =>
  a.length === b.length &&
  a.every((event, i) => {
    const other = b[i];
    return other !== undefined && sameEvent(event, other);
  });

/** The events as a plot wants them compared: with `lastPongs`, of each run of pongs only the last. */
export function comparable(events: readonly SeenEvent[], plot: ScriptPlot): readonly SeenEvent[] {
  if (!plot.lastPongs) return events;
  return events.filter((event, i) => event.kind !== 'pong' || events[i + 1]?.kind !== 'pong');
}

const close = (behaviorClose: BehaviorClose, resultClose: string) => ({ behaviorClose, resultClose });

export function judgeClose(
  outcome: Outcome,
  expected: CloseExpectation,
): Pick<Verdict, 'behaviorClose' | 'resultClose'> {
  const code = outcome.peerClose?.code ?? null;
  if ((expected.by === 'suite') !== outcome.closedByMe) {
    return close('FAILED', 'The wrong endpoint closed or failed the connection.');
  }
  if (expected.clean && !outcome.clean) return close('UNCLEAN', 'TCP ended without a closing handshake.');
  if (code !== null && !expected.codes.includes(code)) {
    return close(
      'WRONG CODE',
      `The close code was ${code}; it should have been ${expected.codes.join(' or ')}.`,
    );
  }
  if (outcome.side === 'client' && outcome.clean && outcome.droppedByMe) {
    return close('FAILED BY CLIENT', 'The server left it to the client to end TCP.');
  }
  return close('OK', 'The connection was properly closed.');
}

const failed = (result: string, closing: Pick<Verdict, 'behaviorClose' | 'resultClose'>): Verdict => ({
  behavior: 'FAILED',
  result,
  ...closing,
});

export const UNIMPLEMENTED: Verdict = {
  behavior: 'UNIMPLEMENTED',
  behaviorClose: 'UNIMPLEMENTED',
  result: 'The peer did not agree to the permessage-deflate parameters of this case.',
  resultClose: 'The case was not run.',
};

/** The connection never opened. */
export const neverOpened = (why: string): Verdict => ({
  behavior: 'FAILED',
  behaviorClose: 'FAILED',
  result: why,
  resultClose: 'There was no connection to close.',
});

function words(event: SeenEvent): string {
  if (event.kind === 'timeout') return `silence ${event.tag}`;
  const { payload } = event;
  const kind = event.kind === 'pong' ? 'pong' : event.binary ? 'binary' : 'text';
  const start = payload.subarray(0, 16);
  const shown = kind === 'text' ? JSON.stringify(start.toString()) : start.toString('hex');
  return payload.length === 0
    ? `empty ${kind}`
    : `${kind} ${shown}${payload.length > 16 ? ` (${payload.length} octets)` : ''}`;
}

/** Events as a phrase, the first three of them. */
const phrase = (events: readonly SeenEvent[]): string =>
  events.length === 0
    ? 'nothing'
    : events.slice(0, 3).map(words).join(', ') + (events.length > 3 ? ` and ${events.length - 3} more` : '');

function judgeEvents(outcome: Outcome, plot: ScriptPlot): Pick<Verdict, 'behavior' | 'result'> {
  const events = comparable(outcome.events, plot);
  if (sameEvents(events, plot.ok)) return { behavior: 'OK', result: 'All went as expected.' };
  const differs = `Expected ${phrase(plot.ok)}; came ${phrase(events)}`;
  const accepted = (plot.nonStrict ?? []).some((other) => sameEvents(events, other));
  return accepted
    ? { behavior: 'NON-STRICT', result: `${differs}, which is acceptable.` }
    : { behavior: 'FAILED', result: `${differs}.` };
}

export function judgeScript(outcome: Outcome, plot: ScriptPlot): Verdict {
  const closing = judgeClose(outcome, plot.close);
  const events = judgeEvents(outcome, plot);
  if (plot.informational) {
    return {
      behavior: 'INFORMATIONAL',
      behaviorClose: 'INFORMATIONAL',
      result: events.result,
      resultClose: closing.resultClose,
    };
  }
  if (outcome.fault !== null) return failed(`The peer broke the protocol: ${outcome.fault}.`, closing);
  if (plot.orRefuses !== undefined && !outcome.closedByMe && outcome.peerClose !== null) {
    const refusal = judgeClose(outcome, { by: 'peer', codes: plot.orRefuses, clean: false });
    return { behavior: 'OK', result: 'The peer refused it by a limit of its own.', ...refusal };
  }
  if (plot.close.by === 'peer' && outcome.closedByMe) {
    if (plot.mayCarry) {
      const result = 'The peer carried it; its limits are wider than this case.';
      return {
        behavior: 'INFORMATIONAL',
        behaviorClose: 'INFORMATIONAL',
        result,
        resultClose: closing.resultClose,
      };
    }
    return failed('The peer did not fail the connection.', closing);
  }
  return { ...events, ...closing };
}

export function judgeRounds(outcome: Outcome, rounds: RoundsOutcome): Verdict {
  const closing = judgeClose(outcome, { by: 'suite', codes: [1000], clean: true });
  if (outcome.fault !== null) return failed(`The peer broke the protocol: ${outcome.fault}.`, closing);
  if (rounds.wrong !== null) return failed(`${rounds.wrong}.`, closing);
  return { behavior: 'OK', result: `All ${rounds.done} messages came back.`, ...closing };
}

/** Verdicts that do not count against a peer. */
export const passes = (verdict: Pick<Verdict, 'behavior' | 'behaviorClose'>, strict = false): boolean =>
  [verdict.behavior, verdict.behaviorClose].every(
    (word) => word === 'OK' || word === 'INFORMATIONAL' || (word === 'UNIMPLEMENTED' && !strict),
  );
