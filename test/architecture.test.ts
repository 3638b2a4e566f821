import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** Who may import whom: folders of src, and Node modules. The table of ARCHITECTURE.md. */
const table: Readonly<Record<string, readonly string[]>> = {
  frame: [],
  handshake: [],
  extension: ['frame', 'node:zlib'],
  connection: ['frame', 'extension/types.ts'],
  transport: ['connection/port.ts', 'frame/region.ts', 'node:net', 'node:stream'],
  framework: [
    'frame',
    'handshake',
    'extension',
    'connection',
    'transport',
    'node:buffer',
    'node:crypto',
    'node:http',
    'node:https',
    'node:net',
    'node:perf_hooks',
    'node:stream',
    'node:tls',
    'node:v8',
  ],
  platform: [
    'framework/errors.ts',
    'connection/types.ts',
    'connection/state.ts',
    'connection/errors.ts',
    'frame/errors.ts',
    'frame/close.ts',
    'handshake',
    'cloudflare:workers',
    '@aws-sdk/client-apigatewaymanagementapi',
  ],
};

const files = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? files(join(folder, entry.name))
      : entry.name.endsWith('.ts')
        ? [join(folder, entry.name)]
        : [],
  );

const importsOf = (file: string): string[] =>
  [
    ...readFileSync(file, 'utf8').matchAll(
      /(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g,
    ),
  ].map(([, from, dynamic]) => from ?? dynamic ?? '');

/** An import as the table names it: a path below src, or a module. */
function target(file: string, specifier: string): string {
  return specifier.startsWith('.') ? relative(src, join(dirname(file), specifier)) : specifier;
}

describe('layers', () => {
  for (const [folder, allowed] of Object.entries(table)) {
    it(`src/${folder} imports only what its row allows`, () => {
      const all = files(join(src, folder));
      expect(all.length).toBeGreaterThan(0);
      const forbidden = all.flatMap((file) =>
        importsOf(file)
          .map((specifier) => target(file, specifier))
          .filter(
            (name) =>
              !name.startsWith(`${folder}/`) &&
              !allowed.some((one) => name === one || (!one.includes('.ts') && name.startsWith(`${one}/`))),
          )
          .map((name) => `${relative(src, file)} → ${name}`),
      );
      expect(forbidden).toEqual([]);
    });
  }

  it('has a row for every folder of src that the rest builds on', () => {
    const folders = readdirSync(src, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'bin')
      .map((entry) => entry.name);
    expect(folders.sort()).toEqual(Object.keys(table).sort());
  });

  it('has no module of the package that needs another package at run time', () => {
    const { dependencies } = JSON.parse(readFileSync(join(src, '../package.json'), 'utf8'));
    expect(dependencies).toBeUndefined();
  });
});
