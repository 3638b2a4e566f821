/**
 * Performs an opening handshake against a server, octet for octet as the case says, and judges
 * the answer.
 *
 * Rule: an acceptance counts only when the connection then works; a refusal counts fully only
 * with the right status and a socket the server closes. RFC 6455 §4.2, RFC 9110 §15.
 */
import type { Socket } from 'node:net';
import {
  NORMAL,
  type OpeningExpectation,
  type OpeningPlot,
  pong,
  type ScriptPlot,
  text,
} from './cases/case.ts';
import { EARLY } from './cases/opening.ts';
import { judgeScript, neverOpened, UNIMPLEMENTED, type Verdict } from './judge.ts';
import { answerFault, freshKey, readResponse, type ServerRun } from './opening.ts';
import { playScript } from './play.ts';
import { dial } from './target.ts';
import { Deflater, DeflateSession } from './wire/deflate.ts';
import { OPCODE } from './wire/frame.ts';
import { field, type Head, statusOf } from './wire/head.ts';
import { Link } from './wire/link.ts';
import type { WireLog } from './wire/log.ts';
import { type Agreement, readAnswer } from './wire/offer.ts';
import { patience } from './wire/patience.ts';

export interface OpeningOutcome {
  readonly verdict: Verdict;
  readonly request: string;
  readonly response: string;
}

async function write(socket: Socket, octets: Buffer, chop: number | undefined, log: WireLog): Promise<void> {
  const size = chop ?? octets.length;
  let answered = false;
  socket.once('data', () => {
    answered = true;
  });
  for (let at = 0; at < octets.length && socket.writable && !answered; at += size) {
    const piece = octets.subarray(at, at + size);
    log.sent(piece);
    socket.write(piece);
    if (chop !== undefined) await new Promise((resolve) => setImmediate(resolve));
  }
}

interface Ending {
  readonly closed: boolean;
  /** What came behind the answer. */
  readonly more: string;
}

/** Reads on until the server ends TCP, or for `ms`. */
const ended = (socket: Socket, ms: number): Promise<Ending> =>
  new Promise((resolve) => {
    let more = '';
    if (socket.destroyed || socket.readableEnded) return resolve({ closed: true, more });
    const stopWaiting = patience(ms, () => resolve({ closed: false, more }));
    const done = (): void => {
      stopWaiting();
      resolve({ closed: true, more });
    };
    socket.on('data', (chunk: Buffer) => {
      more += chunk.toString('latin1');
    });
    socket.once('end', done);
    socket.once('close', done);
    socket.resume();
  });

const HELLO = Buffer.from('Hello, world!');

interface Attempt {
  readonly run: ServerRun;
  readonly plot: OpeningPlot;
  readonly key: string;
  readonly socket: Socket;
  readonly log: WireLog;
}

/** The connection must carry a message and close normally. */
async function works(
  { run, plot: { pipelined }, socket, log }: Attempt,
  rest: Buffer,
  agreed: Agreement | null,
): Promise<Verdict> {
  const deflate = agreed === null ? null : new DeflateSession(agreed.client, agreed.server);
  const payload = deflate === null ? HELLO : new Deflater(deflate.own).deflate(HELLO);
  const link = new Link(socket, { side: 'client', log, deflate, dropGrace: run.timing.drop });
  socket.resume();
  link.receive(rest);
  const plot = {
    kind: 'script',
    steps: [{ do: 'send', frames: [{ opcode: OPCODE.text, payload, rsv: deflate === null ? 0 : 4 }] }],
    ok: pipelined === undefined ? [text(HELLO)] : [pong(EARLY), text(HELLO)],
    close: NORMAL,
  } satisfies ScriptPlot;
  await playScript(link, plot, run.timing);
  return judgeScript(link, plot);
}

function judgeRefusal(head: Head | null, statuses: readonly number[], closed: boolean): Verdict {
  const closing = closed
    ? ({ behaviorClose: 'OK', resultClose: 'The server closed the socket.' } as const)
    : ({ behaviorClose: 'UNCLEAN', resultClose: 'The server left the refused socket open.' } as const);
  const wanted = statuses.join(' or ');
  if (head === null) {
    return closed
      ? { behavior: 'NON-STRICT', result: `Refused without an answer; ${wanted} was expected.`, ...closing }
      : neverOpened(`Neither an answer nor an end; ${wanted} was expected.`);
  }
  const status = statusOf(head);
  if (statuses.includes(status)) return { behavior: 'OK', result: `Refused with ${status}.`, ...closing };
  if (status >= 400) {
    return { behavior: 'NON-STRICT', result: `Refused with ${status}; ${wanted} was expected.`, ...closing };
  }
  return { ...neverOpened(`The server answered "${head.startLine}"; ${wanted} was expected.`) };
}

