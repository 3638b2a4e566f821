/**
 * The echo server that the suites judge: the engine, compression on, room for messages of 16 MiB.
 *
 * Rule: nothing but an echo; what is judged is the engine. Usage: server.ts [port] [host].
 */
import { listen } from '../../src/index.ts';

const [port = '9002', host = '127.0.0.1'] = process.argv.slice(2);
const LARGEST = 16 * 1024 * 1024;

const server = await listen(
  { port: Number(port), host },
  (context) =>
    context.upgrade(async (connection) => {
      for await (const message of connection) await connection.send(message);
    }),
  {
    perMessageDeflate: true,
    maxFrameSize: LARGEST,
    maxMessageSize: LARGEST,
    // A container reaches this machine by names of its own; the port is open for the run only.
    ...(host === '127.0.0.1' ? {} : { allowedHosts: ['host.docker.internal', 'host.containers.internal'] }),
  },
);
console.log(`listening at ${server.url}`);
