// What the tests need beyond npm: a Chromium. On a Debian machine without one it is installed, without questions;
// elsewhere the message says what is missing. CHROMIUM may name another executable.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const installed = () =>
  [process.env.CHROMIUM, '/usr/bin/chromium'].some((path) => path !== undefined && existsSync(path));

const run = (command, args) =>
  spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

if (!installed()) {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command = 'apt-get', ...rest] = [...asRoot, 'apt-get', ...args];
    return run(command, rest);
  };
  console.log('Installing chromium for the browser tests …');
  apt('update', '-q');
  apt('install', '-y', '-q', '--no-install-recommends', 'chromium');
  if (!installed()) {
    console.error('The browser tests need Chromium: install it, or set CHROMIUM to its executable.');
    process.exit(1);
  }
}
