// One file of JavaScript out of a process's entry and the engine, so that what is measured runs without a loader.
// Rule: a bundle holds the engine it was told to hold, the source by default; it is never minified.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** The engine that the processes of a run have in them: a module's path. */
export const defaultEngine = join(root, 'src/index.ts');

let folder: string | undefined;
const bundles = new Map<string, Promise<string>>();

function outputFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'framewright-reliability-'));
    folder = made;
    process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  }
  return folder;
}

/**
 * Bundles an entry below reliability/, once per run.
 *
 * @returns the path of the bundle, which goes away with this process
 */
export function bundle(entry: string, engine = defaultEngine): Promise<string> {
  const name = `${entry} ${engine}`;
  const known = bundles.get(name);
  if (known !== undefined) return known;
  const outfile = join(
    outputFolder(),
    `${bundles.size}-${entry.replaceAll('/', '-').replace(/\.ts$/, '')}.mjs`,
  );
  const made = build({
    entryPoints: [join(root, 'reliability', entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    alias: { framewright: resolve(engine) },
    // ws comes in CommonJS, which asks for Node's own modules by `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    external: ['bufferutil', 'utf-8-validate'],
    logLevel: 'error',
  }).then(() => outfile);
  bundles.set(name, made);
  return made;
}
