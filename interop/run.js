// Conversations with peers that nobody here wrote, both roles; writes docs/interop.md. `npm run build` comes first: this
// is the package as users get it.
// Usage: node interop/run.js [--install] [name …]   (names choose peers; then nothing is written)
import { converseAsClient } from './client.js';
import { sawBothCloses, startEcho } from './echo.js';
import { has, howToGet, install } from './packages.js';
import { clients, servers } from './peers.js';
import { answers, startServer } from './programs.js';
import { startProxy } from './proxies.js';
import { startRelay } from './relay.js';
import { tryRuntimes } from './runtimes.js';
import { parts, writeTable } from './table.js';

const names = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isChosen = (name) => names.length === 0 || names.includes(name);
const mebibyte = 1 << 20;
/** Milliseconds after which a conversation counts as stuck. */
const longest = 60_000;
/** Each peer holds the conversation in every way: plain, with compression, and through each proxy. */
const ways = ['plain', 'deflate', 'nginx', 'HAProxy'];

const rows = [];
const missing = [];

/** Puts the relay or a proxy in front of a port for as long as `talk` takes. */
async function through(way, port, talk) {
  const front = await (way === 'plain' || way === 'deflate' ? startRelay(port) : startProxy(way, port));
  try {
    return { ...(await talk(front.url)), bytes: front.bytes };
  } finally {
    await front.stop();
  }
}

/** In which directions the messages were really compressed: each carried a compressible one of 1 MiB at least. */
function compression({ bytes: { up, down }, agreed }, plain) {
  if (plain.bytes.up < mebibyte || plain.bytes.down < mebibyte) throw new Error('the relay missed bytes');
  if (!agreed) return 'not agreed';
  const ways = [...(up < mebibyte ? ['from client'] : []), ...(down < mebibyte ? ['from server'] : [])];
  return ways.length === 2 ? 'both ways' : (ways[0] ?? 'agreed, unused');
}

/** Settles as a conversation does, or fails when it is stuck. */
async function within(conversation) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`stuck for ${longest} ms`)), longest);
  });
  return Promise.race([conversation, late]).finally(() => clearTimeout(timer));
}

/** Parts that went wrong or were left out, though nothing is known that excuses it. */
const faults = (results, isExcused) =>
  parts.filter((part) => results[part] !== true && !(isExcused && results[part] === undefined));

/** Holds the conversation in every way and makes a row of it. `converse` is told the way. */
async function makeRow(kind, { name, probe, flaws = [] }, converse) {
  if (!isChosen(name)) return;
  if (!has(name) || (probe !== undefined && !(await answers(...probe)))) {
    missing.push(name);
    return;
  }
  const row = { kind, name, flaws, results: {}, errors: [] };
  rows.push(row);
  const outcomes = {};
  for (const way of ways) {
    if (!has(way)) {
      missing.push(way);
      continue;
    }
    try {
      const outcome = await within(converse(way));
      outcomes[way] = outcome;
      const bad = faults(outcome.results, way === 'deflate' && flaws.length > 0);
      row.version ??= outcome.version;
      row[way] = bad.length === 0;
      if (bad.length > 0) row.errors.push(`${way}: ${bad.join(', ')}`);
    } catch (error) {
      row[way] = false;
      row.errors.push(`${way}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const part of parts) {
    const tried = [outcomes.plain?.results[part], outcomes.deflate?.results[part]].filter(
      (result) => result !== undefined,
    );
    row.results[part] = tried.length === 0 ? undefined : tried.every(Boolean);
  }
  if (outcomes.plain !== undefined && outcomes.deflate !== undefined) {
    row.compression = compression(outcomes.deflate, outcomes.plain);
  }
  console.log(`${kind}, ${name}: ${row.errors.length === 0 ? 'ok' : row.errors.join('; ')}`);
}

/** Through a proxy a peer compresses too, unless that would leave parts of the conversation out. */
const isCompressed = (way, { flaws }) => way === 'deflate' || (way !== 'plain' && flaws === undefined);

/** What the client says of the Closes counts only if our server saw the same. */
async function withSeenCloses(results, closures) {
  const until = Date.now() + 3_000;
  const saw = () => Object.values(sawBothCloses(closures)).every(Boolean);
  while (!saw() && Date.now() < until) await new Promise((go) => setTimeout(go, 20));
  const seen = sawBothCloses(closures);
  return Object.fromEntries(Object.entries(results).map(([part, ok]) => [part, ok && seen[part] !== false]));
}

async function asServer(client, started, way) {
  const compressed = isCompressed(way, client);
  const echo = await startEcho({ perMessageDeflate: compressed && (client.deflate ?? true) });
  try {
    return await through(way, echo.server.port, async (url) => {
      const said = await started.talk(url, compressed);
      const results = await withSeenCloses(said.results, echo.closures);
      return { version: started.version ?? said.version, results, agreed: echo.extensions.size > 0 };
    });
  } finally {
    await echo.server.close({ timeout: 500 });
  }
}

async function asClient(peer, way) {
  const { command, version, without = [] } = peer;
  const [program, ...args] = command();
  const server = await startServer(program, args);
  const perMessageDeflate = isCompressed(way, peer);
  try {
    return await through(way, server.port, async (url) => {
      const left = perMessageDeflate ? without : [];
      const { results, extensions } = await converseAsClient(url, { perMessageDeflate }, left);
      const told = typeof version === 'function' ? await version() : version;
      return { version: told ?? server.version, results, agreed: extensions.length > 0 };
    });
  } finally {
    await server.stop();
  }
}

/** Our own client, in this process, as a peer of our server: for the proxies. */
const ourselves = {
  name: 'framewright',
  talk: (url, perMessageDeflate) => converseAsClient(url, { perMessageDeflate }),
};

if (process.argv.includes('--install')) install();
await makeRow('both ours', ourselves, (way) => asServer(ourselves, ourselves, way));
for (const client of clients) {
  let started;
  const start = async () => {
    started ??= await client.start();
    return started;
  };
  await makeRow('their client', client, async (way) => asServer(client, await start(), way));
  await started?.stop();
}
for (const server of servers) await makeRow('their server', server, (way) => asClient(server, way));
const runtimes = names.length === 0 ? await tryRuntimes() : [];
const absent = [...new Set(missing)];
if (absent.length > 0) console.log(`Not here, so not tried: ${absent.join(', ')}. ${howToGet(absent)}`);
if (names.length === 0) await writeTable({ rows, runtimes, missing: absent });
const isBad = ({ errors }) => errors.length > 0;
process.exit(rows.some(isBad) || runtimes.some(isBad) ? 1 : 0);
