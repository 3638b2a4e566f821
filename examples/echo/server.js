// The echo server: an ordinary node:http server with the engine attached. WebSockets at /ws and at /, a page at /.
// PORT (default 4040), HOST (default localhost) and DEFLATE=1 (compression) come from the environment.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { upgradeWith } from 'framewright';

const port = Number(process.env.PORT ?? 4040);
const host = process.env.HOST ?? 'localhost';
const page = readFileSync(new URL('./page.html', import.meta.url));

const config = {
  perMessageDeflate: process.env.DEFLATE === '1',
  // Conformance suites send messages of 16 MiB.
  maxMessageSize: 64 * 1024 * 1024,
  maxFrameSize: 64 * 1024 * 1024,
};

/** Sends every message back. Awaiting `send` lets a slow reader slow this loop down, not fill memory. */
const echo = async (connection) => {
  for (;;) {
    const message = connection.tryRecv() ?? (await connection.recv());
    if (message === null) return;
    await connection.send(message);
  }
};

const server = createServer((request, response) => {
  if (request.url !== '/') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('There is nothing here.\n');
    return;
  }
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    })
    .end(page);
});

const accept = (context) => context.upgradeWith(config, echo);
server.on('upgrade', upgradeWith(config, { '/': accept, '/ws': accept }));

server.on('error', (error) => {
  console.error(`Can not listen on ${host}:${port}: ${error.message}`);
  process.exit(1);
});
server.listen(port, host, () => {
  const { port: bound } = server.address();
  console.log(`Echo page      http://${host}:${bound}/`);
  console.log(`Echo WebSocket ws://${host}:${bound}/ws`);
});
