// Reverse proxies in front of our own server: nginx and HAProxy with the settings that WebSockets need.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const nginx = (port, target, folder) => `
daemon off; pid ${folder}/pid; error_log stderr; worker_processes 1;
events { worker_connections 64; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://127.0.0.1:${target};
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection "upgrade";
      proxy_set_header Host $http_host;
    }
  }
}`;

const haproxy = (port, target) => `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 1h
frontend front
  bind 127.0.0.1:${port}
  default_backend back
backend back
  server one 127.0.0.1:${target}
`;

export const proxies = {
  nginx: {
    command: 'nginx',
    text: nginx,
    args: (file, folder) => ['-c', file, '-p', folder],
    version: ['-v', /nginx\/([0-9.]+)/],
  },
  HAProxy: {
    command: 'haproxy',
    text: haproxy,
    args: (file) => ['-db', '-f', file],
    version: ['-v', /version ([0-9.]+)/],
  },
};

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

const listens = (port) =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

/** Starts a proxy in front of a port. */
export async function startProxy(name, target) {
  const folder = mkdtempSync(join(tmpdir(), 'framewright-proxy-'));
  const file = join(folder, 'config');
  const port = await freePort();
  const { command, text, args } = proxies[name];
  writeFileSync(file, text(port, target, folder));
  const child = spawn(command, args(file, folder), { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (tries === 100 || child.exitCode !== null) throw new Error(`${name} does not listen: ${said}`);
    await new Promise((go) => setTimeout(go, 50));
  }
  const stop = async () => {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true });
  };
  return { url: `ws://127.0.0.1:${port}/`, stop };
}
