// The server that foreign clients talk to. It echoes, and some texts are commands, so that a client can see what only
// a server can start: fragments, a ping, a Close.
import { listen } from 'framewright';

const commands = {
  fragments: (connection) =>
    connection.send(
      (async function* () {
        yield 'one,';
        yield 'two,';
        yield 'three';
      })(),
    ),
  ping: async (connection) => {
    await connection.ping('are you there?');
    await connection.send('pong came');
  },
  'close 4002 bye': (connection) => connection.close(4002, 'bye'),
};

/** Starts it. `closures` collects how its connections ended, `extensions` what was negotiated. */
export async function startEcho(config = {}) {
  const closures = [];
  const extensions = new Set();
  const server = await listen(
    { port: 0, host: '127.0.0.1' },
    (context) =>
      context.upgrade(async (connection) => {
        for (const { name } of connection.extensions) extensions.add(name);
        void connection.closed.then((closure) => closures.push(closure));
        for await (const message of connection) {
          const last = closures.at(-1);
          if (message === 'last closure') await connection.send(`${last?.code} ${last?.reason}`);
          else await (commands[message]?.(connection) ?? connection.send(message));
        }
      }),
    {
      subprotocols: ['interop'],
      maxMessageSize: 4 << 20,
      maxFrameSize: 4 << 20,
      perMessageDeflate: true,
      origins: '*',
      ...config,
    },
  );
  return { server, url: server.url, closures, extensions };
}

/** Whether the server saw both Closes of a conversation as the client did, each with its code and reason. */
export function sawBothCloses(closures) {
  const saw = (code, by) =>
    closures.some((one) => one.code === code && one.reason === 'bye' && one.clean && one.by === by);
  return { 'close by client': saw(4001, 'peer'), 'close by server': saw(4002, 'us') };
}
