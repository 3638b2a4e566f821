// A client behind an HTTP proxy: `createConnection` asks the proxy for a tunnel (CONNECT) and hands its socket over.
// For wss: the client then speaks TLS with the target through it, so the proxy sees neither fields nor messages.
// Usage: PROXY=http://user:password@localhost:3128 node examples/client/proxy.js wss://example.com/feed
import { request } from 'node:http';
import { connect } from 'framewright';

/** Makes a `createConnection` for a proxy. Its credentials go to the proxy only, never to the target. */
export const through = (proxy) => (target, signal) =>
  new Promise((resolve, reject) => {
    const { hostname, port, username, password } = new URL(proxy);
    const host = target.host.includes(':') ? `[${target.host}]` : target.host;
    const authority = `${host}:${target.port}`;
    const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
    const tunnel = request({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port || 80,
      path: authority,
      headers: {
        host: authority,
        ...(username === '' ? {} : { 'proxy-authorization': `Basic ${login.toString('base64')}` }),
      },
      // node:http bounds the proxy's answer; the client's own deadline aborts the signal.
      maxHeaderSize: 16_384,
      agent: false,
      signal,
    });
    tunnel.once('connect', (response, socket, head) => {
      if (response.statusCode !== 200) {
        socket.destroy();
        reject(new Error(`the proxy answered ${response.statusCode}`));
        return;
      }
      if (head.length > 0) socket.unshift(head);
      resolve(socket);
    });
    tunnel.once('response', (response) => {
      response.destroy();
      reject(new Error(`the proxy answered ${response.statusCode}`));
    });
    tunnel.once('error', reject);
    tunnel.end();
  });

if (process.argv[1] === import.meta.filename) {
  const [, , url = 'ws://localhost:4040/ws'] = process.argv;
  const proxy = process.env.PROXY ?? 'http://localhost:3128';
  const connection = await connect(url, { createConnection: through(proxy) });
  await connection.send('hello through the proxy');
  console.log(await connection.recv());
  await connection.close();
}
