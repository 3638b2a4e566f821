/**
 * A Worker on the real runtime: bundles an entry file and starts `workerd` with it.
 *
 * The rule of this file: nothing is left behind. The process is ended by its pid with SIGKILL, because SIGTERM waits
 * for open WebSockets; the port is told by the runtime over its control descriptor.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const binary = join(root, 'node_modules/@cloudflare/workerd-linux-64/bin/workerd');

export interface RuntimeOptions {
  /** Entry file, from the root of the repository. */
  readonly entry: string;
  readonly compatibilityDate: string;
  /** Binding name → class name. */
  readonly durableObjects?: Readonly<Record<string, string>>;
}

export interface WorkerRuntime {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** What the runtime printed. */
  readonly log: string[];
  stop(): Promise<void>;
}

/** One ES module with the adapter inside, as a deployment would bundle it. */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(root, entry)],
    absWorkingDir: root,
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2024',
    external: ['cloudflare:*', 'workerd:*'],
    alias: {
      'framewright/workers': join(root, 'src/platform/workers/index.ts'),
      'framewright/durable': join(root, 'src/platform/workers/durable.ts'),
    },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new Error(`nothing was bundled from ${entry}`);
  return file.text;
}

/** Storage is on disk, as in memory an alarm would be lost with the object that set it. */
function configuration({ compatibilityDate, durableObjects = {} }: RuntimeOptions): string {
  const objects = Object.entries(durableObjects);
  const namespaces = objects.map(
    ([, name]) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`,
  );
  const bindings = objects.map(([name, type]) => `(name = "${name}", durableObjectNamespace = "${type}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "storage", disk = (path = "storage", writable = true)),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const main :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = ["unsafe_module"],
  durableObjectNamespaces = [${namespaces.join(', ')}],
  durableObjectStorage = (localDisk = "storage"),
  bindings = [${bindings.join(', ')}],
);
`;
}

/** The port from the runtime's control messages. */
async function listening(control: Readable): Promise<number> {
  for await (const line of createInterface({ input: control })) {
    const message: unknown = JSON.parse(line);
    if (typeof message !== 'object' || message === null || !('event' in message)) continue;
    if (message.event === 'listen' && 'port' in message) return Number(message.port);
  }
  throw new Error('workerd ended before it was listening');
}

function collect(stream: Readable | null, log: string[]): void {
  if (stream !== null) createInterface({ input: stream }).on('line', (line) => log.push(line));
}

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once('exit', () => resolve()));

export async function startWorkerd(options: RuntimeOptions): Promise<WorkerRuntime> {
  const directory = await mkdtemp(join(tmpdir(), 'workerd-'));
  await mkdir(join(directory, 'storage'));
  await writeFile(join(directory, 'worker.js'), await bundle(options.entry));
  await writeFile(join(directory, 'config.capnp'), configuration(options));
  const child = spawn(binary, ['serve', 'config.capnp', '--control-fd=3', '--experimental'], {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  const log: string[] = [];
  collect(child.stdout, log);
  collect(child.stderr, log);
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended(child);
    await rm(directory, { recursive: true });
  };
  const control = child.stdio[3];
  try {
    if (control === null || control === undefined || !('read' in control))
      throw new Error('no control descriptor');
    return { host: `127.0.0.1:${await listening(control)}`, log, stop };
  } catch (error) {
    await stop();
    throw new Error(`workerd did not start: ${log.join('\n')}`, { cause: error });
  }
}
