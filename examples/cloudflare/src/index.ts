/** The Worker: echo at /ws, two tasks at /split, a greeting at /hello/:name, a room of your own at /room/:name. */
import { handshake } from 'framewright/workers';
import { echo } from './echo.ts';
import type { Env } from './env.ts';
import { split } from './split.ts';

export { Room } from './room.ts';

const connect = handshake<Env>((context) => {
  const [, endpoint, name = ''] = context.request.path.split('/');
  switch (endpoint) {
    case 'ws':
      return context.upgrade(echo);
    case 'split':
      return context.upgrade(split);
    case 'hello':
      return context.upgrade((peer) => peer.send(`hello ${decodeURIComponent(name)}`));
    case 'room':
      return context.upgradeDurable(context.env.ROOM.getByName(name));
    default:
      return context.reject(404, 'Nothing is here.');
  }
});

export default {
  async fetch(request, env, ctx) {
    const [, name] = /^\/room\/([^/]+)\/names$/.exec(new URL(request.url).pathname) ?? [];
    if (name === undefined) return connect(request, env, ctx);
    return Response.json(await env.ROOM.getByName(name).names());
  },
} satisfies ExportedHandler<Env>;
