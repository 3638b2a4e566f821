// Foreign programs: started, heard, and ended by their own process, never by name.
import { spawn } from 'node:child_process';

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

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
    const child = spawn(command, args, { timeout: ms, killSignal: 'SIGKILL' });
    let text = '';
    running.add(child);
    const hear = (chunk) => {
      text += chunk;
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => {
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
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    const stop = () =>
      new Promise((done) => {
        child.once('exit', done);
        child.kill('SIGTERM');
        setTimeout(() => child.kill('SIGKILL'), 2_000).unref();
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
