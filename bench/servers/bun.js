// Bun's own WebSocket server (uWebSockets in C++).
import { options, receive, serve } from './control.js';

const message = {
  echo: (socket, data) => socket.send(data, options.deflate !== undefined),
  receive: (_socket, data) => receive(data),
  broadcast: (socket, data) => {
    socket.publish('all', data);
    socket.send(data);
  },
  fairness: (socket, data) => (typeof data === 'string' ? socket.send(data) : receive(data)),
}[options.mode];

const shared = options.deflate === 'no-takeover';
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: (request, self) => (self.upgrade(request) ? undefined : new Response(null, { status: 400 })),
  websocket: {
    message,
    open: (socket) => options.mode === 'broadcast' && socket.subscribe('all'),
    idleTimeout: 0,
    maxPayloadLength: options.maxMessageSize,
    backpressureLimit: 64 << 20,
    perMessageDeflate:
      options.deflate === undefined
        ? false
        : { compress: shared ? 'shared' : 'dedicated', decompress: shared ? 'shared' : 'dedicated' },
  },
});
serve(server.port);
