// npx tsx bench/memory-cycles.ts: does anything stay behind? Connections are opened, echo a
// message each and are dropped, again and again, on one server; after each cycle its memory is read, and what lies on
// its heap after the last cycle is compared, class by class, with what lay there after the second.
// Rule: the first two cycles are for what a process keeps once: pools, compiled code, buffers that are used again.
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type Growth, growth, objectsIn } from './heap.ts';
import { LoadProcess } from './load-process.ts';
import { findPeer } from './peers.ts';
import type { EchoScenario } from './scenarios.ts';
import { ServerProcess } from './server-process.ts';

const usage = `npx tsx bench/memory-cycles.ts [options]

  --peer NAME         the server (default: framewright)
  --connections N     of each cycle (default 5000)
  --cycles N          at least 3 (default 10)
  --node PATH         the Node that runs the server (default: this one)
`;

const { values } = parseArgs({
  options: {
    peer: { type: 'string', default: 'framewright' },
    connections: { type: 'string', default: '5000' },
    cycles: { type: 'string', default: '10' },
    node: { type: 'string', default: process.execPath },
    help: { type: 'boolean', default: false },
  },
});

interface Cycle {
  readonly heap: number;
  readonly external: number;
  readonly rss: number;
  /** Resident memory while the connections were open. */
  readonly open: number;
  readonly echoed: number;
}

const MiB = 1024 * 1024;
const inMiB = (bytes: number): string => (bytes / MiB).toFixed(2);

async function oneCycle(server: ServerProcess, order: ReturnType<ServerProcess['order']>): Promise<Cycle> {
  const load = new LoadProcess(false);
  try {
    await load.ask({ do: 'open', order });
    await load.ask({ do: 'start' });
    await sleep(500);
    const { rss: open } = await server.ask('usage');
    const { completed } = await load.ask({ do: 'stop' });
    await load.stop();
    // The server hears of every end, and what it does later about it has been done.
    await sleep(1_000);
    await server.ask('collect');
    const { heapUsed, external, rss } = await server.ask('usage');
    return { heap: heapUsed, external, rss, open, echoed: completed };
  } finally {
    await load.stop();
  }
}

const objectsOf = async (server: ServerProcess) => objectsIn((await server.ask('snapshot')).file);

/** What a connection leaves behind is there once for each of them. */
function report(grown: readonly Growth[], cycles: number, connections: number): void {
  console.log(`\nMore on the heap after cycle ${cycles} than after cycle 2:\n`);
  for (const { name, count, grown: by } of grown.slice(0, 12)) console.log(`- ${name}: ${count}, ${by} more`);
  const left = grown.filter(({ grown: by }) => by >= connections / 10).map(({ name }) => name);
  console.log(left.length === 0 ? '\nNothing was left behind.' : `\nLEFT BEHIND: ${left.join(', ')}`);
  if (left.length > 0) process.exitCode = 1;
}

async function main(): Promise<void> {
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const connections = Number(values.connections);
  const cycles = Number(values.cycles);
  if (!(connections > 0 && cycles >= 3)) throw new Error('There are at least 3 cycles, with connections.');
  const peer = findPeer(values.peer);
  const scenario: EchoScenario = {
    name: 'memory-cycles',
    title: 'opened, echoed, dropped',
    kind: 'echo',
    connections,
    inFlight: 1,
    payload: { size: 125, form: 'binary' },
  };
  const server = await ServerProcess.start(peer, scenario, {
    node: values.node,
    pin: false,
    profiles: undefined,
  });
  try {
    const order = server.order(peer, scenario, undefined);
    console.log(`${peer.title} on ${server.runtime}: ${connections} connections per cycle\n`);
    console.log(
      '| cycle | echoes | heap MiB | external MiB | RSS MiB | RSS while open MiB |\n|---|---|---|---|---|---|',
    );
    let before: ReadonlyMap<string, number> = new Map();
    for (let cycle = 1; cycle <= cycles; cycle += 1) {
      const { heap, external, rss, open, echoed } = await oneCycle(server, order);
      console.log(`| ${cycle} | ${echoed} | ${[heap, external, rss, open].map(inMiB).join(' | ')} |`);
      if (cycle === 2) before = await objectsOf(server);
    }
    report(growth(before, await objectsOf(server)), cycles, connections);
  } finally {
    await server.stop();
  }
}

await main();
