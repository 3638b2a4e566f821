// An echo server on Bun.serve. Prints its port.
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
      if (message === 'close 4002 bye') socket.close(4002, 'bye');
      else socket.send(message);
    },
  },
});
console.log(JSON.stringify({ port: server.port }));
