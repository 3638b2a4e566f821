// framewright attached to a node:http server.
import { createServer } from 'node:http';
import { options, serve } from './control.js';
import { configFor } from './framewright-config.js';
import { sessions } from './framewright-sessions.js';

const { prepare, upgradeWith } = await import(options.entry ?? 'framewright');
const http = createServer();
http.on('upgrade', upgradeWith(configFor(options), sessions(prepare)[options.mode]));
http.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => serve(http.address().port));
