/**
 * Answers a client's opening handshake, octet for octet as the case says, and judges what the
 * client does with it.
 *
 * Rule: a client that ended TCP without a word did right; one that still talks did not.
 * RFC 6455 §4.1, §7.1.7.
 */
import type { Socket } from 'node:net';
import { type AnswerPlot, NORMAL, type ScriptPlot, text } from './cases/case.ts';
import { judgeScript, type Verdict } from './judge.ts';
import { playScript, type Timing } from './play.ts';
import { FrameReader, OPCODE, type SeenFrame, writeFrame } from './wire/frame.ts';
import { acceptValue, type Head, headOctets } from './wire/head.ts';
import { Link } from './wire/link.ts';
import type { WireLog } from './wire/log.ts';
import { patience } from './wire/patience.ts';

/** A client whose request head has been read. */
export interface Arrival {
  readonly socket: Socket;
  readonly head: Head;
  readonly rest: Buffer;
  readonly log: WireLog;
  readonly key: string;
}

export const answerHead = (key: string, more: readonly string[] = []): Buffer =>
  headOctets([
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptValue(key)}`,
    ...more,
  ]);

async function write({ socket, log }: Arrival, octets: Buffer, chop: number): Promise<void> {
  for (let at = 0; at < octets.length && socket.writable; at += chop) {
    const piece = octets.subarray(at, at + chop);
    log.sent(piece);
    socket.write(piece);
    if (chop < octets.length) await new Promise((resolve) => setImmediate(resolve));
  }
}

const HELLO = Buffer.from('Hello, world!');
const ECHO: ScriptPlot = {
  kind: 'script',
  steps: [{ do: 'send', frames: [{ opcode: OPCODE.text, payload: HELLO }] }],
  ok: [text(HELLO)],
  close: NORMAL,
};

interface Reaction {
  readonly ended: boolean;
  readonly frames: readonly SeenFrame[];
}

/** What the client does until it ends TCP, or for `ms`. */
function reaction({ socket, log }: Arrival, ms: number): Promise<Reaction> {
  return new Promise((resolve) => {
    const reader = new FrameReader();
    const frames: SeenFrame[] = [];
    const finish = (ended: boolean): void => {
      stopWaiting();
      socket.destroy();
      resolve({ ended, frames });
    };
    const stopWaiting = patience(ms, () => finish(false));
    socket.on('data', (chunk: Buffer) => {
      log.received(chunk);
      try {
        reader.push(chunk, (frame) => {
          log.frameReceived(frame);
          frames.push(frame);
        });
      } catch {
        finish(false);
      }
    });
    socket.once('end', () => finish(true));
    socket.once('close', () => finish(true));
    socket.resume();
    if (socket.destroyed) finish(true);
  });
}

function judgeReaction({ ended, frames }: Reaction): Verdict {
  const closing = ended
    ? ({ behaviorClose: 'OK', resultClose: 'The client ended TCP.' } as const)
    : ({ behaviorClose: 'FAILED', resultClose: 'The client kept the connection.' } as const);
  const spoke = frames.filter(({ opcode }) => opcode !== OPCODE.close);
  if (spoke.length > 0)
    return { behavior: 'FAILED', result: 'The client took the answer for good.', ...closing };
  if (!ended)
    return { behavior: 'NON-STRICT', result: 'The client fell silent, but did not end TCP.', ...closing };
  if (frames.length > 0) {
    return {
      behavior: 'NON-STRICT',
      result: 'The client sent a Close on a connection that never opened.',
      ...closing,
    };
  }
  return { behavior: 'OK', result: 'The client failed the connection.', ...closing };
}

export interface AnswerOutcome {
  readonly verdict: Verdict;
  readonly response: string;
  readonly link: Link | null;
}

export async function playAnswer(plot: AnswerPlot, arrival: Arrival, timing: Timing): Promise<AnswerOutcome> {
  const octets = plot.answer(arrival.head, acceptValue(arrival.key));
  const response = octets.subarray(0, 2048).toString('latin1');
  if (plot.accepts) {
    await write(arrival, octets, plot.chop ?? octets.length);
    const link = new Link(arrival.socket, {
      side: 'server',
      log: arrival.log,
      deflate: null,
      dropGrace: timing.drop,
    });
    arrival.socket.resume();
    link.receive(arrival.rest);
    await playScript(link, ECHO, timing);
    return { verdict: judgeScript(link, ECHO), response, link };
  }
  const ping = writeFrame({ opcode: OPCODE.ping, payload: Buffer.from('still there?') }, false);
  const reacting = reaction(arrival, timing.fail);
  const all = Buffer.concat([octets, ping]);
  await write(arrival, all, plot.chop ?? all.length);
  return { verdict: judgeReaction(await reacting), response, link: null };
}
