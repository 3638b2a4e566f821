// An echo server on ws. Prints its port.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  maxPayload: 4 << 20,
  perMessageDeflate: true,
  handleProtocols: (offered) => (offered.has('interop') ? 'interop' : false),
});
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    if (!binary && data.toString() === 'close 4002 bye') socket.close(4002, 'bye');
    else socket.send(data, { binary });
  });
});
server.on('listening', () => console.log(JSON.stringify({ port: server.address().port })));
