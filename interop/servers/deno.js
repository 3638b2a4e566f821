// An echo server on Deno.serve. Prints its port.
const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, (request) => {
  const offered = request.headers.get('sec-websocket-protocol') ?? '';
  const options = offered.includes('interop') ? { protocol: 'interop' } : {};
  const { socket, response } = Deno.upgradeWebSocket(request, options);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    if (data === 'close 4002 bye') socket.close(4002, 'bye');
    else socket.send(data);
  };
  return response;
});
console.log(JSON.stringify({ port: server.addr.port }));
