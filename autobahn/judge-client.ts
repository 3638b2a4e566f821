/**
 * The suite as a server: a client walks through the cases, one connection each.
 *
 * Rule: the walk is the one of the Autobahn test suite, so clients written for it need no change:
 * `/getCaseCount`, then `/runCase?case=N&agent=A` for N from 1, then `/updateReports?agent=A`;
 * also `/getCaseInfo?case=N` and `/getCaseStatus?case=N&agent=A`. RFC 6455 §4.2.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Case } from './cases/case.ts';
import { judgeRounds, judgeScript, UNIMPLEMENTED } from './judge.ts';
import { playRounds, playScript, type Timing, until } from './play.ts';
import { type Arrival, answerHead, playAnswer } from './play-answer.ts';
import { type CaseResult, type Circumstances, resultOf } from './result.ts';
import { DeflateSession } from './wire/deflate.ts';
import { OPCODE } from './wire/frame.ts';
import { field, HeadReader, headOctets } from './wire/head.ts';
import { Link } from './wire/link.ts';
import { WireLog } from './wire/log.ts';
import { answerOffer } from './wire/offer.ts';

export interface ClientRun {
  readonly cases: readonly Case[];
  readonly timing: Timing;
  readonly onResult: (result: CaseResult) => void;
  /** A client asked for the reports. It is answered when this returns. */
  readonly onUpdate: (agent: string) => void;
  /** The connection that asked for the reports has ended. */
  readonly onLeave?: () => void;
}

function refuse(socket: Socket, status: string): void {
  socket.end(headOctets([`HTTP/1.1 ${status}`, 'Content-Length: 0', 'Connection: close']));
}

function accept(
  arrival: Arrival,
  timing: Timing,
  extension: string | null,
  deflate: DeflateSession | null,
): Link {
  const { socket, key, rest, log } = arrival;
  const octets = answerHead(key, extension === null ? [] : [`Sec-WebSocket-Extensions: ${extension}`]);
  log.sent(octets);
  socket.write(octets);
  const link = new Link(socket, { side: 'server', log, deflate, dropGrace: timing.drop });
  socket.resume();
  link.receive(rest);
  return link;
}

/** One text message with the answer to a question about the run, then a normal close. */
async function tell(arrival: Arrival, timing: Timing, value: unknown): Promise<void> {
  const link = accept(arrival, timing, null, null);
  if (value !== undefined) {
    await link.send([{ opcode: OPCODE.text, payload: Buffer.from(JSON.stringify(value)) }]);
  }
  await link.close(1000);
  await until(link, timing.fail, () => link.over);
}

async function runCase(run: ClientRun, one: Case, agent: string, arrival: Arrival): Promise<CaseResult> {
  const { log, head } = arrival;
  const plot = one.plot('server');
  const offered = field(head, 'sec-websocket-extensions') ?? '';
  const answer = one.deflate === null ? null : answerOffer(offered, one.deflate);
  const circumstances = (httpResponse: string): Circumstances => ({
    agent,
    started: new Date(),
    isServer: true,
    httpRequest: head.text,
    httpResponse,
    log,
  });
  if (plot.kind === 'answer') {
    const { verdict, response, link } = await playAnswer(plot, arrival, run.timing);
    return resultOf(one, plot, verdict, circumstances(response), link);
  }
  if (plot.kind === 'opening') throw new TypeError(`case ${one.id} judges servers only`);
  const deflate =
    answer === null ? null : new DeflateSession(answer.agreement.server, answer.agreement.client);
  const response = answerHead(
    arrival.key,
    answer === null ? [] : [`Sec-WebSocket-Extensions: ${answer.text}`],
  ).toString();
  const link = accept(arrival, run.timing, answer?.text ?? null, deflate);
  const told = circumstances(response);
  if (one.deflate !== null && answer === null) {
    await link.close(1000);
    return resultOf(one, plot, UNIMPLEMENTED, told, link);
  }
  if (plot.kind === 'script') {
    await playScript(link, plot, run.timing);
    return resultOf(one, plot, judgeScript(link, plot), told, link);
  }
  const rounds = await playRounds(link, plot, run.timing);
  return resultOf(one, plot, judgeRounds(link, rounds), told, link);
}

