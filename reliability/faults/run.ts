// npm run faults: plays every fault against a server and honest peers, and checks what must never happen.
// Rule: where the system allows it the whole run has a network of its own, so that links can be spoilt.
import { Link } from '../network/link.ts';
import { runInNamespace } from '../network/namespace.ts';
import { chosen, commonUsage, readArguments } from '../report/arguments.ts';
import { Reporter } from '../report/report.ts';
import { faults } from './faults.ts';

const usage = `npm run faults -- [options]\n\n${commonUsage}`;

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2));
  if (options.help) return void process.stdout.write(usage);
  if (options.list) {
    process.stdout.write(faults.map(({ name, title }) => `${name.padEnd(16)}${title}\n`).join(''));
    return;
  }
  const playing = chosen(faults, options.only);
  const status = runInNamespace();
  if (status !== undefined) {
    process.exitCode = status;
    return;
  }
  const missing = Link.missing();
  const link = missing === undefined ? new Link() : undefined;
  const notes = [
    ...(missing === undefined ? [] : [`Faults of the link are skipped: ${missing}.`]),
    ...(options.scale === 1 ? [] : [`Scale ${options.scale}: not the full run.`]),
  ];
  const { scale, engine, verbose } = options;
  const reporter = new Reporter('Faults', notes, options, verbose, engine);
  for (const { name, title, needsLink = false, run } of playing) {
    if (needsLink && missing !== undefined) reporter.skip(name, title, missing);
    else await reporter.run(name, title, () => run({ scale, engine, link }));
  }
  if (reporter.missed > 0) process.exitCode = 1;
}

await main();
