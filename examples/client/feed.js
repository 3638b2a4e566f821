// A client that stays connected and resumes where it stopped. The server of a feed numbers its messages; after a lost
// connection the client says the last number it has, and the server goes on behind it.
// Usage: node examples/client/feed.js ws://localhost:4040/feed   (Ctrl+C ends it)
import { reconnecting } from 'framewright';

const [, , url = 'ws://localhost:4040/feed'] = process.argv;
const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

let last = 0;
const connections = reconnecting(url, {
  signal: stop.signal,
  onRetry: ({ delay, attempt }) => console.error(`attempt ${attempt} in ${Math.round(delay)} ms`),
});
for await (const connection of connections) {
  // Every connection starts with where to go on: what was sent before may never have arrived.
  await connection.send(JSON.stringify({ resumeAfter: last }));
  for await (const message of connection) {
    const { id, text } = JSON.parse(message);
    // A server that resumes too early repeats itself; the number tells.
    if (id <= last) continue;
    last = id;
    console.log(text);
  }
}
