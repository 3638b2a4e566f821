#!/usr/bin/env node
/**
 * `framewright conform`: the conformance suite on the command line.
 *
 * Rule: stdout is the summary, stderr the progress, the exit status the verdict.
 */
import { type Command, readCommand, USAGE } from './arguments.ts';
import { allCases, byId } from './cases/index.ts';
import { passes } from './judge.ts';
import { judgeClients } from './judge-client.ts';
import { Progress, summary } from './progress.ts';
import { writeHtml } from './report/html.ts';
import { writeJson } from './report/json.ts';
import type { CaseResult } from './result.ts';
import { runAgainstServer, withTiming } from './run.ts';
import { select } from './select.ts';
import type { ServerTarget } from './target.ts';

const terminal = {
  isTTY: process.stderr.isTTY === true,
  columns: process.stderr.columns ?? 80,
  write: (text: string): void => {
    process.stderr.write(text);
  },
};

function report(command: Command, results: readonly CaseResult[]): void {
  const { json, html } = command;
  const index = json === undefined ? undefined : writeJson(json, results);
  if (html === undefined) return;
  if (json === undefined || index === undefined) writeHtml(html, results);
  else writeHtml(html, results, { directory: json, index });
}

const status = (command: Command, results: readonly CaseResult[]): number =>
  results.length > 0 && results.every((result) => passes(result, command.strict)) ? 0 : 1;

async function judgeServer(command: Command, target: ServerTarget): Promise<number> {
  const cases = select(command.selection, 'client');
  const progress = new Progress(terminal, cases.length);
  const began = performance.now();
  const { agent, results } = await runAgainstServer(target, cases, {
    agent: command.agent,
    concurrency: command.concurrency,
    timing: { fail: command.timeout },
    onResult: (result) => progress.add(result),
  });
  progress.end();
  console.log(summary(agent, results, (performance.now() - began) / 1000));
  report(command, results);
  return status(command, results);
}

async function judgeWalkers(command: Command): Promise<number> {
  const cases = select(command.selection, 'server');
  const results = new Map<string, CaseResult>();
  const progress = new Progress(terminal, cases.length);
  const began = performance.now();
  const all = (): CaseResult[] => [...results.values()].sort((a, b) => byId(a.id, b.id));
  const { promise: stopped, resolve: stop } = deferred();
  const tell = (agent: string): void => {
    const own = all().filter((result) => result.agent === agent);
    progress.end();
    console.log(summary(agent, own, (performance.now() - began) / 1000));
    report(command, all());
  };
  const suite = await judgeClients(
    {
      cases,
      timing: withTiming({ fail: command.timeout }),
      onResult: (result) => {
        results.set(`${result.agent}\n${result.id}`, result);
        progress.add(result);
      },
      onUpdate: tell,
      ...(command.once ? { onLeave: stop } : {}),
    },
    command.host,
    command.port,
  );
  process.stderr.write(`${cases.length} cases at ${suite.url}\n`);
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  await stopped;
  await suite.close();
  return status(command, all());
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

async function main(args: readonly string[]): Promise<number> {
  const command = readCommand(args);
  if (command.mode === 'help') {
    console.log(USAGE);
    return args.length === 0 ? 2 : 0;
  }
  if (command.mode === 'list') {
    for (const { id, description } of allCases) console.log(`${id}\t${description}`);
    return 0;
  }
  return command.target === null ? judgeWalkers(command) : judgeServer(command, command.target);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`framewright: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  },
);
