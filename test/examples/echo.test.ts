import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the echo server as `npm start` does, on a free port. */
async function start(environment: Record<string, string>): Promise<{ child: ChildProcess; port: number }> {
  const child = spawn(process.execPath, ['examples/echo/server.js'], {
    cwd: root,
    env: { ...process.env, PORT: '0', HOST: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`the server ended: ${output}`)));
    child.stdout?.on('data', (chunk) => {
      output += String(chunk);
      const port = /ws:\/\/[^:]+:([0-9]+)\/ws/.exec(output)?.[1];
      if (port !== undefined) resolve({ child, port: Number(port) });
    });
  });
}

describe('the echo server', () => {
  let child: ChildProcess;
  let port = 0;
  beforeAll(async () => {
    ({ child, port } = await start({ DEFLATE: '1' }));
  });
  afterAll(async () => {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await exited;
  });

  it('echoes at /ws and at /, compressed', async () => {
    for (const path of ['/ws', '/']) {
      const client = new WebSocket(`ws://127.0.0.1:${port}${path}`);
      await new Promise((resolve, reject) => client.once('open', resolve).once('error', reject));
      expect(client.extensions).toContain('permessage-deflate');
      const text = 'hello '.repeat(1_000);
      client.send(text);
      const echoed = await new Promise((resolve) => client.once('message', (data) => resolve(String(data))));
      expect(echoed === text).toBe(true);
      client.close();
      await new Promise((resolve) => client.once('close', resolve));
    }
  });

  it('refuses other paths, and serves its page', async () => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/other`);
    const error = await new Promise((resolve) => client.once('error', resolve));
    expect(String(error)).toContain('404');
    const page = await fetch(`http://127.0.0.1:${port}/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect((await fetch(`http://127.0.0.1:${port}/x`)).status).toBe(404);
  });

  it('has a page that talks to it in a real browser', async () => {
    const profile = mkdtempSync(join(tmpdir(), 'framewright-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    try {
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('pageerror', (error) => faults.push(String(error)));
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.waitForSelector('#state[data-state="open"]');
      await page.fill('#text', 'grüße aus dem browser');
      await page.click('#send');
      await page.waitForFunction(
        () => Reflect.get(globalThis, 'document').querySelector('#count').textContent === '1',
      );
      expect(await page.textContent('#log')).toContain('grüße aus dem browser');
      expect(await page.textContent('#trip')).toMatch(/^[0-9.]+ ms$/);
      await page.click('#burst');
      await page.waitForFunction(
        () => Reflect.get(globalThis, 'document').querySelector('#count').textContent === '101',
      );
      await page.click('#toggle');
      await page.waitForSelector('#state[data-state="closed"]');
      expect(await page.textContent('#state')).toBe('closed');
      expect(await page.textContent('#code')).toBe('1000');
      expect(faults).toEqual([]);
    } finally {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    }
  });
});
