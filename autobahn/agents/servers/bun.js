// The echo server on Bun.serve that the suite judges. Usage: bun.js <port>.
Bun.serve({
  port: Number(process.argv[2]),
  hostname: '127.0.0.1',
  fetch: (request, server) =>
    server.upgrade(request) ? undefined : new Response('not a WebSocket\n', { status: 400 }),
  websocket: {
    maxPayloadLength: 16 << 20,
    backpressureLimit: 64 << 20,
    idleTimeout: 0,
    perMessageDeflate: true,
    message: (socket, message) => {
      socket.send(message, true);
    },
  },
});
