/**
 * The command line of `framewright conform`.
 *
 * Rule: everything is checked before anything runs; a mistake is one sentence and status 2.
 */
import { parseArgs } from 'node:util';
import { readPatterns, type Selection } from './select.ts';
import { parseTarget, type ServerTarget } from './target.ts';

export const USAGE = `Usage:
  framewright conform <ws-url> [options]         judge a server
  framewright conform --serve [host:port] [...]  judge the clients that connect (default localhost:9001)

Options:
  --only IDS         cases to run, such as 1.*,6.4.*, or autobahn, or beyond (default: all that apply)
  --exclude IDS      cases to leave out
  --json DIR         write index.json and one file per case
  --html FILE        write the report as one HTML page; with --json, of every agent in DIR
  --agent NAME       what to call the server (default: its Server field, else its address)
  --concurrency N    how much runs at once (default 16; a large case counts for up to 6)
  --timeout MS       how long a peer gets to react (default 3000)
  --strict           count UNIMPLEMENTED as not OK
  --insecure         accept any certificate
  --once             with --serve: end after the first /updateReports
  --list             print the ids of the cases and what they are
  --help

Status: 0 all OK (or INFORMATIONAL, or UNIMPLEMENTED without --strict), 1 some are not, 2 the run could not be made.
`;

export interface Command {
  readonly mode: 'help' | 'list' | 'server' | 'client';
  readonly target: ServerTarget | null;
  readonly host: string;
  readonly port: number;
  readonly selection: Selection;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly agent: string | undefined;
  readonly concurrency: number;
  readonly timeout: number;
  readonly strict: boolean;
  readonly once: boolean;
}

const OPTIONS = {
  serve: { type: 'boolean' },
  only: { type: 'string' },
  exclude: { type: 'string' },
  json: { type: 'string' },
  html: { type: 'string' },
  agent: { type: 'string' },
  concurrency: { type: 'string' },
  timeout: { type: 'string' },
  strict: { type: 'boolean' },
  insecure: { type: 'boolean' },
  once: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function whole(name: string, value: string | undefined, standard: number): number {
  if (value === undefined) return standard;
  if (!/^[1-9]\d{0,8}$/.test(value))
    throw new TypeError(`--${name} wants a whole number above 0, not: ${value}`);
  return Number(value);
}

function readAddress(value: string | undefined): { host: string; port: number } {
  if (value === undefined) return { host: 'localhost', port: 9001 };
  const match = /^(?:(\[[^\]]+\]|[^:]*):)?(\d{1,5})$/.exec(value);
  const port = Number(match?.[2]);
  if (match === null || port > 65535) throw new TypeError(`not an address (host:port): ${value}`);
  return { host: (match[1] ?? '').replace(/^\[(.*)\]$/, '$1') || 'localhost', port };
}

/** @throws TypeError with a sentence for the user. */
export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  const [word, place, ...more] = positionals;
  if (word !== undefined && word !== 'conform') throw new TypeError(`unknown command: ${word}`);
  if (more.length > 0) throw new TypeError(`too many arguments: ${more.join(' ')}`);
  const help = values.help === true || word === undefined;
  const mode = help ? 'help' : values.list ? 'list' : values.serve ? 'client' : 'server';
  if (mode === 'server' && place === undefined)
    throw new TypeError('which server? Give a ws: or wss: URL, or --serve');
  return {
    mode,
    target: mode === 'server' && place !== undefined ? parseTarget(place, values.insecure === true) : null,
    ...readAddress(mode === 'client' ? place : undefined),
    selection: { only: readPatterns(values.only ?? ''), exclude: readPatterns(values.exclude ?? '') },
    json: values.json,
    html: values.html,
    agent: values.agent,
    concurrency: whole('concurrency', values.concurrency, 16),
    timeout: whole('timeout', values.timeout, 3000),
    strict: values.strict === true,
    once: values.once === true,
  };
}
