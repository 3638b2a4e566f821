// A page in a real Firefox that holds the conversation with our server. Firefox is told what to do over WebDriver BiDi,
// JSON over a WebSocket. Its BiDi server answers with a 101 that has a Content-Length, which RFC 9110 §8.6 forbids and
// our client refuses, so `ws` carries the commands.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { converse } from './browser-client.js';
import { servePage } from './page.js';

/** Starts Firefox, without a window and with a profile of its own. @returns where its BiDi server listens */
function launch(executable, profile) {
  const child = spawn(
    executable,
    ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: profile },
    },
  );
  process.once('exit', () => child.kill('SIGKILL'));
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
      const [, url] = /WebDriver BiDi listening on (ws:\/\/\S+)/.exec(said) ?? [];
      if (url !== undefined) resolve({ child, url: `${url}/session` });
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Firefox ended with ${code}: ${said.slice(-1_000)}`)));
  });
}

/** Sends commands by number. @returns a function that resolves with a command's result */
async function commander(url) {
  const socket = new WebSocket(url, { maxPayload: 16 << 20 });
  await once(socket, 'open');
  const waiting = new Map();
  socket.on('message', (data) => {
    const { id, type, message, result } = JSON.parse(data);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (type === 'error') reject?.(new Error(message));
    else resolve?.(result);
  });
  socket.on('close', () => {
    for (const { reject } of waiting.values()) reject(new Error('Firefox closed the connection'));
  });
  let number = 0;
  return (method, params) =>
    new Promise((resolve, reject) => {
      number += 1;
      waiting.set(number, { resolve, reject });
      socket.send(JSON.stringify({ id: number, method, params }));
    });
}

/** Starts the browser. @returns its version, how to hold a conversation, and how to end it */
export async function startFirefox(executable) {
  const profile = mkdtempSync(join(tmpdir(), 'framewright-firefox-'));
  const page = await servePage();
  const { child, url } = await launch(executable, profile);
  const command = await commander(url);
  const { capabilities } = await command('session.new', { capabilities: {} });
  const { contexts } = await command('browsingContext.getTree', {});
  const { context } = contexts[0];
  await command('browsingContext.navigate', { context, url: page.url, wait: 'complete' });
  const talk = async (target) => {
    const expression = `(${converse})(WebSocket, ${JSON.stringify(target)}).then(JSON.stringify)`;
    const { result, exceptionDetails } = await command('script.evaluate', {
      expression,
      target: { context },
      awaitPromise: true,
    });
    if (result === undefined) throw new Error(exceptionDetails.text);
    return { results: JSON.parse(result.value) };
  };
  const stop = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
    page.stop();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  };
  return { version: capabilities.browserVersion, talk, stop };
}
