/** The quick part of the interop suite: the same conversations, with the peers that npm brings. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Closure, connect, Server } from 'framewright';
import { WebSocket as UndiciWebSocket } from 'undici';
import { describe, expect, it } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';

type Results = Readonly<Record<string, boolean>>;
interface Echo {
  readonly server: Server;
  readonly url: string;
  readonly closures: readonly Closure[];
}

const path = (file: string): string => fileURLToPath(new URL(`../../interop/${file}`, import.meta.url));
/** The suite is plain JavaScript. */
const {
  startEcho,
  sawBothCloses,
}: {
  startEcho(config?: object): Promise<Echo>;
  sawBothCloses(closures: readonly Closure[]): Results;
} = await import(path('echo.js'));
const { converse }: { converse(implementation: unknown, url: string): Promise<Results> } = await import(
  path('browser-client.js')
);
const {
  converseAsClient,
}: {
  converseAsClient(
    url: string,
    options?: Parameters<typeof connect>[1],
  ): Promise<{ results: Results; extensions: readonly string[] }>;
} = await import(path('client.js'));

const parts = [
  '1 MiB',
  'binary',
  'close by client',
  'close by server',
  'empty',
  'fragmented',
  'ping',
  'subprotocol',
  'text',
];

function expectAll(results: Results): void {
  expect(Object.keys(results).sort()).toEqual(parts);
  expect(Object.keys(results).filter((part) => results[part] !== true)).toEqual([]);
}

/** The server saw the Closes as the client did. Its side of the second one ends a moment after the client's. */
async function expectBothCloses({ server, closures }: Echo): Promise<void> {
  await server.close({ timeout: 1_000 });
  expect(sawBothCloses(closures)).toEqual({ 'close by client': true, 'close by server': true });
}

describe('foreign clients with our server', () => {
  for (const perMessageDeflate of [false, true]) {
    for (const [name, implementation] of [
      ['ws', WsWebSocket],
      ['undici', UndiciWebSocket],
    ] as const) {
      it(`${name}, compression ${perMessageDeflate ? 'on' : 'off'}`, async () => {
        const echo = await startEcho({ perMessageDeflate });
        expectAll(await converse(implementation, echo.url));
        await expectBothCloses(echo);
      });
    }

    it(`undici’s WebSocketStream, compression ${perMessageDeflate ? 'on' : 'off'}`, async () => {
      const echo = await startEcho({ perMessageDeflate });
      const { stdout } = await promisify(execFile)(process.execPath, [path('clients/stream.js'), echo.url]);
      expectAll(JSON.parse(stdout).results);
      await expectBothCloses(echo);
    });
  }
});

describe('our client with a foreign server', () => {
  it('ws in a process of its own', async () => {
    const child = spawn(process.execPath, [path('servers/ws.js')], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = await once(child.stdout, 'data');
      const { port } = JSON.parse(String(line));
      const url = `ws://127.0.0.1:${port}/`;
      const compressed = await converseAsClient(url);
      expectAll(compressed.results);
      expect(compressed.extensions).toEqual(['permessage-deflate']);
      const plain = await converseAsClient(url, { perMessageDeflate: false });
      expectAll(plain.results);
      expect(plain.extensions).toEqual([]);
    } finally {
      child.kill();
    }
  });
});
