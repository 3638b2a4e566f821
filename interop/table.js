// docs/interop.md: what came of the conversations.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { howToGet } from './packages.js';
import { output } from './programs.js';
import { proxies } from './proxies.js';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** The parts of a conversation. */
export const parts = [
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

const cell = (outcome) => (outcome === undefined ? '·' : outcome ? 'yes' : '**no**');
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = (heads, rows) => [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');

const peerTable = (rows, kind) =>
  table(
    ['peer', 'version', ...parts, 'compressed', 'through nginx', 'through HAProxy'],
    rows
      .filter((row) => row.kind === kind)
      .map((row) => [
        row.name,
        row.version ?? '·',
        ...parts.map((part) => cell(row.results[part])),
        row.compression ?? '·',
        cell(row.nginx),
        cell(row.HAProxy),
      ]),
  );

const runtimeTable = (rows) =>
  table(
    ['runtime', 'version', 'six-line echo', 'whole conversation', 'type-check'],
    rows.map((row) => [
      row.name,
      row.version || '·',
      cell(row.echo),
      cell(row.conversation),
      row.name.startsWith('Node') ? cell(row.types) : '·',
    ]),
  );

const list = (title, lines) =>
  lines.length === 0 ? '' : `\n${title}\n\n${lines.map((one) => `- ${one}`).join('\n')}\n`;

/** Versions of the proxies that are there. */
async function proxyVersions() {
  const told = await Promise.all(
    Object.entries(proxies).map(async ([name, { command, version }]) => {
      const said = await output(command, [version[0]]).catch(() => '');
      return [name, version[1].exec(said)?.[1]];
    }),
  );
  return told.map(([name, version]) => `${name} ${version ?? '(not here)'}`).join(' and ');
}

/** Writes the document. */
export async function writeTable({ rows, runtimes, missing }) {
  const { version } = JSON.parse(readFileSync(here('../package.json'), 'utf8'));
  const failed = [...rows, ...runtimes].flatMap(({ name, errors }) =>
    errors.map((error) => `${name}: ${error}`),
  );
  const flaws = rows.flatMap((row) => row.flaws.map((flaw) => `${row.name} ${row.version ?? ''}: ${flaw}`));
  const text = `# Conversations with other engines

Written by \`npm run interop\`: framewright ${version} on Node ${process.version}, with the peers of this machine.
\`npm run interop -- --install\` first has Debian install those that are missing.

Every part is a conversation over a real socket.

- "text" has characters of two, three and four bytes; "empty" is an empty message of both kinds; "1 MiB" is a binary
  message, and from browsers and from our client a text too.
- "fragmented" is a message in several frames and "ping" a ping that is answered, started by either side where its
  interface can.
- The two Closes carry 4001 and 4002 with the reason "bye", and count when both ends saw the same.
- "yes" means that it went as RFC 6455 says, without compression and with it; "·" that it was not tried.
- "compressed" is measured, with permessage-deflate on our side: a relay counts the bytes, and a direction counts when
  it holds messages of more than 1 MiB and weighs less.
- The proxies are ${await proxyVersions()}, each with the whole conversation, compressed but for
  peers with a fault told of below.

## Their clients, our server

${peerTable(rows, 'their client')}

## Our client, their servers

${peerTable(rows, 'their server')}

## Our client, our server

${peerTable(rows, 'both ours')}
${list('Faults of the peers themselves:', [...new Set(flaws)])}${list('What went wrong:', failed)}
## The package on other runtimes

Packed, installed from the tarball into an empty project, and run: an echo with server and client
([examples/client/echo.js](../examples/client/echo.js)), the conversation above with compression, and for Node the echo
under \`tsc\` with \`strict\` and without \`skipLibCheck\`.

${runtimeTable(runtimes)}
${missing.length === 0 ? '' : `\nNot on the machine, so not tried: ${missing.join(', ')}. ${howToGet(missing)}\n`}`;
  writeFileSync(here('../docs/interop.md'), text);
}
