// An echo server on Bun.serve. Prints its port.
let last = '';
const commands = {
  'close 4002 bye': (socket) => socket.close(4002, 'bye'),
  'last closure': (socket) => socket.send(last),
  ping: (socket) => socket.ping('are you there?'),
};
const server = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch(request, server) {
    const offered = request.headers.get('sec-websocket-protocol') ?? '';
    const headers = offered.includes('interop') ? { 'Sec-WebSocket-Protocol': 'interop' } : {};
    return server.upgrade(request, { headers }) ? undefined : new Response('no', { status: 400 });
  },
  websocket: {
    maxPayloadLength: 4 << 20,
    perMessageDeflate: true,
    message(socket, message) {
      const command = commands[message];
      if (command === undefined) socket.send(message, true);
      else command(socket);
    },
    pong(socket, data) {
      if (data.toString() === 'are you there?') socket.send('pong came');
    },
    close(_, code, reason) {
      last = `${code} ${reason}`;
    },
  },
});
console.log(JSON.stringify({ port: server.port }));
