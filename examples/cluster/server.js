// The echo server in several processes on one port. Each accepts connections and keeps them; a message never crosses
// from one process to another, so what all must know (who is in which room) needs a place of its own, such as Redis.
//
//   node examples/cluster/server.js
//
// PORT (default 4040), HOST (default localhost) and PROCESSES (default: one per core) come from the environment.
// REUSE_PORT=1 lets the system deal connections out (Linux and some others, Node 23.1 and later); otherwise the
// first process accepts and deals them out in turn: evenly, but one process does all the accepting. It needs a PORT.
import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import { listen } from 'framewright';

const port = Number(process.env.PORT ?? 4040);
const host = process.env.HOST ?? 'localhost';
const processes = Number(process.env.PROCESSES ?? availableParallelism());
const reusePort = process.env.REUSE_PORT === '1';

/** Sends every message back. */
const echo = async (connection) => {
  for await (const message of connection) await connection.send(message);
};

/** The first process: starts the others, replaces one that dies, and tells them when it is over. */
function lead() {
  const listening = new Set();
  let stopping = false;
  // Told by the workers themselves: cluster's own event does not come where the system deals connections out.
  cluster.on('message', (worker, { listens }) => {
    listening.add(worker);
    if (listening.size < processes) return;
    const all = [...listening].map((one) => one.process.pid).join(', ');
    console.log(`ws://${host}:${listens}/ in processes ${all}`);
  });
  cluster.on('exit', (worker, code, signal) => {
    if (stopping) return;
    // One that dies before it listens would die again: the port is taken, or there is no such host.
    if (!listening.delete(worker)) process.exit(1);
    console.error(`Process ${worker.process.pid} ended (${signal ?? code}); another takes its place.`);
    cluster.fork();
  });
  const stop = () => {
    stopping = true;
    for (const worker of Object.values(cluster.workers)) worker.send('stop');
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  for (let count = 0; count < processes; count += 1) cluster.fork();
}

/** Every other process: a server like any other. */
async function serve() {
  const server = await listen({ port, host, ...(reusePort ? { reusePort } : {}) }, (context) =>
    context.upgrade(echo),
  );
  process.send({ listens: server.port });
  // Ctrl+C reaches all processes; the first one says when to stop.
  process.on('SIGINT', () => {});
  process.on('message', async (message) => {
    if (message !== 'stop') return;
    // Every peer is told 1001, "going away", and may connect again to a server that goes on.
    await server.close({ code: 1001, timeout: 5_000 });
    process.disconnect();
  });
}

if (cluster.isPrimary) lead();
else await serve();
