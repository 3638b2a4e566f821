/**
 * The fuzz entry with everything it needs as one CommonJS file, which is what Jazzer.js instruments.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @returns the path of the file, in `folder` */
export async function bundle(folder: string): Promise<string> {
  const outfile = join(folder, 'framewright-fuzz.cjs');
  await build({
    entryPoints: [fileURLToPath(new URL('entry.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
    // The one file that asks where it lies is the one that keeps cases.
    define: { 'import.meta.url': JSON.stringify(new URL('../campaign.ts', import.meta.url).href) },
  });
  return outfile;
}
