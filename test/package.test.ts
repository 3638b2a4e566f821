import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const quiet = { encoding: 'utf8', stdio: 'pipe' } as const;

/** The package as users get it: packed from the build, installed into an empty project. */
describe('the package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'framewright-package-'));
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { ...quiet, cwd: folder });

  beforeAll(() => {
    // What `npm test` has built is packed as it is: building again would pull it from under other tests.
    if (!existsSync(join(root, 'dist/index.js')))
      execFileSync('npm', ['run', 'build'], { ...quiet, cwd: root });
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      ...quiet,
      cwd: root,
    });
    const [{ filename }] = JSON.parse(packed);
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'user', private: true, type: 'module' }),
    );
    run('npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--omit=optional', `./${filename}`);
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('brings nothing with it', () => {
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'framewright',
    ]);
    const top = readdirSync(join(folder, 'node_modules/framewright')).sort();
    expect(top).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
  });

  it('serves and refuses in a few lines of plain JavaScript', () => {
    writeFileSync(
      join(folder, 'user.js'),
      `import { connect as dial } from 'node:net';
import { listen, prepare } from 'framewright';
import { encodeFrame, opcodes } from 'framewright/frame';
const server = await listen({ port: 0, host: '127.0.0.1' }, (context) => context.upgrade((connection) => connection.send(prepare('hello'))));
const socket = dial(server.port, '127.0.0.1');
socket.write('GET / HTTP/1.1\\r\\nHost: localhost\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\\r\\nSec-WebSocket-Version: 13\\r\\n\\r\\n');
let received = '';
socket.on('data', (chunk) => { received += chunk.toString('latin1'); });
while (!received.includes('hello')) await new Promise((resolve) => setTimeout(resolve, 5));
socket.write(encodeFrame(opcodes.close, Uint8Array.of(3, 232), { key: 1 }));
socket.end();
await server.close();
console.log(received.split('\\r\\n')[0]);
`,
    );
    expect(run(process.execPath, 'user.js').trim()).toBe('HTTP/1.1 101 Switching Protocols');
  });

  it('type-checks in a strict project that also checks libraries', () => {
    writeFileSync(
      join(folder, 'user.ts'),
      `import { createServer } from 'node:http';
import { type Closure, ClosedError, listen, upgradeWith, type Message, type SessionHandler } from 'framewright';
import { FrameDecoder } from 'framewright/frame';
const echo: SessionHandler = async (connection) => {
  for await (const message of connection) {
    const copy: Message = message;
    await connection.send(copy, { compress: false });
  }
  const closure: Closure = await connection.closed;
  if (!closure.clean) throw new ClosedError(closure);
};
createServer().on('upgrade', upgradeWith({ maxMessageSize: 1 << 20 }, echo));
export const server = listen(0, { '/ws': (context) => context.upgrade(echo) });
export { FrameDecoder };
`,
    );
    const options = {
      strict: true,
      skipLibCheck: false,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      module: 'nodenext',
      target: 'es2023',
      noEmit: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: options, files: ['user.ts'] }),
    );
    expect(run(process.execPath, join(root, 'node_modules/typescript/bin/tsc'), '-p', '.')).toBe('');
  }, 60_000);

  it('has entry points that exist', () => {
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const entry of Object.values(exports)) {
      const paths = typeof entry === 'string' ? [entry] : Object.values(Object(entry));
      for (const path of paths) expect(existsSync(join(root, String(path)))).toBe(true);
    }
  });
});
