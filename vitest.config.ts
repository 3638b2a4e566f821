import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where continuous integration wants a JSON report, if it does. */
const report = process.env['FRAMEWRIGHT_TEST_REPORT'];

export default defineConfig({
  resolve: {
    // Tests and examples import the package by its own name and get the source, not a stale build.
    alias: [
      { find: /^framewright$/, replacement: source('./src/index.ts') },
      { find: /^framewright\/frame$/, replacement: source('./src/frame/index.ts') },
      { find: /^framewright\/workers$/, replacement: source('./src/platform/workers/index.ts') },
      { find: /^framewright\/durable$/, replacement: source('./src/platform/workers/durable.ts') },
      { find: /^framewright\/lambda$/, replacement: source('./src/platform/lambda/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    ...(report === undefined ? {} : { reporters: ['default', ['json', { outputFile: report }]] }),
    testTimeout: 30_000,
    hookTimeout: 30_000,
    pool: 'forks',
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['src/frame/**/*.ts', 'src/handshake/**', 'src/connection/**'],
      reporter: ['text', 'json-summary'],
      thresholds: { branches: 100 },
    },
  },
});
