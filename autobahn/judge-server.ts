/**
 * The suite as a client: runs a case against a server and records the result.
 *
 * Rule: one case is one connection of its own, so cases may run side by side.
 * RFC 6455 §4.1, RFC 7692 §7.1.
 */
import type { Case, Plot, RoundsPlot, ScriptPlot } from './cases/case.ts';
import { judgeRounds, judgeScript, neverOpened, UNIMPLEMENTED, type Verdict } from './judge.ts';
import { answerFault, freshKey, readResponse, requestHead, type ServerRun } from './opening.ts';
import { playRounds, playScript, type Timing } from './play.ts';
import { playOpening } from './play-opening.ts';
import { type CaseResult, type Circumstances, resultOf } from './result.ts';
import { dial } from './target.ts';
import { DeflateSession } from './wire/deflate.ts';
import { field, type Head } from './wire/head.ts';
import { Link } from './wire/link.ts';
import { WireLog } from './wire/log.ts';
import { type Agreement, type DeflateRequest, offerText, readAnswer } from './wire/offer.ts';

interface Opened {
  readonly link: Link;
  readonly request: string;
  readonly response: string;
}

type Opening = Opened | { readonly verdict: Verdict; readonly request: string; readonly response: string };

function agree(head: Head, requests: readonly DeflateRequest[] | null): Agreement | Verdict | null {
  const answer = field(head, 'sec-websocket-extensions');
  if (requests === null)
    return answer === undefined ? null : neverOpened('The server named an extension nobody offered.');
  if (answer === undefined) return UNIMPLEMENTED;
  const read = readAnswer(answer, requests);
  if (typeof read === 'string') return neverOpened(`${read}.`);
  const mayKeep = read.client.takeover || !requests.some(({ keepsOwnContext }) => keepsOwnContext);
  return mayKeep ? read : UNIMPLEMENTED;
}

async function open(run: ServerRun, one: Case, log: WireLog): Promise<Opening> {
  const key = freshKey();
  const offers =
    one.deflate === null ? [] : [`Sec-WebSocket-Extensions: ${one.deflate.map(offerText).join(', ')}`];
  const octets = requestHead(run.target, key, offers);
  const request = octets.toString('latin1');
  const socket = await dial(run.target, run.timing.fail * 3);
  log.sent(octets);
  socket.write(octets);
  const read = await readResponse(socket, log, run.timing.fail * 3);
  if (read === null) {
    socket.destroy();
    return {
      verdict: neverOpened('The server did not answer the opening handshake.'),
      request,
      response: '',
    };
  }
  const response = read.head.text;
  const fault = answerFault(read.head, key);
  const agreed = fault === null ? agree(read.head, one.deflate) : neverOpened(fault);
  if (agreed !== null && 'behavior' in agreed) {
    socket.destroy();
    return { verdict: agreed, request, response };
  }
  const deflate = agreed === null ? null : new DeflateSession(agreed.client, agreed.server);
  const link = new Link(socket, { side: 'client', log, deflate, dropGrace: run.timing.drop });
  socket.resume();
  link.receive(read.rest);
  return { link, request, response };
}

async function talk(plot: ScriptPlot | RoundsPlot, link: Link, timing: Timing): Promise<Verdict> {
  if (plot.kind === 'script') {
    await playScript(link, plot, timing);
    return judgeScript(link, plot);
  }
  return judgeRounds(link, await playRounds(link, plot, timing));
}

/** Runs one case. Never rejects: what goes wrong is the verdict. */
export async function judgeServer(run: ServerRun, one: Case): Promise<CaseResult> {
  const log = new WireLog();
  const plot: Plot = one.plot('client');
  const started = new Date();
  const told = (httpRequest: string, httpResponse: string): Circumstances => ({
    agent: run.agent,
    started,
    isServer: false,
    httpRequest,
    httpResponse,
    log,
  });
  try {
    if (plot.kind === 'opening') {
      const { verdict, request, response } = await playOpening(run, plot, log);
      return resultOf(one, plot, verdict, told(request, response), null);
    }
    if (plot.kind === 'answer') throw new TypeError(`case ${one.id} judges clients only`);
    const opening = await open(run, one, log);
    const circumstances = told(opening.request, opening.response);
    if ('verdict' in opening) return resultOf(one, plot, opening.verdict, circumstances, null);
    const verdict = await talk(plot, opening.link, run.timing);
    return resultOf(one, plot, verdict, circumstances, opening.link);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return resultOf(one, plot, neverOpened(`There was no connection: ${why}.`), told('', ''), null);
  }
}
