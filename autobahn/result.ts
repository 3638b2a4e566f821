/**
 * The record of one judged case: everything a report may want to show.
 *
 * Rule: plain data, so that a report can be made from it later, by another process, or by hand.
 */
import type { Case, CloseExpectation, Plot } from './cases/case.ts';
import type { Verdict } from './judge.ts';
import type { Link, PeerClose, SeenEvent } from './wire/link.ts';
import type { WireLog } from './wire/log.ts';

export interface CaseResult extends Verdict {
  readonly id: string;
  readonly agent: string;
  readonly description: string;
  readonly expectation: string;
  readonly started: string;
  /** Milliseconds. */
  readonly duration: number;
  /** The suite was the server, the peer under test the client. */
  readonly isServer: boolean;
  readonly httpRequest: string;
  readonly httpResponse: string;
  readonly closedByMe: boolean;
  readonly droppedByMe: boolean;
  readonly wasClean: boolean;
  readonly localClose: PeerClose | null;
  readonly remoteClose: PeerClose | null;
  readonly expected: Readonly<Record<string, readonly SeenEvent[]>>;
  readonly expectedClose: CloseExpectation | null;
  readonly received: readonly SeenEvent[];
  readonly log: WireLog;
}

export interface Circumstances {
  readonly agent: string;
  readonly started: Date;
  readonly isServer: boolean;
  readonly httpRequest: string;
  readonly httpResponse: string;
  readonly log: WireLog;
}

function expectedEvents(plot: Plot): Readonly<Record<string, readonly SeenEvent[]>> {
  if (plot.kind !== 'script') return {};
  const expected: Record<string, readonly SeenEvent[]> = { OK: plot.ok };
  const [nonStrict] = plot.nonStrict ?? [];
  if (nonStrict !== undefined) expected['NON-STRICT'] = nonStrict;
  return expected;
}

/** Octets kept of a head. */
const HEAD_KEPT = 4096;
/** Events kept of each list. */
const EVENTS_KEPT = 40;

/** Only the beginning of a long payload is kept: a report of the 9.x masses would hold gigabytes. */
const shorten = (event: SeenEvent): SeenEvent =>
  event.kind === 'timeout' || event.payload.length <= 256
    ? event
    : { ...event, payload: Buffer.from(event.payload.subarray(0, 256)) };

export function resultOf(
  one: Case,
  plot: Plot,
  verdict: Verdict,
  circumstances: Circumstances,
  link: Link | null,
): CaseResult {
  const expected = Object.entries(expectedEvents(plot)).map(
    ([word, events]) => [word, events.slice(0, EVENTS_KEPT).map(shorten)] as const,
  );
  return {
    ...verdict,
    id: one.id,
    description: one.description,
    expectation: one.expectation,
    agent: circumstances.agent,
    started: circumstances.started.toISOString(),
    duration: Math.round(circumstances.log.elapsed),
    isServer: circumstances.isServer,
    httpRequest: circumstances.httpRequest.slice(0, HEAD_KEPT),
    httpResponse: circumstances.httpResponse,
    closedByMe: link?.closedByMe ?? false,
    droppedByMe: link?.droppedByMe ?? false,
    wasClean: link?.clean ?? false,
    localClose: link?.localClose ?? null,
    remoteClose: link?.peerClose ?? null,
    expected: Object.fromEntries(expected),
    expectedClose: plot.kind === 'script' ? plot.close : null,
    received: (link?.events ?? []).slice(0, EVENTS_KEPT).map(shorten),
    log: circumstances.log,
  };
}
