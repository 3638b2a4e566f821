// Walks a client with the interface of browsers through a suite that serves cases, and echoes what it is sent.
// Usage: walk.js <ws-url> <agent> <cases at once> [module whose WebSocket to take, in place of the runtime's own].
import process from 'node:process';

const [base, agent, width, from] = process.argv.slice(2);
const { WebSocket } = from === undefined ? globalThis : await import(from);
const options = from === 'ws' ? { perMessageDeflate: true } : undefined;

/** One connection from opening to end, echoing if told so. Resolves with the first message, whatever happens. */
function visit(path, echo) {
  return new Promise((resolve) => {
    let first = null;
    const socket = new WebSocket(base + path, [], options);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = ({ data }) => {
      first ??= data;
      if (echo) socket.send(data);
    };
    socket.onerror = () => {};
    socket.onclose = () => resolve(first);
  });
}

const count = Number(await visit('/getCaseCount', false));
const name = encodeURIComponent(agent);
let next = 1;
const worker = async () => {
  while (next <= count) await visit(`/runCase?case=${next++}&agent=${name}`, true);
};
await Promise.all(Array.from({ length: Number(width) }, worker));
await visit(`/updateReports?agent=${name}`, false);
process.exit(0);
