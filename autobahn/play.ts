/**
 * Performs a script or a run of rounds on an open link.
 *
 * Rule: it acts and waits, and leaves every opinion to `judge`. Waiting ends at the event that
 * settles the matter, never at a fixed time, so a good peer is judged at its own speed.
 */
import type { RoundsPlot, ScriptPlot, Step } from './cases/case.ts';
import { fragments } from './cases/echo.ts';
import { comparable, sameEvent, sameEvents } from './judge.ts';
import { recorded } from './recordings.ts';
import { type FrameSpec, OPCODE, writeFrame } from './wire/frame.ts';
import type { Link } from './wire/link.ts';
import { patience } from './wire/patience.ts';

export interface Timing {
  /** Pauses inside a case, in milliseconds (the original waits 1000). */
  readonly pause: number;
  /** How long a peer gets to do what is expected, in milliseconds. */
  readonly fail: number;
  /** How long a peer gets to answer a Close, and then to end TCP, in milliseconds. */
  readonly drop: number;
}

export const DEFAULT_TIMING: Timing = { pause: 1000, fail: 3000, drop: 1500 };

/** Waits until `done` holds or `ms` have passed; says whether it holds. */
export async function until(link: Link, ms: number, done: () => boolean): Promise<boolean> {
  if (done()) return true;
  let expired = ms <= 0;
  const stopWaiting = patience(ms, () => {
    expired = true;
    link.wake();
  });
  while (!expired && !done()) await link.changed();
  stopWaiting();
  return done();
}

/** All that was expected has come, or something that was not. */
function settled(link: Link, plot: ScriptPlot): boolean {
  const events = comparable(link.events, plot);
  if (plot.lastPongs) return sameEvents(events, plot.ok);
  if (events.length >= plot.ok.length) return true;
  return events.some((event, i) => {
    const expected = plot.ok[i];
    return expected === undefined || !sameEvent(event, expected);
  });
}

async function wait(link: Link, timing: Timing, tag: string): Promise<void> {
  await until(link, timing.pause, () => !link.open);
  if (link.open) link.events.push({ kind: 'timeout', tag });
}

async function playPieces(link: Link, step: Extract<Step, { do: 'pieces' }>, timing: Timing): Promise<void> {
  const octets = writeFrame(step.frame, link.side === 'client');
  link.log.frameSent(step.frame);
  let at = octets.length - (step.frame.payload?.length ?? 0);
  let from = 0;
  for (const [i, length] of step.lengths.entries()) {
    at += length;
    await link.sendPart(octets.subarray(from, at));
    from = at;
    const tag = step.tags[i];
    if (tag !== undefined) await wait(link, timing, tag);
    if (!link.open) return;
  }
}

async function playStep(link: Link, step: Step, timing: Timing): Promise<void> {
  switch (step.do) {
    case 'send':
      return link.send(step.frames, step.chop);
    case 'closing':
      link.markClosing(step.code);
      return link.send(step.frames);
    case 'pieces':
      return playPieces(link, step, timing);
    case 'wait':
      return wait(link, timing, step.tag);
    case 'rest':
      await until(link, step.ms, () => link.over);
      return;
    case 'pause':
      return link.pause();
    case 'resume':
      return link.resume();
  }
}

/** Lets the closing handshake run to the end of TCP; a peer that does not take part is dropped. */
async function ending(link: Link, timing: Timing, why: string): Promise<void> {
  await until(link, timing.fail, () => link.over || link.peerClose !== null);
  if (link.peerClose === null) {
    link.drop(why);
  } else {
    // The link ends TCP itself after the drop grace; this is the margin on top of it.
    await until(link, timing.drop + timing.fail, () => link.over);
    link.drop('TCP stayed open');
  }
  await until(link, timing.fail, () => link.over);
}

export async function playScript(link: Link, plot: ScriptPlot, timing: Timing): Promise<void> {
  for (const step of plot.steps) {
    if (!link.open && step.do !== 'resume') break;
    await playStep(link, step, timing);
  }
  const patience = plot.patience ?? timing.fail;
  if (plot.close.by === 'peer') {
    await until(
      link,
      patience,
      () => link.over || link.peerClose !== null || (plot.mayCarry === true && link.events.length > 0),
    );
    if (link.peerClose === null && !link.over) link.closedByMe = true;
    return ending(
      link,
      { ...timing, fail: link.closedByMe ? 0 : timing.fail },
      'the peer did not fail the connection',
    );
  }
  if (!link.closeSent) {
    await until(link, patience, () => !link.open || settled(link, plot));
    if (link.open) await link.close(plot.close.codes[0] ?? 1000);
  }
  return ending(link, timing, 'no answer to the Close');
}

export interface RoundsOutcome {
  readonly done: number;
  readonly wrong: string | null;
}

/** A message as frames, compressed when the link is. */
function encode(link: Link, plot: RoundsPlot, round: number, message: Buffer): FrameSpec[] {
  const opcode = plot.binary ? OPCODE.binary : OPCODE.text;
  if (link.deflate === null)
    return plot.fragment === 0 ? [{ opcode, payload: message }] : fragments(opcode, message, plot.fragment);
  const payload = recorded(plot, round, link.deflate.own);
  const [first, ...rest] = fragments(
    opcode,
    payload,
    plot.fragment === 0 ? Math.max(1, payload.length) : plot.fragment,
  );
  return first === undefined ? [] : [{ ...first, rsv: 4 }, ...rest];
}

/** Sends each message when the one before has come back, then closes normally. */
export async function playRounds(link: Link, plot: RoundsPlot, timing: Timing): Promise<RoundsOutcome> {
  const deadline = performance.now() + plot.patience;
  let done = 0;
  let wrong: string | null = null;
  for (; done < plot.count && wrong === null && link.open; done++) {
    const message = plot.message(done);
    await link.send(encode(link, plot, done, message));
    await until(link, deadline - performance.now(), () => link.events.length > 0 || !link.open);
    const event = link.events.shift();
    if (event === undefined) break;
    if (!sameEvent(event, { kind: 'message', binary: plot.binary, payload: message })) {
      wrong = `message ${done + 1} came back changed`;
    }
  }
  if (done < plot.count && wrong === null) wrong = `${done} of ${plot.count} messages came back`;
  if (link.open) await link.close(1000);
  await ending(link, timing, 'no answer to the Close');
  return { done, wrong };
}
