// An empty page of an origin of its own, for browsers to hold their conversations from.
import { createServer } from 'node:http';

export async function servePage() {
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>'),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${server.address().port}/`, stop };
}
