// Foreign programs: started, heard, and ended by their own process, never by name. Each leads a process group of its
// own, because what npx starts outlives npx.
import { spawn } from 'node:child_process';

const running = new Set();
process.on('exit', () => {
  for (const child of running) end(child, 'SIGKILL');
});

/** Ends a program and all that it started. */
function end({ pid }, signal) {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
}

/** Whether a program can be had: it runs and ends with 0. */
export const answers = (command, ...args) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'ignore' });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });

/** Runs a program to its end. @returns what it printed on both channels */
export const output = (command, args, ms = 60_000) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const late = setTimeout(() => end(child, 'SIGKILL'), ms);
    let text = '';
    running.add(child);
    const hear = (chunk) => {
      text += chunk;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(late);
      running.delete(child);
      if (code === 0) resolve(text);
      else reject(new Error(`${command} ended with ${code}: ${text.slice(-2_000)}`));
    });
  });

/** The last line of JSON that a program prints. */
export async function report(command, args) {
  const lines = (await output(command, args)).split('\n').filter((line) => line.startsWith('{'));
  return JSON.parse(lines.at(-1) ?? '{}');
}

/** Starts a server that prints a line of JSON when it listens. @returns that, and how to end it */
export const startServer = (command, args) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    running.add(child);
    const stop = () =>
      new Promise((done) => {
        const late = setTimeout(() => end(child, 'SIGKILL'), 2_000);
        child.once('close', () => {
          clearTimeout(late);
          done();
        });
        end(child, 'SIGTERM');
      });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const line = text.split('\n').find((one) => one.startsWith('{') && one.endsWith('}'));
      if (line !== undefined) resolve({ ...JSON.parse(line), stop });
    });
    child.stderr.on('data', (chunk) => {
      text += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      running.delete(child);
      reject(new Error(`${command} ended with ${code}: ${text}`));
    });
  });
