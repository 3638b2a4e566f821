// The foreign engines that come from Debian. `npm run interop -- --install` installs what is missing, without questions;
// otherwise the peers without their package are left out and named, with the command that brings them.
import { spawnSync } from 'node:child_process';

/** Peer or tool, and the packages that bring it. */
export const packages = {
  'Python websockets': ['python3-websockets'],
  'Python aiohttp': ['python3-aiohttp'],
  'Python Tornado': ['python3-tornado'],
  uvicorn: ['python3-uvicorn', 'python3-wsproto'],
  'JDK HttpClient': ['openjdk-17-jdk-headless'],
  'Go gorilla': ['golang-go', 'golang-github-gorilla-websocket-dev'],
  'Go nhooyr': ['golang-go', 'golang-nhooyr-websocket-dev'],
  libwebsockets: ['gcc', 'libc6-dev', 'libwebsockets-dev'],
  Chromium: ['chromium'],
  Firefox: ['firefox-esr'],
  nginx: ['nginx'],
  HAProxy: ['haproxy'],
};

/** What Debian knows of a package. */
const facts = (name) => spawnSync('dpkg-query', ['-s', name], { encoding: 'utf8' }).stdout ?? '';
const isInstalled = (name) => /^Status: install ok installed$/m.test(facts(name));

/** Version of the package that a peer comes from, as Debian counts it. */
export const packageVersion = (peer) => /^Version: (.+)$/m.exec(facts(packages[peer].at(-1)))?.[1];

/** Whether all that a peer needs is there. One that no package is named for always is. */
export const has = (peer) => (packages[peer] ?? []).every(isInstalled);

/** Installs what is missing. */
export function install() {
  const names = [...new Set(Object.values(packages).flat())].filter((name) => !isInstalled(name));
  if (names.length === 0) return;
  const prefix = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = (...args) => {
    const [command, ...rest] = [...prefix, 'apt-get', '-q', ...args];
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    return spawnSync(command, rest, { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0;
  };
  console.log(`Installing ${names.join(' ')} …`);
  apt('update');
  if (!apt('install', '-y', '--no-install-recommends', ...names))
    console.error('apt-get could not install them all.');
}

/** How to get peers that are missing, as a sentence; empty when Debian has none of them. */
export const howToGet = (peers) => {
  const names = [...new Set(peers.flatMap((peer) => packages[peer] ?? []))];
  if (names.length === 0) return '';
  return `\`apt-get install -y --no-install-recommends ${names.join(' ')}\` brings what Debian has.`;
};
