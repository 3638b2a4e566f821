/**
 * Runs the whole suite on one agent.
 *
 * Rule: the agent is another process, ended by its own id with all that it started.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { byId } from '../cases/index.ts';
import { judgeClients } from '../judge-client.ts';
import { ended, freePort, portOpen } from '../official/processes.ts';
import { ROOT } from '../official/scripts.ts';
import type { CaseResult } from '../result.ts';
import { runAgainstServer, withTiming } from '../run.ts';
import { select } from '../select.ts';
import { parseTarget } from '../target.ts';
import { type Agent, labelOf } from './agents.ts';

function begin(agent: Agent, place: string): ChildProcess {
  const { program, args, env = {} } = agent.command(place);
  const stdio = ['ignore', 'ignore', 'ignore'] as const;
  // A group of its own: npx starts what it was asked for as a child.
  return spawn(program, args, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: [...stdio],
    detached: true,
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  const over = ended(child);
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    // The whole group has ended by itself.
  }
  await over;
}

async function judgeServerAgent(agent: Agent, onResult: () => void): Promise<readonly CaseResult[]> {
  const port = await freePort();
  const child = begin(agent, String(port));
  try {
    await portOpen(port, child, 60);
    const cases = select({ only: agent.only ?? [], exclude: [] }, 'client');
    const target = parseTarget(`ws://127.0.0.1:${port}/`);
    const { results } = await runAgainstServer(target, cases, { agent: labelOf(agent), onResult });
    return results;
  } finally {
    await end(child);
  }
}

async function judgeClientAgent(agent: Agent, onResult: () => void): Promise<readonly CaseResult[]> {
  const results: CaseResult[] = [];
  const cases = select({ only: agent.only ?? [], exclude: [] }, 'server');
  const take = (result: CaseResult): void => {
    results.push(result);
    onResult();
  };
  const suite = await judgeClients(
    { cases, timing: withTiming(), onResult: take, onUpdate: () => {} },
    '127.0.0.1',
    0,
  );
  const child = begin(agent, suite.url);
  try {
    const status = await ended(child);
    if (status !== 0) throw new Error(`${labelOf(agent)} ended its walk with ${status}`);
    return results.sort((a, b) => byId(a.id, b.id));
  } finally {
    await end(child);
    await suite.close();
  }
}

/** @throws Error when the agent does not run. */
export const judgeAgent = (agent: Agent, onResult: () => void): Promise<readonly CaseResult[]> =>
  agent.role === 'server' ? judgeServerAgent(agent, onResult) : judgeClientAgent(agent, onResult);
