/**
 * The scripts of this folder, and the command line next to it, as child processes.
 *
 * Rule: they run from source, with the same Node as their parent.
 */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { start } from './processes.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const ROOT: string = here('../..');

/** @param file path from this folder. */
export const script = (file: string, ...args: string[]): ChildProcess =>
  start(process.execPath, ['--import', 'tsx', here(file), ...args], { cwd: ROOT });
