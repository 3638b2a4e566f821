/** The code of the documentation compiles as it stands, strictly, with the platforms' own types. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders: string[] = [];

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

const options = {
  target: 'es2024',
  lib: ['es2024', 'esnext.disposable'],
  module: 'esnext',
  moduleResolution: 'bundler',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
  paths: {
    'framewright/workers': [join(root, 'src/platform/workers/index.ts')],
    'framewright/durable': [join(root, 'src/platform/workers/durable.ts')],
    'framewright/lambda': [join(root, 'src/platform/lambda/index.ts')],
  },
};

/** Compiles every code block of a page as a file of its own, beside `files`. @returns how many there were */
async function compile(
  page: string,
  types: string[],
  files: Readonly<Record<string, string>>,
): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'docs-'));
  folders.push(folder);
  const text = await readFile(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```(ts|js)\n(.*?)^```$/gms)];
  for (const [index, [, language, code = '']] of blocks.entries())
    await writeFile(join(folder, `block-${index}.${language}`), code);
  for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
  const resolved = types.map((name) => join(root, 'node_modules', name));
  // A parameter in plain JavaScript has no type, unless it gets one from its place.
  const noImplicitAny = blocks.every(([, language]) => language === 'ts');
  const project = { compilerOptions: { ...options, types: resolved, noImplicitAny } };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
  const compiler = join(root, 'node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(compiler, ['-p', folder]).catch(
    (error: { stdout: string }) => error,
  );
  expect(stdout).toBe('');
  return blocks.length;
}

it('docs/workers.md', async () => {
  const count = await compile('docs/workers.md', ['@cloudflare/workers-types'], {
    'globals.d.ts': `
interface Env { readonly ROOM: DurableObjectNamespace }
interface Member { readonly name: string; messages: number }
declare const handlers: import('framewright/durable').DurableHandlers<Member, Env>;
`,
    'echo.ts': `export { echo } from './block-0.ts';`,
    'base.ts': `import { DurableObject } from 'cloudflare:workers';\nexport class Base extends DurableObject<Env> {}\n`,
  });
  expect(count).toBe(5);
});

it('docs/lambda.md', async () => {
  const count = await compile('docs/lambda.md', ['@types/node', '@types/aws-lambda'], {
    'globals.d.ts': `
declare const options: import('framewright/lambda').LambdaOptions;
declare function isAllowed(authorization: string | undefined): boolean;
declare function forget(connectionId: string): Promise<void>;
`,
  });
  expect(count).toBe(4);
});
