// An echo server on Deno.serve. Prints its port. The interface knows neither fragments nor pings.
let last = '';
const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, (request) => {
  const offered = request.headers.get('sec-websocket-protocol') ?? '';
  const options = offered.includes('interop') ? { protocol: 'interop' } : {};
  const { socket, response } = Deno.upgradeWebSocket(request, options);
  socket.binaryType = 'arraybuffer';
  socket.onmessage = ({ data }) => {
    if (data === 'close 4002 bye') socket.close(4002, 'bye');
    else if (data === 'last closure') socket.send(last);
    else socket.send(data);
  };
  socket.onclose = ({ code, reason }) => {
    last = `${code} ${reason}`;
  };
  return response;
});
console.log(JSON.stringify({ port: server.addr.port }));