const INFORMED = {
  behavior: 'INFORMATIONAL',
  behaviorClose: 'INFORMATIONAL',
  resultClose: 'The case ends here.',
} as const;

const declinedByRefusal = (status: number): Verdict => ({
  behavior: 'NON-STRICT',
  behaviorClose: 'OK',
  result: `Refused with ${status}; an offer that cannot be taken should be declined, not refused.`,
  resultClose: 'There was no connection to close.',
});

/** What the server made of the offer, against what the case expects. */
function negotiated(
  expect: Extract<OpeningExpectation, { outcome: 'negotiate' }>,
  answer: string | undefined,
): Agreement | Verdict | null {
  if (answer === undefined) return expect.extension === 'taken' ? UNIMPLEMENTED : null;
  if (expect.extension === 'declined') {
    return neverOpened(`The server took an offer it should have declined, with: ${answer}.`);
  }
  if (answer.includes('client_max_window_bits') && !expect.offer.includes('client_max_window_bits')) {
    return neverOpened(`The answer limits a window the client did not offer to limit: ${answer}.`);
  }
  const agreed = readAnswer(answer, expect.requests);
  return typeof agreed === 'string' ? neverOpened(`${agreed}.`) : agreed;
}

async function judgeAcceptance(attempt: Attempt, head: Head, rest: Buffer): Promise<Verdict> {
  const { expect } = attempt.plot;
  const fault = answerFault(head, attempt.key);
  if (fault !== null) {
    const refused = expect.outcome === 'negotiate' && statusOf(head) >= 400;
    return refused ? declinedByRefusal(statusOf(head)) : neverOpened(fault);
  }
  const answer = field(head, 'sec-websocket-extensions');
  if (expect.outcome === 'negotiate') {
    const outcome = negotiated(expect, answer);
    return outcome !== null && 'behavior' in outcome ? outcome : works(attempt, rest, outcome);
  }
  return answer === undefined
    ? works(attempt, rest, null)
    : neverOpened('The server named an extension nobody offered.');
}

async function judgeRefused(attempt: Attempt, head: Head | null, rest: Buffer): Promise<Verdict> {
  const { expect } = attempt.plot;
  if (expect.outcome !== 'refuse') return neverOpened('The server did not answer the opening handshake.');
  if (head !== null && statusOf(head) === 101) {
    if (!expect.policy)
      return neverOpened(`The server answered 101; ${expect.statuses.join(' or ')} was expected.`);
    return { ...INFORMED, result: 'The server accepted; a stricter one would refuse.' };
  }
  if (head !== null && expect.plain && !expect.statuses.includes(statusOf(head))) {
    return { ...INFORMED, result: `Answered as plain HTTP: ${head.startLine}` };
  }
  const { closed, more } = await ended(attempt.socket, attempt.run.timing.drop);
  if (head !== null && expect.plain && !closed) {
    return { ...INFORMED, result: `Refused with ${statusOf(head)}; as plain HTTP, the socket stays open.` };
  }
  if (/^HTTP\/1/m.test(rest.toString('latin1') + more)) {
    return neverOpened('The server answered what stood behind a refused request.');
  }
  return judgeRefusal(head, expect.statuses, closed);
}

export async function playOpening(run: ServerRun, plot: OpeningPlot, log: WireLog): Promise<OpeningOutcome> {
  const key = freshKey();
  const head = plot.request({ host: run.target.host, path: run.target.path }, key);
  const octets = plot.pipelined === undefined ? head : Buffer.concat([head, plot.pipelined]);
  const request = head.toString('latin1');
  const socket = await dial(run.target, run.timing.fail * 3);
  try {
    const attempt: Attempt = { run, plot, key, socket, log };
    const reading = readResponse(socket, log, run.timing.fail);
    await write(socket, octets, plot.chop, log);
    const read = await reading;
    const response = read?.head.text ?? '';
    const verdict =
      read === null || plot.expect.outcome === 'refuse'
        ? await judgeRefused(attempt, read?.head ?? null, read?.rest ?? Buffer.alloc(0))
        : await judgeAcceptance(attempt, read.head, read.rest);
    return { verdict, request, response };
  } finally {
    socket.destroy();
  }
}