/** The case a query names: by its place in the run (`case`) or by its id (`casetuple`). */
function named(run: ClientRun, query: URLSearchParams): Case | undefined {
  const tuple = query.get('casetuple');
  if (tuple !== null) return run.cases.find(({ id }) => id === tuple);
  return run.cases[Number(query.get('case') ?? Number.NaN) - 1];
}

/** What happened so far: results by agent and case id, and the cases still being judged. */
interface Progress {
  readonly results: Map<string, CaseResult>;
  readonly running: Set<Promise<CaseResult>>;
}

/** Judges a case; `/updateReports` waits for it even when its client does not. */
async function judgeCase(
  run: ClientRun,
  { results, running }: Progress,
  judging: Promise<CaseResult>,
): Promise<void> {
  running.add(judging);
  try {
    const result = await judging;
    results.set(`${result.agent}\n${result.id}`, result);
    run.onResult(result);
  } finally {
    running.delete(judging);
  }
}

async function serve(run: ClientRun, progress: Progress, arrival: Arrival): Promise<void> {
  const target = arrival.head.startLine.split(' ')[1] ?? '/';
  const { pathname, searchParams } = new URL(target, 'ws://suite');
  const agent = searchParams.get('agent') ?? 'unnamed';
  const one = named(run, searchParams);
  switch (pathname) {
    case '/getCaseCount':
      return tell(arrival, run.timing, run.cases.length);
    case '/getCaseInfo':
      return tell(arrival, run.timing, one && { id: one.id, description: one.description });
    case '/getCaseStatus':
      return tell(arrival, run.timing, {
        behavior: (one && progress.results.get(`${agent}\n${one.id}`)?.behavior) ?? 'UNIMPLEMENTED',
      });
    case '/updateReports':
      await Promise.allSettled(progress.running);
      run.onUpdate(agent);
      await tell(arrival, run.timing, undefined);
      return run.onLeave?.();
    case '/runCase':
      if (one === undefined) return refuse(arrival.socket, '404 Not Found');
      return judgeCase(run, progress, runCase(run, one, agent, arrival));
    default:
      return refuse(arrival.socket, '404 Not Found');
  }
}

function arrive(socket: Socket, ready: (arrival: Arrival) => void): void {
  const log = new WireLog();
  const reader = new HeadReader();
  socket.on('error', (error) => log.note(`TCP: ${error.message}`));
  const take = (chunk: Buffer): void => {
    log.received(chunk);
    const read = reader.push(chunk);
    if (read === null) return;
    socket.off('data', take);
    socket.pause();
    const key = field(read.head, 'sec-websocket-key');
    if (key === undefined) refuse(socket, '400 Bad Request');
    else ready({ socket, head: read.head, rest: read.rest, log, key });
  };
  socket.on('data', take);
}

export interface Suite {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Listens, and judges every client that walks in. Rejects when the address cannot be used. */
export function judgeClients(run: ClientRun, host: string, port: number): Promise<Suite> {
  const progress: Progress = { results: new Map(), running: new Set() };
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    arrive(socket, (arrival) => {
      serve(run, progress, arrival).catch((error: unknown) => {
        arrival.log.note(error instanceof Error ? error.message : String(error));
        socket.destroy();
      });
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      const bound = address !== null && typeof address === 'object' ? address.port : port;
      const name = host.includes(':') ? `[${host}]` : host;
      const close = (): Promise<void> =>
        new Promise((closed) => {
          for (const socket of sockets) socket.destroy();
          server.close(() => closed());
        });
      resolve({ url: `ws://${name}:${bound}`, port: bound, close });
    });
  });
}
