/** The quick part of the interop suite: the same conversations, with the peers that npm brings. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Closure, connect, Server } from 'framewright';
import { WebSocket as UndiciWebSocket, WebSocketStream } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket as WsWebSocket } from 'ws';

type Results = Readonly<Record<string, boolean>>;
interface Echo {
  readonly server: Server;
  readonly url: string;
  readonly closures: readonly Closure[];
}

const path = (file: string): string => fileURLToPath(new URL(`../../interop/${file}`, import.meta.url));
/** The suite is plain JavaScript. */
const { startEcho }: { startEcho(config?: object): Promise<Echo> } = await import(path('echo.js'));
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

describe('foreign clients with our server', () => {
  for (const perMessageDeflate of [false, true]) {
    let echo: Echo;
    beforeAll(async () => {
      echo = await startEcho({ perMessageDeflate });
    });
    afterAll(() => echo.server.close({ timeout: 100 }));

    for (const [name, implementation] of [
      ['ws', WsWebSocket],
      ['undici', UndiciWebSocket],
    ] as const) {
      it(`${name}, compression ${perMessageDeflate ? 'on' : 'off'}`, async () => {
        const server = await startEcho({ perMessageDeflate });
        expectAll(await converse(implementation, server.url));
        expect(server.closures).toContainEqual({ code: 4001, reason: 'bye', clean: true, by: 'peer' });
        await server.server.close({ timeout: 100 });
      });
    }

    it(`undici’s WebSocketStream, compression ${perMessageDeflate ? 'on' : 'off'}`, async () => {
      const stream = new WebSocketStream(echo.url, { protocols: ['interop'] });
      const { readable, writable, protocol } = await stream.opened;
      expect(protocol).toBe('interop');
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      await writer.write('text: ä€😀');
      expect((await reader.read()).value).toBe('text: ä€😀');
      await writer.write(Uint8Array.of(0, 1, 255));
      expect(new Uint8Array((await reader.read()).value)).toEqual(Uint8Array.of(0, 1, 255));
      await writer.write('fragments');
      expect((await reader.read()).value).toBe('one,two,three');
      await writer.write('close 4002 bye');
      expect(await stream.closed).toMatchObject({ closeCode: 4002, reason: 'bye' });
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
