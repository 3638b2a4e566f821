// A relay that counts: what a conversation weighs on the wire shows whether its messages were really compressed.
import { connect, createServer } from 'node:net';

/** Stands in front of a port. `bytes` counts what went to it (`up`) and what came from it (`down`). */
export async function startRelay(target) {
  const bytes = { up: 0, down: 0 };
  const sockets = new Set();
  const count = (from, to, way) => {
    sockets.add(from);
    from.on('data', (chunk) => {
      bytes[way] += chunk.length;
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    from.pipe(to);
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    count(near, far, 'up');
    count(far, near, 'down');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `ws://127.0.0.1:${server.address().port}/`, bytes, stop };
}
