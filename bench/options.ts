// The command line of the benchmark.
import { parseArgs } from 'node:util';
import type { Timing } from './measure.ts';
import { defaultPeers } from './peers.ts';
import { type Scenario, scenarios, smokeSized } from './scenarios.ts';
import type { Placement } from './server-process.ts';

export interface BenchOptions {
  readonly scenarios: readonly Scenario[];
  readonly peers: readonly string[];
  readonly rounds: number;
  readonly timing: Timing;
  readonly placement: Placement;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  readonly svg: string | undefined;
  readonly smoke: boolean;
}

export const usage = `npm run bench -- [options]

  --scenario NAME[,NAME]  rows to measure; NAME may end in * (default: all)
  --peers a,b             peers to compare (default: ${defaultPeers.join(',')}; also ws-strings, bun, deno,
                          and framewright-1, framewright-2: so many processes, for use with --no-pin)
                          framewright@PATH measures the module at PATH, to compare two builds
  --rounds N              interleaved rounds per row (default 5)
  --seconds N             measured time per round (default 3)
  --warm-up N             seconds before it (default 1)
  --node PATH             the Node that runs the servers (default: this one)
  --no-pin                do not pin server and load generator to a core each
  --profiles FOLDER       write a CPU profile of every server
  --json FILE, --markdown FILE, --svg FILE
  --smoke                 every row in about a second, for correctness alone
  --list                  names and titles of the rows
  --help
`;

function chosenScenarios(wanted: string | undefined): Scenario[] {
  if (wanted === undefined) return [...scenarios];
  return wanted.split(',').flatMap((name) => {
    const found = name.endsWith('*')
      ? scenarios.filter((scenario) => scenario.name.startsWith(name.slice(0, -1)))
      : scenarios.filter((scenario) => scenario.name === name);
    if (found.length === 0) throw new Error(`No scenario is called "${name}"; --list shows them.`);
    return found;
  });
}

function positive(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0, not "${text}".`);
  return number;
}

/** Reads the arguments. Returns text to print instead of a run, or throws for what it does not understand. */
export function readOptions(args: readonly string[]): BenchOptions | string {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warm-up': { type: 'string' },
      node: { type: 'string' },
      'no-pin': { type: 'boolean', default: false },
      profiles: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      svg: { type: 'string' },
      smoke: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return usage;
  if (values.list) return scenarios.map(({ name, title }) => `${name.padEnd(26)}${title}\n`).join('');
  const { smoke } = values;
  const chosen = chosenScenarios(values.scenario);
  return {
    scenarios: smoke ? chosen.map(smokeSized) : chosen,
    peers: values.peers?.split(',') ?? defaultPeers,
    rounds: Math.ceil(positive('rounds', values.rounds, smoke ? 1 : 5)),
    timing: {
      warmUp: positive('warm-up', values['warm-up'], smoke ? 0.05 : 1),
      seconds: positive('seconds', values.seconds, smoke ? 0.2 : 3),
    },
    placement: {
      node: values.node ?? process.execPath,
      pin: !values['no-pin'] && !smoke,
      profiles: values.profiles,
    },
    json: values.json,
    markdown: values.markdown,
    svg: values.svg,
    smoke,
  };
}
