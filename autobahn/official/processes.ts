/**
 * Child processes and ports of a run.
 *
 * Rule: a port is open only while the process that was started for it lives, so that a stranger on
 * the same port is never judged.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

/** A program as a child process whose output goes where ours goes. */
export const start = (
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): ChildProcess => spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });

/** The exit status; 1 for a process that a signal ended or that never began. */
export const ended = (child: ChildProcess): Promise<number> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) resolve(child.exitCode);
    else if (child.signalCode !== null) resolve(1);
    child.once('exit', (code) => resolve(code ?? 1));
    child.once('error', () => resolve(1));
  });

const isOver = (child: ChildProcess): boolean =>
  child.pid === undefined || child.exitCode !== null || child.signalCode !== null;

export async function stop(child: ChildProcess): Promise<void> {
  if (isOver(child)) return;
  child.kill();
  await ended(child);
}

/** A port of the loopback interface that nobody listens on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });

const tryPort = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Waits until `child` listens. @throws Error when it ends before, or takes longer than `seconds`. */
export async function portOpen(port: number, child: ChildProcess, seconds: number): Promise<void> {
  for (let tries = 0; tries < seconds * 5; tries++) {
    const open = await tryPort(port);
    if (isOver(child)) throw new Error(`${child.spawnfile} ended before it listened on port ${port}`);
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`nothing listens on port ${port} after ${seconds} s`);
}
