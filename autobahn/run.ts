/**
 * One run of the suite: against a server, or for the clients that come.
 *
 * Rule: results are handed out in order of id, whatever order they finished in.
 */
import type { Case } from './cases/case.ts';
import { byId } from './cases/index.ts';
import { judgeServer } from './judge-server.ts';
import { answerFault, freshKey, readResponse, requestHead } from './opening.ts';
import { DEFAULT_TIMING, type Timing } from './play.ts';
import type { CaseResult } from './result.ts';
import { schedule } from './schedule.ts';
import { dial, type ServerTarget } from './target.ts';
import { field } from './wire/head.ts';
import { WireLog } from './wire/log.ts';

export interface RunOptions {
  readonly agent?: string | undefined;
  readonly concurrency?: number;
  readonly timing?: Partial<Timing>;
  readonly onResult?: (result: CaseResult) => void;
}

export interface ServerReport {
  readonly agent: string;
  readonly results: readonly CaseResult[];
}

export const withTiming = (timing: Partial<Timing> = {}): Timing => ({ ...DEFAULT_TIMING, ...timing });

/**
 * Sees whether there is a WebSocket server at all, and what it calls itself.
 * @throws Error when there is none.
 */
async function greet(target: ServerTarget, timing: Timing): Promise<string> {
  const log = new WireLog();
  const key = freshKey();
  const socket = await dial(target, timing.fail * 3);
  try {
    socket.write(requestHead(target, key));
    const read = await readResponse(socket, log, timing.fail * 3);
    if (read === null) throw new Error('the server did not answer the opening handshake');
    const fault = answerFault(read.head, key);
    if (fault !== null) throw new Error(fault);
    return field(read.head, 'server') ?? target.host;
  } finally {
    socket.destroy();
  }
}

/** Runs cases against a server, side by side. @throws Error when there is no WebSocket server. */
export async function runAgainstServer(
  target: ServerTarget,
  cases: readonly Case[],
  options: RunOptions = {},
): Promise<ServerReport> {
  const timing = withTiming(options.timing);
  const name = await greet(target, timing);
  const agent = options.agent ?? name;
  const results: CaseResult[] = [];
  await schedule(cases, options.concurrency ?? 16, async (one) => {
    const result = await judgeServer({ target, agent, timing }, one);
    results.push(result);
    options.onResult?.(result);
  });
  return { agent, results: results.sort((a, b) => byId(a.id, b.id)) };
}
