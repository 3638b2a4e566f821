// npm run soak: minutes of numbered messages of all sizes, then a hundred thousand short connections.
// Rule: both print slopes; a slope over minutes is a hint, over hours it is a figure, and the report says which it is.
import { chosen, commonUsage, positive, readArguments } from '../report/arguments.ts';
import { Reporter } from '../report/report.ts';
import { churn } from './cycles.ts';
import { idle } from './idle.ts';
import { soak } from './mix.ts';

const usage = `npm run soak -- [options]

  --minutes N          of the soak (default 5)
  --connections N      of the soak (default 200)
  --churn N            cycles of connect, echo, close (default 100000)
  --idle N             idle connections of each engine (default 10000)
${commonUsage}`;

const parts = [
  { name: 'soak', title: 'numbered messages of 8 B to 1 MiB both ways, half of the connections compressed' },
  { name: 'churn', title: 'connect, echo, close; every other connection compressed' },
  { name: 'idle', title: 'idle connections, next to those of ws and to bare sockets' },
] as const;

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), ['minutes', 'connections', 'churn', 'idle']);
  if (options.help) return void process.stdout.write(usage);
  if (options.list) {
    process.stdout.write(parts.map(({ name, title }) => `${name.padEnd(16)}${title}\n`).join(''));
    return;
  }
  const { own, scale, smoke, engine, verbose } = options;
  const seconds = positive('minutes', own.get('minutes'), smoke ? 0.05 : 5) * 60;
  const connections = Math.ceil(positive('connections', own.get('connections'), 200) * scale);
  const cycles = Math.ceil(positive('churn', own.get('churn'), 100_000) * (smoke ? 0.01 : scale));
  const sockets = Math.ceil(positive('idle', own.get('idle'), 10_000) * (smoke ? 0.01 : scale));
  const plays = {
    soak: () => soak({ seconds, connections, engine }),
    churn: () => churn({ cycles, engine }),
    idle: () => idle({ connections: sockets, engine }),
  };
  const notes = [
    `Soak of ${seconds / 60} minutes on ${connections} connections; ${cycles} cycles of churn; ${sockets} idle connections.`,
  ];
  const reporter = new Reporter('Soak', notes, options, verbose, engine, seconds * 1_000);
  for (const { name, title } of chosen(parts, options.only)) {
    await reporter.run(name, title, plays[name]);
  }
  if (reporter.missed > 0) process.exitCode = 1;
}

await main();
