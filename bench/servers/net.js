// No WebSocket at all: sends back the bytes it reads. The most that a JavaScript server on `net` can do with one
// write per read.
import { createServer } from 'node:net';
import { serve } from './control.js';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('data', (chunk) => {
    if (!socket.write(chunk)) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
  });
  socket.on('error', () => {});
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => serve(server.address().port));
