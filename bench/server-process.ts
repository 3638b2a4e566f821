// A server under test in a process of its own, and the runner's line of conversation with it (servers/control.js).
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Order } from './load/work.ts';
import { executableOf, measuredBuild, type Peer, root } from './peers.ts';
import type { Scenario } from './scenarios.ts';

export interface Usage {
  /** Microseconds of CPU time, user and system, of all threads. */
  readonly cpu: number;
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
  /** What a receive-only server has seen. */
  readonly messages: number;
  readonly bytes: number;
}

interface Reply extends Usage {
  readonly port: number;
  readonly runtime: string;
  readonly digest: string;
  /** A heap snapshot. */
  readonly file: string;
  readonly max?: number;
  readonly p99?: number;
}

export type Command = 'usage' | 'digest' | 'collect' | 'snapshot' | 'start delay' | 'stop delay' | 'exit';

export interface Placement {
  readonly node: string;
  readonly pin: boolean;
  /** A folder for CPU profiles of the servers. */
  readonly profiles: string | undefined;
}

/** The command line prefix that keeps a process on one core; empty where that is not possible. */
export function pinned(core: number, wanted: boolean): string[] {
  const possible = wanted && availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0;
  return possible ? ['taskset', '-c', String(core)] : [];
}

const DEFAULT_LIMIT = 1 << 20;

export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void }[] = [];
  readonly #profiled: boolean;
  port = 0;
  runtime = '';

  private constructor(peer: Peer, scenario: Scenario, placement: Placement) {
    this.#profiled = placement.profiles !== undefined && peer.runtime === 'node';
    const [command = '', ...args] = commandLine(peer, scenario, placement);
    this.#child = spawn(command, args, {
      cwd: root,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...peer.env },
    });
    const { stdout } = this.#child;
    if (stdout !== null) {
      createInterface({ input: stdout }).on('line', (line) => {
        const reply: Reply = JSON.parse(line);
        this.#waiting.shift()?.resolve(reply);
      });
    }
    this.#child.on('error', (error) => this.#giveUp(error));
    this.#child.on('exit', (code) => this.#giveUp(new Error(`The ${peer.name} server ended with ${code}.`)));
  }

  static async start(peer: Peer, scenario: Scenario, placement: Placement): Promise<ServerProcess> {
    const server = new ServerProcess(peer, scenario, placement);
    const { port, runtime } = await server.#reply();
    server.port = port;
    server.runtime = runtime;
    return server;
  }

  ask(command: Command): Promise<Reply> {
    const reply = this.#reply();
    this.#child.stdin?.write(`${command}\n`);
    return reply;
  }

  /** What the load generator needs to know of it. */
  order(peer: Peer, scenario: Scenario, offer: string | undefined): Order {
    return {
      scenario,
      target: { port: this.port, raw: peer.raw, ...(offer === undefined ? {} : { offer }) },
    };
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    if (this.#profiled) this.#child.stdin?.write('exit\n');
    else this.#child.kill('SIGKILL');
    await gone;
  }

  #reply(): Promise<Reply> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #giveUp(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

const MODES = {
  echo: 'echo',
  receive: 'receive',
  broadcast: 'broadcast',
  handshakes: 'echo',
  idle: 'echo',
  fairness: 'fairness',
};

function commandLine(peer: Peer, scenario: Scenario, { node, pin, profiles }: Placement): string[] {
  const executable = executableOf(peer, node) ?? peer.runtime;
  const size = 'payload' in scenario ? (scenario.payload?.size ?? 0) : 0;
  const build = measuredBuild();
  const ours = peer.file.startsWith('framewright');
  const options = {
    mode: MODES[scenario.kind],
    maxMessageSize: Math.max(size, DEFAULT_LIMIT),
    ...(scenario.deflate === undefined ? {} : { deflate: scenario.deflate }),
    ...(ours ? { entry: peer.entry ?? build.path } : {}),
  };
  const runtimeArgs = {
    node: ['--expose-gc', ...(ours && peer.entry === undefined ? build.loader : [])],
    bun: ['run'],
    deno: ['run', '--allow-all', '--v8-flags=--expose-gc'],
  }[peer.runtime];
  if (profiles !== undefined && peer.runtime === 'node') {
    mkdirSync(profiles, { recursive: true });
    runtimeArgs.push(
      '--cpu-prof',
      `--cpu-prof-name=${scenario.name}.${peer.name.replaceAll('/', '_')}.cpuprofile`,
    );
    runtimeArgs.push(`--cpu-prof-dir=${profiles}`);
  }
  return [
    ...pinned(0, pin),
    executable,
    ...runtimeArgs,
    join(root, 'bench/servers', peer.file),
    JSON.stringify(options),
  ];
}
