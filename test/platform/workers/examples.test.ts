import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectRemote, type Remote } from '../remote.ts';
import { startWorkerd, type WorkerRuntime } from './support/workerd.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('examples/cloudflare', () => {
  let runtime: WorkerRuntime;

  beforeAll(async () => {
    const wrangler: unknown = JSON.parse(await readFile(`${root}examples/cloudflare/wrangler.jsonc`, 'utf8'));
    const { main, compatibility_date, durable_objects } = Object(wrangler);
    const bindings: { name: string; class_name: string }[] = durable_objects.bindings;
    runtime = await startWorkerd({
      entry: `examples/cloudflare/${main}`,
      compatibilityDate: compatibility_date,
      durableObjects: Object.fromEntries(bindings.map(({ name, class_name }) => [name, class_name])),
    });
  });
  afterAll(() => runtime.stop());

  const connect = (path: string, subprotocols?: string[]): Promise<Remote> =>
    connectRemote(`ws://${runtime.host}${path}`, subprotocols);

  it('fits the types of the runtime', async () => {
    const project = 'test/platform/workers/fixtures/examples.tsconfig.json';
    await promisify(execFile)('node_modules/.bin/tsc', ['-p', project], { cwd: root });
  });

  it('echoes', async () => {
    const remote = await connect('/ws');
    remote.send('hello');
    expect(await remote.next()).toBe('hello');
    remote.send(new Uint8Array([1, 2]));
    expect(await remote.next()).toEqual(new Uint8Array([1, 2]));
    remote.close();
    expect(await remote.ended).toMatchObject({ code: 1005 });
  });

  it('greets and closes', async () => {
    const remote = await connect('/hello/w%C3%B6rld');
    expect(await remote.next()).toBe('hello wörld');
    expect(await remote.ended).toMatchObject({ code: 1000 });
  });

  it('answers and counts over one connection', async () => {
    const remote = await connect('/split');
    expect(await remote.next()).toBe('0 s');
    remote.send('hey');
    expect(await remote.next()).toBe('you said hey');
    expect(await remote.next()).toBe('1 s');
    remote.close(1000);
    expect(await remote.ended).toMatchObject({ code: 1000 });
  });

  it('chats', async () => {
    const ann = await connect('/room/tea?name=ann', ['chat.v1']);
    expect(ann.subprotocol).toBe('chat.v1');
    expect(await ann.next()).toBe('welcome ann, 1 here');
    await expect(connect('/room/tea?name=ann')).rejects.toThrow('409');
    await expect(connect('/room/tea')).rejects.toThrow('400');
    const ben = await connect('/room/tea?name=ben');
    expect(await ben.next()).toBe('welcome ben, 2 here');
    expect(await ann.next()).toBe('ben joined');
    ben.send('hi');
    expect(await Promise.all([ann.next(), ben.next()])).toEqual(['ben (1): hi', 'ben (1): hi']);
    ann.send('ping');
    expect(await ann.next()).toBe('pong');
    const names = await fetch(`http://${runtime.host}/room/tea/names`);
    expect(await names.json()).toEqual(['ann', 'ben']);
    ben.close(1000);
    expect(await ann.next()).toBe('ben left');
    expect(await ben.ended).toMatchObject({ code: 1000 });
    const elsewhere = await connect('/room/coffee?name=ann');
    expect(await elsewhere.next()).toBe('welcome ann, 1 here');
    for (const remote of [ann, elsewhere]) remote.terminate();
  });

  it('refuses what it does not know', async () => {
    await expect(connect('/nothing')).rejects.toThrow('404');
    expect((await fetch(`http://${runtime.host}/ws`)).status).toBe(426);
  });
});
