// The command line that all runs have in common.
// Rule: an unknown name is an error, never an empty run.
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Options of every run. */
export const commonOptions = {
  only: { type: 'string' },
  scale: { type: 'string' },
  smoke: { type: 'boolean', default: false },
  engine: { type: 'string' },
  json: { type: 'string' },
  markdown: { type: 'string' },
  verbose: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options'];

export const commonUsage = `  --only NAME[,NAME]   just these; NAME may end in *
  --scale X            more or fewer connections and rounds (default 1)
  --smoke              the same as --scale 0.05: everything in seconds, for correctness alone
  --engine PATH        the engine's module (default: the source)
  --json FILE, --markdown FILE
  --verbose            print every gate, not only the missed ones
  --list               names and titles
  --help
`;

export interface CommonArguments {
  /** The run's own options that were given. */
  readonly own: ReadonlyMap<string, string>;
  readonly only: string | undefined;
  readonly scale: number;
  readonly smoke: boolean;
  readonly engine: string | undefined;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  readonly verbose: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

/** @throws {RangeError} for what is no positive number */
export function positive(name: string, text: string | undefined, otherwise: number): number {
  const value = text === undefined ? otherwise : Number(text);
  if (!(value > 0)) throw new RangeError(`--${name} takes a number above 0, not "${text}"`);
  return value;
}

/** @param own names of further options of this run, which take a value */
export function readArguments(args: readonly string[], own: readonly string[] = []): CommonArguments {
  const further = Object.fromEntries(own.map((name) => [name, { type: 'string' as const }]));
  const { values } = parseArgs({ args: [...args], options: { ...further, ...commonOptions } });
  const given = own.map((name) => [name, Reflect.get(values, name)] as const);
  return {
    own: new Map(given.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []))),
    only: values.only,
    scale: positive('scale', values.scale, values.smoke ? 0.05 : 1),
    smoke: values.smoke,
    engine: values.engine,
    json: values.json,
    markdown: values.markdown,
    verbose: values.verbose,
    list: values.list,
    help: values.help,
  };
}

/** The named ones of a list. @throws {RangeError} when a name fits none */
export function chosen<Named extends { readonly name: string }>(
  all: readonly Named[],
  only: string | undefined,
): Named[] {
  if (only === undefined) return [...all];
  return only.split(',').flatMap((wanted) => {
    const found = wanted.endsWith('*')
      ? all.filter(({ name }) => name.startsWith(wanted.slice(0, -1)))
      : all.filter(({ name }) => name === wanted);
    if (found.length === 0) throw new RangeError(`nothing is called "${wanted}"; --list shows the names`);
    return found;
  });
}
