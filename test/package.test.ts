import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
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
  const tool = (name: string): string => join(root, 'node_modules/.bin', name);
  let tarball = '';

  beforeAll(() => {
    // What `npm test` has built is packed as it is: building again would pull it from under other tests.
    if (!existsSync(join(root, 'dist/index.js')))
      execFileSync('npm', ['run', 'build'], { ...quiet, cwd: root });
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      ...quiet,
      cwd: root,
    });
    const [{ filename }] = JSON.parse(packed);
    tarball = join(folder, filename);
    writeFileSync(
      join(folder, 'package.json'),
      JSON.stringify({ name: 'user', private: true, type: 'module' }),
    );
    run('npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', tarball);
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('brings nothing with it', () => {
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'framewright',
    ]);
    const top = readdirSync(join(folder, 'node_modules/framewright')).sort();
    expect(top).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json']);
    const { dependencies, peerDependenciesMeta } = JSON.parse(
      readFileSync(join(folder, 'node_modules/framewright/package.json'), 'utf8'),
    );
    expect(dependencies).toBeUndefined();
    expect(Object.values(Object(peerDependenciesMeta))).toEqual([{ optional: true }]);
  });

  it('holds code and types only, and nothing that only this repository needs', () => {
    const dist = readdirSync(join(folder, 'node_modules/framewright/dist'), {
      recursive: true,
      withFileTypes: true,
    });
    const files = dist.filter((entry) => entry.isFile()).map(({ name }) => name);
    expect(files.filter((name) => !/\.(?:js|d\.ts)$/.test(name))).toEqual([]);
    expect(files.filter((name) => /\b(?:test|fuzz|bench)\b/.test(name))).toEqual([]);
  });

  it('is what publint and attw ask for', () => {
    expect(run(tool('publint'), '--strict', tarball)).toContain('All good!');
    // It ends with 1 when something is wrong, which throws here.
    expect(run(tool('attw'), '--profile', 'esm-only', tarball)).toContain('framewright/frame');
  }, 60_000);

  it('echoes, server and client, in six lines of plain JavaScript', () => {
    copyFileSync(join(root, 'examples/client/echo.js'), join(folder, 'echo.js'));
    const lines = readFileSync(join(folder, 'echo.js'), 'utf8').split('\n');
    expect(lines.filter((line) => line !== '')).toHaveLength(6);
    expect(run(process.execPath, 'echo.js').trim()).toBe('hello 1000');
  });

  it('has its codec for those who want only that', () => {
    writeFileSync(
      join(folder, 'codec.js'),
      `import { encodeFrame, opcodes } from 'framewright/frame';
console.log(Buffer.from(encodeFrame(opcodes.text, Buffer.from('hi'))).toString('hex'));
`,
    );
    expect(run(process.execPath, 'codec.js').trim()).toBe('81026869');
  });

  it('type-checks in a strict project that also checks libraries', () => {
    writeFileSync(
      join(folder, 'user.ts'),
      `import { createServer } from 'node:http';
import { type Closure, ClosedError, connect, listen, reconnecting, upgradeWith, type Message, type SessionHandler } from 'framewright';
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
export async function follow(url: string, signal: AbortSignal): Promise<Message | null> {
  for await (const connection of reconnecting(url, { signal, subprotocols: ['v1'] })) await echo(connection);
  const connection = await connect(url, { perMessageDeflate: true, followRedirects: 2, tls: { ca: 'x' } });
  return connection.recv();
}
export const server = listen(0, { '/ws': (context) => context.upgrade(echo) });
export { FrameDecoder };
`,
    );
    copyFileSync(join(root, 'examples/client/echo.js'), join(folder, 'echo.ts'));
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
      JSON.stringify({ compilerOptions: options, files: ['user.ts', 'echo.ts'] }),
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
