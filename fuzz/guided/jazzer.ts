/**
 * Whether Jazzer.js can run here, and if not, why.
 *
 * The rule of this file: nothing is installed and nothing is guessed; the addon is loaded in a process of its own,
 * and what the system says about it is told.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';

export type Found = { readonly command: string } | { readonly missing: string };

/** The glibc that this process runs on, or undefined on other systems. */
export function glibcVersion(): string | undefined {
  const report: unknown = process.report?.getReport();
  if (typeof report !== 'object' || report === null) return undefined;
  const header: unknown = Reflect.get(report, 'header');
  if (typeof header !== 'object' || header === null) return undefined;
  const version: unknown = Reflect.get(header, 'glibcVersionRuntime');
  return typeof version === 'string' ? version : undefined;
}

/** What an error of the dynamic linker means. */
export function explain(said: string, own: string | undefined): string {
  const wanted = /version `GLIBC_([0-9.]+)' not found/.exec(said)?.[1];
  if (wanted === undefined) return `Jazzer.js is installed, but its addon does not load:\n${said.trim()}`;
  return [
    `Jazzer.js is installed, but its addon needs glibc ${wanted}, and this system has ${own ?? 'another C library'}.`,
    `Run it where there is one, such as Debian 13, Ubuntu 24.04 or the container image node:24-trixie.`,
  ].join('\n');
}

/** Looks for Jazzer.js as a project in this folder would find it. */
export function findJazzer(folder: string): Found {
  const require = createRequire(join(folder, 'package.json'));
  let command: string;
  try {
    command = require.resolve('@jazzer.js/core/dist/cli.js');
  } catch {
    return {
      missing: `Jazzer.js is not installed. It is no dependency of this project: npm install --no-save @jazzer.js/core`,
    };
  }
  const loading = spawnSync(
    process.execPath,
    ['-e', 'require(require.resolve("@jazzer.js/fuzzer", { paths: [process.argv[1]] }))', command],
    { encoding: 'utf8' },
  );
  return loading.status === 0 ? { command } : { missing: explain(loading.stderr, glibcVersion()) };
}
