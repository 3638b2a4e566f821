// Deno's own WebSocket server. It has no compression to turn on, so it sits out those rows.
import { options, receive, serve } from './control.js';

const members = new Set();
const onMessage = {
  echo: (socket) => (event) => socket.send(event.data),
  receive: () => (event) => receive(typeof event.data === 'string' ? event.data : new Uint8Array(event.data)),
  broadcast: () => (event) => {
    for (const member of members) member.send(event.data);
  },
  fairness: (socket) => (event) =>
    typeof event.data === 'string' ? socket.send(event.data) : receive(new Uint8Array(event.data)),
}[options.mode];

const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen: () => {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => members.add(socket);
  socket.onclose = () => members.delete(socket);
  socket.onmessage = onMessage(socket);
  return response;
});
serve(server.addr.port);
