// The echo server on Deno.serve that the suite judges. Usage: deno.js <port>.
Deno.serve({ port: Number(Deno.args[0]), hostname: '127.0.0.1', onListen() {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => socket.send(data);
  socket.onerror = () => {};
  return response;
});
