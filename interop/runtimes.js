// The package as users get it, packed and installed into an empty project, on the runtimes that npm has: an echo in six
// lines of JavaScript, the same type-checked in strict TypeScript, and the whole conversation of our client with our
// server.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { output, report } from './programs.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const npx = (name, ...command) => ['npx', '-y', '-p', name, ...command];

const runtimes = [
  ...['20', '22', '24', '26'].map((line) => ({
    name: `Node ${line}`,
    start: npx(`node@${line}`, 'node'),
    hasCompiler: true,
  })),
  { name: 'Bun', start: npx('bun', 'bun') },
  {
    name: 'Deno',
    start: [...npx('deno', 'deno'), 'run', '-A'],
    version: [...npx('deno', 'deno'), '--version'],
  },
];

/** An empty project with the package installed from its tarball. */
function makeProject() {
  const folder = mkdtempSync(join(tmpdir(), 'framewright-user-'));
  const npm = (cwd, ...args) => execFileSync('npm', args, { cwd, encoding: 'utf8', stdio: 'pipe' });
  const [{ filename }] = JSON.parse(
    npm(root, 'pack', '--ignore-scripts', '--json', '--pack-destination', folder),
  );
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  npm(folder, 'install', '--no-audit', '--no-fund', '--ignore-scripts', `./${filename}`);
  for (const file of ['self.js', 'client.js', 'echo.js'])
    copyFileSync(join(root, 'interop', file), join(folder, file));
  copyFileSync(join(root, 'examples/client/echo.js'), join(folder, 'six-lines.js'));
  copyFileSync(join(root, 'examples/client/echo.js'), join(folder, 'six-lines.ts'));
  const compilerOptions = {
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
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['six-lines.ts'] }));
  return folder;
}

/** Tries them all. @returns a row for each */
export async function tryRuntimes() {
  const folder = makeProject();
  const rows = [];
  const at = (file) => join(folder, file);
  try {
    for (const { name, start, version = [...start, '--version'], hasCompiler = false } of runtimes) {
      const row = { name, errors: [] };
      rows.push(row);
      const run = async (part, work) => {
        try {
          row[part] = await work();
        } catch (error) {
          row[part] = false;
          row.errors.push(`${part}: ${error instanceof Error ? error.message : String(error)}`);
        }
      };
      const [command, ...args] = start;
      await run('version', async () => /[0-9.]{5,}/.exec(await output(version[0], version.slice(1)))?.[0]);
      await run(
        'echo',
        async () => (await output(command, [...args, at('six-lines.js')])).trim() === 'hello 1000',
      );
      await run('conversation', async () => {
        const { results } = await report(command, [...args, at('self.js')]);
        return Object.values(results).length === 10 && Object.values(results).every(Boolean);
      });
      const compiler = join(root, 'node_modules/typescript/bin/tsc');
      if (hasCompiler) {
        await run('types', async () => (await output(command, [...args, compiler, '-p', folder])) === '');
      }
      for (const part of ['echo', 'conversation', 'types']) {
        if (row[part] === false && row.errors.length === 0) row.errors.push(`${part}: went otherwise`);
      }
      console.log(`${name}: ${row.errors.length === 0 ? 'ok' : row.errors.join('; ')}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}
