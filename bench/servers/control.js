// What every server under test has in common: its options (one JSON argument) and the line protocol by which the
// runner asks for figures: one command per line on stdin, one JSON answer per line on stdout.
// Plain JavaScript without a loader, so that the measured process runs nothing but the engine, on any runtime.
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { writeHeapSnapshot } from 'node:v8';

/** @type {{ mode: 'echo' | 'receive' | 'broadcast' | 'fairness', deflate?: 'takeover' | 'no-takeover', maxMessageSize: number, entry?: string }} */
export const options = JSON.parse(process.argv[2] ?? '{}');

/** What a receive-only server saw. The digest of the last message proves that the content arrived. */
export const received = { messages: 0, bytes: 0, last: /** @type {unknown} */ (undefined) };

/** @param {string | Uint8Array} message */
export function receive(message) {
  received.messages += 1;
  received.bytes += message.length;
  received.last = message;
}

function lastDigest() {
  const { last } = received;
  const bytes = last instanceof ArrayBuffer ? new Uint8Array(last) : last;
  return bytes === undefined ? '' : createHash('sha256').update(bytes).digest('hex');
}

export function usage() {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { messages, bytes } = received;
  return { cpu: user + system, rss, heapUsed, external, messages, bytes };
}

let delay;
function startDelay() {
  try {
    delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
  } catch {
    delay = undefined; // a runtime without it reports no figure
  }
  return {};
}

function stopDelay() {
  if (delay === undefined) return {};
  delay.disable();
  // A runtime that has it in name only counts nothing.
  return delay.max > 0 ? { max: delay.max / 1e6, p99: delay.percentile(99) / 1e6 } : {};
}

/**
 * Announces the port and answers the runner's commands until stdin ends.
 *
 * @param {number} port
 * @param {Record<string, () => object | Promise<object>>} more commands of one server, or in the place of these
 */
export function serve(port, more = {}) {
  const commands = {
    usage,
    digest: () => ({ digest: lastDigest() }),
    collect: () => {
      for (let round = 0; round < 4; round += 1) globalThis.gc?.();
      return {};
    },
    snapshot: () => ({ file: writeHeapSnapshot(join(tmpdir(), `framewright-${process.pid}.heapsnapshot`)) }),
    'start delay': startDelay,
    'stop delay': stopDelay,
    // So that --cpu-prof writes its file.
    exit: () => setImmediate(() => process.exit(0)) && {},
    ...more,
  };
  const lines = createInterface({ input: process.stdin });
  lines.on('line', async (line) => {
    process.stdout.write(`${JSON.stringify(await commands[line]())}\n`);
  });
  lines.on('close', () => process.exit(0));
  process.stdout.write(`${JSON.stringify({ port, runtime: process.version, usage: usage() })}\n`);
}
