/** Compiles code that uses the package, strictly, in a project of its own with the types of a platform. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../../', import.meta.url));

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

/** The packages in node_modules whose types each platform has. */
const platforms = {
  workers: ['@cloudflare/workers-types'],
  lambda: ['@types/node', '@types/aws-lambda'],
};

/**
 * Compiles these files together.
 *
 * @param files name → code
 * @returns what the compiler has to say; nothing when all is well
 */
export async function compile(
  platform: keyof typeof platforms,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'compile-'));
  try {
    for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), code);
    const types = platforms[platform].map((name) => join(root, 'node_modules', name));
    // A parameter in plain JavaScript has no type, unless it gets one from its place.
    const noImplicitAny = !Object.keys(files).some((name) => name.endsWith('.js'));
    const project = { compilerOptions: { ...options, types, noImplicitAny } };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(project));
    const compiler = join(root, 'node_modules/.bin/tsc');
    const run = promisify(execFile)(compiler, ['-p', folder]);
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    return stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
