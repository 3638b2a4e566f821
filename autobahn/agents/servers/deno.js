// The echo server on Deno.serve that the suite judges. Usage: deno.js <port>.

// A request that ends before its head is read rejects inside Deno.serve, which would end the process.
globalThis.addEventListener('unhandledrejection', (event) => event.preventDefault());

Deno.serve({ port: Number(Deno.args[0]), hostname: '127.0.0.1', onListen() {} }, (request) => {
  try {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => socket.send(data);
    socket.onerror = () => {};
    return response;
  } catch {
    return new Response('not a WebSocket\n', { status: 400 });
  }
});
