// framewright in several processes on one port, as examples/cluster does it; PROCESSES says how many.
// The figures are those of all processes together, the first one, which deals out the connections, included.
import cluster from 'node:cluster';
import { options, serve, usage } from './control.js';
import { configFor } from './framewright-config.js';
import { sessions } from './framewright-sessions.js';

const processes = Number(process.env.PROCESSES);

/** Asks every other process and waits for all the answers. */
const ask = (command) =>
  Promise.all(
    Object.values(cluster.workers).map((worker) => {
      const answer = new Promise((resolve) => worker.once('message', resolve));
      worker.send(command);
      return answer;
    }),
  );

async function usageOfAll() {
  const all = [usage(), ...(await ask('usage'))];
  const sum = (name) => all.reduce((total, one) => total + one[name], 0);
  return Object.fromEntries(Object.keys(all[0]).map((name) => [name, sum(name)]));
}

if (cluster.isPrimary) {
  let listening = 0;
  cluster.on('listening', (_, { port }) => {
    listening += 1;
    if (listening === processes)
      serve(port, { usage: usageOfAll, collect: async () => (await ask('collect')) && {} });
  });
  for (let count = 0; count < processes; count += 1) cluster.fork();
} else {
  const { listen, prepare } = await import(options.entry ?? 'framewright');
  const session = sessions(prepare)[options.mode];
  const address = { port: 0, host: '127.0.0.1', backlog: 4096 };
  await listen(address, (context) => context.upgrade(session), configFor(options));
  process.on('message', (command) => {
    if (command === 'collect') globalThis.gc?.();
    process.send(command === 'usage' ? usage() : {});
  });
}
