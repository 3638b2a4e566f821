// npm run attacks: every attack by hundreds of attackers on a server with little memory, while honest clients measure.
// Rule: the engine runs with its defaults but for what an attack needs at all (compression, an overflow policy).
import { chosen, commonUsage, positive, readArguments } from '../report/arguments.ts';
import { Reporter } from '../report/report.ts';
import { attacks } from './attack.ts';
import { isPeer, memoryMiB, play } from './play.ts';

const usage = `npm run attacks -- [options]

  --attackers N        attackers at once (default 200)
  --seconds N          of each attack (default 8)
  --peer NAME          the engine in the server: framewright (default) or ws
${commonUsage}`;

async function main(): Promise<void> {
  const options = readArguments(process.argv.slice(2), ['attackers', 'seconds', 'peer']);
  if (options.help) return void process.stdout.write(usage);
  if (options.list) {
    process.stdout.write(attacks.map(({ name, title }) => `${name.padEnd(20)}${title}\n`).join(''));
    return;
  }
  const { own, scale, smoke, engine, verbose } = options;
  const peer = own.get('peer') ?? 'framewright';
  if (!isPeer(peer)) throw new RangeError(`--peer knows no "${peer}"`);
  const setting = {
    attackers: Math.max(2, Math.round(positive('attackers', own.get('attackers'), 200) * scale)),
    seconds: positive('seconds', own.get('seconds'), smoke ? 1 : 8),
    scale,
    engine,
    peer,
  };
  const notes = [
    ...(peer === 'framewright' ? [] : [`The server runs ${peer}, for comparison.`]),
    `${setting.attackers} attackers for ${setting.seconds} s each on a server held to ${memoryMiB} MiB; attackers run at a lower priority, because on this machine they share the processors with the server.`,
    ...(scale === 1 ? [] : [`Scale ${scale}: not the full run.`]),
  ];
  const reporter = new Reporter('Attacks', notes, options, verbose, engine);
  for (const attack of chosen(attacks, options.only)) {
    await reporter.run(attack.name, attack.title, () => play(attack, setting));
  }
  if (reporter.missed > 0) process.exitCode = 1;
}

await main();
