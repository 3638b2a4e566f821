/**
 * The judgement over a finished run: what each endpoint wrote, received and said of its end, held against the bytes.
 *
 * The rule of this file: nothing lost, nothing twice, order kept, and a closure that is explained by what the peer
 * sent or by what was done to this endpoint, with the code that belongs to it (RFC 6455 §7).
 */

import { TimeoutError } from '../../src/connection/errors.ts';
import type { Closure } from '../../src/connection/types.ts';
import { LimitError, ProtocolError } from '../../src/frame/errors.ts';
import type { FrameRules } from '../../src/frame/header.ts';
import { demand, demandEqual } from '../target.ts';
import type { End } from './end.ts';
import { type Heard, hear, type Said } from './heard.ts';
import type { Pair } from './pair.ts';

/** Close codes of violations, all others being 1002 (RFC 6455 §7.4.1). */
const codes = new Map<string, number>([
  ['textUtf8', 1007],
  ['closeReasonUtf8', 1007],
  ['extensionData', 1007],
  ['frameTooBig', 1009],
  ['messageTooBig', 1009],
  ['tooManyFragments', 1008],
]);

const rulesOf = (end: End): FrameRules => ({
  ...end.settings,
  peerMasks: end.role.peerMasks,
  rsv: end.session?.rsv ?? 0,
});
const without = { maxFrameSize: Infinity, maxMessageSize: Infinity, maxFragments: Infinity } as const;

/** Whether `part` is `whole` with some items left out. */
function isWithin(part: readonly Said[], whole: readonly Said[]): boolean {
  let at = 0;
  for (const item of whole) if (item === part[at]) at += 1;
  return at === part.length;
}

function judgeWriting(end: End, spoken: Heard, closure: Closure, peerIsQuiet: boolean): void {
  const { name, sent, blame } = end;
  demand(spoken.violation === undefined, () => `${name} broke ${spoken.violation}`);
  demand(!spoken.behindClose, () => `${name} wrote frames behind its Close`);
  demand(new Set(spoken.messages).size === spoken.messages.length, () => `${name} wrote a message twice`);
  const accepted = sent.filter(({ outcome }) => !(outcome instanceof LimitError)).map(({ said }) => said);
  demand(isWithin(spoken.messages, accepted), () => `${name} wrote messages out of order, or refused ones`);
  // What was accepted in the turn in which the transport went is not written, nor is anything behind it.
  if (blame.terminated || blame.wire || closure.code === 1006) return;
  const written = new Set(spoken.messages);
  // A message without a promise may go down when the peer's own Close crosses ours.
  const sure = closure.by === 'us' && closure.clean && peerIsQuiet;
  for (const { said, outcome, call } of sent) {
    if (outcome !== 'accepted' || (call === 'write' && !sure)) continue;
    demand(written.has(said), () => `${name} accepted ${said.slice(0, 30)} and never wrote it`);
  }
}

function judgeReading(end: End, heard: Heard, spoken: Heard, closure: Closure): void {
  const { name, taken, blame } = end;
  const weight = heard.messages.reduce((sum, said) => sum + said.length + 64, 0);
  // An endpoint that closes lets the closing handshake go before messages that it has no room for.
  const said = spoken.close?.reason;
  const expired = said === 'idle' || said === 'timeout' || closure.cause instanceof TimeoutError;
  const closes = blame.close !== undefined || expired;
  const mayLack = closes && weight >= 65_536;
  const isPrefix = taken.every((said, index) => said === heard.messages[index]);
  demand(isPrefix, () => `${name} received what was not sent, or out of order, or with a gap`);
  const readOn = closure.by !== 'us' || closure.clean || closure.cause instanceof ProtocolError;
  if (!readOn || mayLack || blame.terminated) return;
  demand(
    taken.length === heard.messages.length,
    () => `${name} received ${taken.length} of ${heard.messages.length}`,
  );
}

/** Whether this endpoint stopped listening for a reason of its own, so that what came then does not count. */
const stoppedItself = ({ blame }: End, { code, cause }: Closure): boolean =>
  blame.terminated || cause instanceof TimeoutError || code === 1013 || (code === 1011 && blame.brokenStream);

function judgeClean(end: End, heard: Heard, spoken: Heard, { by, code, reason, cause }: Closure): void {
  const { name, blame } = end;
  demand(heard.close !== undefined, () => `${name}: clean without a Close from the peer`);
  // Where the wire broke meanwhile, the answer to the peer's Close may have found it gone.
  demand(spoken.close !== undefined || blame.wire, () => `${name}: clean without a Close of its own`);
  demand(by !== 'transport', () => `${name}: a transport closes nothing cleanly`);
  if (by === 'peer') {
    demandEqual({ code, reason }, heard.close, `${name}: closed by the peer, and what it sent`);
  } else if (cause instanceof TimeoutError) {
    const said = cause.which === 'idleTimeout' ? [1001, 'idle'] : [4000, 'timeout'];
    demandEqual([code, reason], said, `${name}: closed for ${cause.which}`);
  } else {
    demandEqual({ code, reason }, blame.close, `${name}: closed by itself, and what it asked for`);
  }
}

function judgeUnclean(end: End, peer: End, heard: Heard, { by, code, reason, cause }: Closure): void {
  const { name, blame } = end;
  if (cause instanceof ProtocolError) {
    demandEqual(cause.violation, heard.violation, `${name}: its violation and the peer's`);
    demandEqual([code, by], [codes.get(cause.violation) ?? 1002, 'us'], `${name}: code of the violation`);
  } else if (code === 1013) {
    demand(end.settings.overflow === 'close' && cause instanceof LimitError, '1013 without an overflow');
  } else if (code === 1011) {
    demand(blame.brokenStream, '1011 without a broken stream');
  } else {
    demandEqual([code, reason], [1006, ''], `${name}: an end without a Close`);
    const late = cause instanceof TimeoutError ? cause.which : undefined;
    if (late !== undefined) demand(blame.muted || blame.wire, () => `${name}: ${late} though all was heard`);
    else if (by === 'us') demand(blame.terminated, () => `${name}: dropped for no reason`);
    else demand(blame.wire || mayDrop(peer), () => `${name}: 1006 by the ${by} though nothing broke`);
  }
}

const mayDrop = ({ blame, closures }: End): boolean =>
  blame.terminated || closures[0]?.cause instanceof TimeoutError;

function judge(end: End, peer: End, injected: boolean): void {
  const [closure] = end.closures;
  if (closure === undefined) return;
  const heard = hear(rulesOf(end), Buffer.concat(end.wire.delivered));
  const spoken = hear({ ...rulesOf(peer), ...without }, Buffer.concat(end.wire.written));
  judgeWriting(end, spoken, closure, !injected && peer.closures[0]?.by === 'peer');
  judgeReading(end, heard, spoken, closure);
  if (closure.clean) judgeClean(end, heard, spoken, closure);
  else judgeUnclean(end, peer, heard, closure);
  if (stoppedItself(end, closure)) return;
  if (heard.violation !== undefined) {
    demand(closure.cause instanceof ProtocolError, () => `${end.name}: ${heard.violation} was let through`);
  } else if (heard.close !== undefined) {
    demand(closure.clean, () => `${end.name}: a Close came and the end is not clean`);
  }
}

/** Judges both endpoints. @throws {BrokenProperty} */
export function judgeBoth({ client, server, injectedInto }: Pair): void {
  judge(client, server, injectedInto.size > 0);
  judge(server, client, injectedInto.size > 0);
}
