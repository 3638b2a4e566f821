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
          await (commands[message]?.(connection) ?? connection.send(message));
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
