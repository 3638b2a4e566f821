// Usage: node browser-like.js ws|undici|global URL. Prints {"results": …} for the named implementation.
import { converse } from '../browser-client.js';

const [, , name, url] = process.argv;
const implementations = {
  ws: async () => (await import('ws')).WebSocket,
  undici: async () => (await import('undici')).WebSocket,
  global: () => globalThis.WebSocket,
};
console.log(JSON.stringify({ results: await converse(await implementations[name](), url) }));
process.exit(0);
