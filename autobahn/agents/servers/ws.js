// The echo server on ws that the suite judges. Usage: ws.js <port>.
import { WebSocketServer } from 'ws';

const server = new WebSocketServer({
  port: Number(process.argv[2]),
  host: '127.0.0.1',
  maxPayload: 16 << 20,
  perMessageDeflate: true,
});
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
