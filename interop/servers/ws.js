// An echo server on ws. Prints its port.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({
  port: 0,
  host: '127.0.0.1',
  maxPayload: 4 << 20,
  perMessageDeflate: true,
  handleProtocols: (offered) => (offered.has('interop') ? 'interop' : false),
});
let last = '';
const commands = {
  'close 4002 bye': (socket) => socket.close(4002, 'bye'),
  'last closure': (socket) => socket.send(last),
  fragments: (socket) => {
    for (const [piece, fin] of [
      ['one,', false],
      ['two,', false],
      ['three', true],
    ]) {
      socket.send(piece, { fin });
    }
  },
  ping: (socket) => {
    socket.once('pong', () => socket.send('pong came'));
    socket.ping('are you there?');
  },
};
server.on('connection', (socket) => {
  socket.on('message', (data, binary) => {
    const command = binary ? undefined : commands[data.toString()];
    if (command === undefined) socket.send(data, { binary });
    else command(socket);
  });
  socket.on('close', (code, reason) => {
    last = `${code} ${reason}`;
  });
});
server.on('listening', () => console.log(JSON.stringify({ port: server.address().port })));
