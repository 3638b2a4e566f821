// Conversations with peers that nobody here wrote, both roles; writes docs/interop.md. Peers that are not installed are
// named and left out. `npm run build` comes first: this is the package as users get it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { converseInChromium } from './chromium.js';
import { converseAsClient } from './client.js';
import { startEcho } from './echo.js';
import { answers, output, report, startServer } from './programs.js';
import { proxies, startProxy } from './proxies.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const versionOf = (name) =>
  JSON.parse(readFileSync(here(`../node_modules/${name}/package.json`), 'utf8')).version;
const npx = (name) => ['npx', '-y', '-p', name];
const python = '/usr/bin/python3';
const hasPython = (module) => answers(python, '-c', `import ${module}`);
const always = () => true;

const script =
  (command, ...args) =>
  (url) =>
    report(command, [...args, url]);
const node = (name) => script('node', here('clients/browser-like.js'), name);

/** Foreign clients against our server. */
const clients = [
  { name: 'ws', version: versionOf('ws'), has: always, run: node('ws') },
  { name: 'undici WebSocket', version: versionOf('undici'), has: always, run: node('undici') },
  ...['22', '24', '26'].map((line) => ({
    name: `Node ${line}, global WebSocket`,
    has: () => answers(...npx(`node@${line}`), 'node', '--version'),
    run: async (url) => {
      const [command, ...args] = [...npx(`node@${line}`), 'node'];
      const version = (await output(command, [...args, '--version'])).trim();
      return {
        version,
        ...(await report(command, [...args, here('clients/browser-like.js'), 'global', url])),
      };
    },
  })),
  {
    name: 'Python websockets',
    has: () => hasPython('websockets'),
    run: script(python, here('clients/websockets.py')),
  },
  {
    name: 'Python aiohttp',
    has: () => hasPython('aiohttp'),
    run: script(python, here('clients/aiohttp_client.py')),
  },
  {
    name: 'JDK HttpClient',
    has: () => answers('java', '-version'),
    run: script('java', here('clients/Jdk.java')),
  },
  {
    name: 'Chromium',
    has: () => existsSync('/usr/bin/chromium'),
    run: (url) => converseInChromium(url, '/usr/bin/chromium'),
  },
];

/** Our client against foreign servers. */
const servers = [
  { name: 'ws', version: versionOf('ws'), has: always, command: ['node', here('servers/ws.js')] },
  {
    name: 'Python websockets',
    has: () => hasPython('websockets'),
    command: [python, here('servers/websockets.py')],
  },
  {
    name: 'Python aiohttp',
    has: () => hasPython('aiohttp'),
    command: [python, here('servers/aiohttp_server.py')],
  },
  ...[
    ['Bun', 'bun', ['bun']],
    ['Deno', 'deno', ['deno', 'run', '--allow-net']],
  ].map(([name, tool, start]) => ({
    name,
    has: () => answers(...npx(tool), tool, '--version'),
    version: async () => {
      const [command, ...args] = [...npx(tool), tool, '--version'];
      return /[0-9]+\.[0-9]+\.[0-9]+/.exec(await output(command, args))?.[0];
    },
    command: [...npx(tool), ...start, here(`servers/${tool}.js`)],
  })),
];

const rows = [];
const missing = [];

async function converse(kind, name, has, talk) {
  if (!(await has())) {
    missing.push(`${name} (${kind})`);
    return;
  }
  try {
    rows.push({ kind, name, ...(await talk()) });
  } catch (error) {
    rows.push({ kind, name, results: {}, error: error instanceof Error ? error.message : String(error) });
  }
  const { results, error } = rows.at(-1);
  const bad = Object.keys(results).filter((part) => results[part] !== true);
  console.log(`${kind} ${name}: ${error ?? (bad.length === 0 ? 'ok' : `failed: ${bad.join(', ')}`)}`);
}

for (const { name, version, has, run } of clients) {
  await converse('their client, our server', name, has, async () => {
    const echo = await startEcho();
    try {
      const said = await run(echo.url);
      // What the client says of its own Close counts only if our server saw the same.
      const seen = echo.closures.some(
        ({ code, reason, clean }) => code === 4001 && reason === 'bye' && clean,
      );
      const results = { ...said.results, 'close by client': said.results['close by client'] && seen };
      return { version: version ?? said.version, results, deflate: echo.extensions.size > 0 };
    } finally {
      await echo.server.close({ timeout: 500 });
    }
  });
}
for (const { name, version, has, command } of servers) {
  await converse('our client, their server', name, has, async () => {
    const server = await startServer(command[0], command.slice(1));
    try {
      const { results, extensions } = await converseAsClient(`ws://127.0.0.1:${server.port}/`);
      const told = typeof version === 'function' ? await version() : (version ?? server.version);
      return { version: told, results, deflate: extensions.length > 0 };
    } finally {
      await server.stop();
    }
  });
}
for (const [name, { version }] of Object.entries(proxies)) {
  await converse(
    'our client, our server, their proxy',
    name,
    () => answers(name, version[0]),
    async () => {
      const echo = await startEcho();
      const proxy = await startProxy(name, echo.server.port);
      try {
        const { results, extensions } = await converseAsClient(proxy.url);
        const [, told] = version[1].exec(await output(name, [version[0]])) ?? [];
        return { version: told, results, deflate: extensions.length > 0 };
      } finally {
        await proxy.stop();
        await echo.server.close({ timeout: 500 });
      }
    },
  );
}

const parts = [
  'text',
  'binary',
  'empty',
  '1 MiB',
  'fragmented',
  'ping',
  'close by client',
  'close by server',
  'subprotocol',
];
const cell = (row, part) => (row.results[part] === undefined ? '·' : row.results[part] ? 'yes' : '**no**');
const { version: own } = JSON.parse(readFileSync(here('../package.json'), 'utf8'));
const table = [
  `| roles | peer | version | ${parts.join(' | ')} | compression |`,
  `|---|---|---|${parts.map(() => '---|').join('')}---|`,
  ...rows.map(
    (row) =>
      `| ${row.kind} | ${row.name} | ${row.version ?? '·'} | ${parts.map((part) => cell(row, part)).join(' | ')} | ${row.deflate ? 'agreed' : 'not agreed'} |`,
  ),
];
const notes = rows.filter(({ error }) => error !== undefined).map(({ name, error }) => `- ${name}: ${error}`);
writeFileSync(
  here('../docs/interop.md'),
  `# Conversations with other engines

Written by \`npm run interop\`: framewright ${own} on Node ${process.version}, with the peers of this machine. Every
part is a conversation over a real socket: "text" has characters of two, three and four bytes, "empty" is an empty
message of both kinds, "fragmented" a message in three frames, "ping" a ping that is answered, and the two Closes
carry 4001 and 4002 with a reason, seen alike by both ends. "yes" means it went as RFC 6455 says, "·" that it was not
tried. Compression is offered by our side always.

${table.join('\n')}
${notes.length === 0 ? '' : `\nWhat went wrong:\n\n${notes.join('\n')}\n`}${missing.length === 0 ? '' : `\nNot on the machine, so not tried: ${missing.join(', ')}.\n`}`,
);
const failed = rows.some(
  ({ results, error }) => error !== undefined || Object.values(results).includes(false),
);
process.exit(failed ? 1 : 0);
