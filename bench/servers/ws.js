// The `ws` package with its own HTTP server, as its README shows it. Whether its native mask is used is decided by
// WS_NO_BUFFER_UTIL in the environment.
import { WebSocketServer } from 'ws';
import { options, receive, serve } from './control.js';

const perMessageDeflate =
  options.deflate === undefined
    ? false
    : {
        // Every message is compressed, as at every other peer: by default ws leaves those below 1 KiB alone.
        threshold: 0,
        serverNoContextTakeover: options.deflate === 'no-takeover',
        clientNoContextTakeover: options.deflate === 'no-takeover',
      };

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  backlog: 4096,
  maxPayload: options.maxMessageSize,
  perMessageDeflate,
});

// ws hands text out as bytes; BENCH_TEXT=string measures a handler that wants a string, as framewright's gets one.
const echo =
  process.env.BENCH_TEXT === 'string'
    ? (socket) => (data, binary) => socket.send(binary ? data : data.toString())
    : (socket) => (data, binary) => socket.send(data, { binary });

const onMessage = {
  echo,
  receive: () => (data) => receive(data),
  broadcast: () => (data, binary) => {
    for (const client of server.clients) client.send(data, { binary });
  },
  fairness: (socket) => (data, binary) => (binary ? receive(data) : socket.send(data, { binary })),
}[options.mode];

server.on('connection', (socket) => {
  socket.on('message', onMessage(socket));
  socket.on('error', () => {});
});
server.on('listening', () => serve(server.address().port));
