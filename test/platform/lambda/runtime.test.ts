/**
 * The example's handler as Lambda runs it: bundled, in a process of its own that only knows the Runtime API. The AWS
 * SDK is not in the bundle, as it is on Lambda already.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Client } from './client.ts';
import { Gateway } from './gateway.ts';
import { RuntimeApi } from './runtime-api.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** What would be deployed, and the runtime beside it. */
let task = '';
const stops: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

beforeAll(async () => {
  task = await mkdtemp(join(tmpdir(), 'lambda-'));
  await writeFile(join(task, 'package.json'), '{"type":"module"}');
  await symlink(join(root, 'node_modules'), join(task, 'node_modules'));
  await build({
    entryPoints: { handler: 'examples/lambda/handler.js', runtime: 'test/platform/lambda/runtime.ts' },
    absWorkingDir: root,
    outdir: task,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['@aws-sdk/*'],
    alias: { 'framewright/lambda': join(root, 'src/platform/lambda/index.ts') },
  });
});
afterAll(() => rm(task, { recursive: true }));

/** Starts a sandbox that runs `handler`, calling back at `endpoint`. */
function startSandbox(runtimeApi: RuntimeApi, endpoint: string, handler = 'handler.handler'): ChildProcess {
  const sandbox = spawn(process.execPath, ['runtime.js'], {
    cwd: task,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      AWS_LAMBDA_RUNTIME_API: runtimeApi.address,
      AWS_LAMBDA_FUNCTION_NAME: 'echo',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      LAMBDA_TASK_ROOT: task,
      _HANDLER: handler,
      MANAGEMENT_ENDPOINT: endpoint,
    },
  });
  stops.push(async () => {
    if (sandbox.exitCode !== null || sandbox.signalCode !== null) return;
    sandbox.kill('SIGKILL');
    await once(sandbox, 'exit');
  });
  return sandbox;
}

async function start(handler?: string) {
  const runtimeApi = await RuntimeApi.start(30_000);
  const gateway = await Gateway.start((event) => runtimeApi.invoke(event), { routes: ['$default', 'info'] });
  stops.push(
    () => gateway.stop(),
    () => runtimeApi.stop(),
  );
  const sandbox = startSandbox(runtimeApi, gateway.endpoint, handler);
  sandbox.once('exit', () => runtimeApi.abandon());
  return { runtimeApi, gateway, sandbox };
}

it('serves connect, messages, routes, close and the end through the Runtime API', async () => {
  const { gateway, sandbox } = await start();
  const output: string[] = [];
  sandbox.stdout?.on('data', (chunk) => output.push(String(chunk)));

  const client = await Client.open(gateway.url, ['echo.v2', 'echo.v1']);
  expect(client.subprotocol).toBe('echo.v1');
  client.send('hello');
  expect(await client.next()).toBe('hello');
  client.send('{"action":"info"}');
  expect(JSON.parse(await client.next())).toMatchObject({ sourceIp: '127.0.0.1' });
  client.send('close');
  expect(await client.closed).toEqual([1000, '']);
  await expect.poll(() => output.join('')).toMatch(/ left: 1000 Connection Closed Normally\n$/);
});

it('refuses a client that offers other subprotocols only', async () => {
  const { gateway } = await start();
  await expect(Client.open(gateway.url, ['graphql-ws'])).rejects.toThrow('400');
});

it('reports a function that cannot be loaded', async () => {
  const { runtimeApi, sandbox } = await start('handler.missing');
  await once(sandbox, 'exit');
  expect(runtimeApi.initError).toContain('handler.js exports no function missing');
});
