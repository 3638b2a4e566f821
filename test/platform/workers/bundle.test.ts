import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Everything an entry exports, as a deployment would minify it. */
async function minified(entry: string): Promise<{ text: string; meta: Metafile }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [entry],
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2024',
    // A Node import would be an error: the platform is neutral.
    platform: 'neutral',
    external: ['cloudflare:*'],
  });
  return { text: outputFiles.map((file) => file.text).join(''), meta: metafile };
}

describe.each([
  ['src/platform/workers/index.ts', 10 * 1024, []],
  ['src/platform/workers/durable.ts', 12 * 1024, ['cloudflare:workers']],
])('the bundle of %s', (entry, limit, modules) => {
  it(`is below ${limit} bytes, minified`, async () => {
    const { text } = await minified(entry);
    expect(Buffer.byteLength(text)).toBeLessThan(limit);
  });

  it('imports nothing, except the runtime where it must, and carries nothing of the engine but errors', async () => {
    const { text, meta } = await minified(entry);
    expect(text).not.toMatch(/node:|\brequire\b|\bprocess\b|\bBuffer\b/);
    const imports = Object.values(meta.outputs).flatMap((output) => output.imports);
    expect(imports.map(({ path }) => path)).toEqual(modules);
    const carried = Object.values(meta.outputs).flatMap((output) =>
      Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? path : [])),
    );
    const engine = carried.filter((path) => !path.startsWith('src/platform/workers/'));
    expect(engine.sort()).toEqual(['src/connection/errors.ts', 'src/frame/errors.ts']);
  });
});
