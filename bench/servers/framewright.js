// framewright on its own sockets: listen().
import { options, serve } from './control.js';
import { configFor } from './framewright-config.js';
import { sessions } from './framewright-sessions.js';

const { listen, prepare } = await import(options.entry ?? 'framewright');
const session = sessions(prepare)[options.mode];
const server = await listen(
  { port: 0, host: '127.0.0.1', backlog: 4096 },
  (context) => context.upgrade(session),
  configFor(options),
);
serve(server.port);
