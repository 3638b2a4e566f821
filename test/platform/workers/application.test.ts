/** What an application writes, with the runtime's own types: `@cloudflare/workers-types`. */
import { expect, it } from 'vitest';
import { compile } from '../compiler.ts';

const application = `
import { DurableSockets } from 'framewright/durable';
import { handshake, type Message, type Peer, SessionMap, upgrade, upgradeWith, WebSocketContext } from 'framewright/workers';

interface Member { readonly name: string }
interface Env { readonly ROOM: DurableObjectNamespace<Room>; readonly KEY: string }

async function echo(peer: Peer): Promise<void> {
  for await (const message of peer) await peer.send(message);
}

export default { fetch: upgrade(echo) } satisfies ExportedHandler<Env>;
export const plain: ExportedHandler = { fetch: upgrade(echo) };
export const withOptions: ExportedHandler<Env> = { fetch: upgradeWith({ subprotocols: ['v1'] }, echo) };
export const inferred: ExportedHandler<Env> = {
  fetch: handshake((context) => {
    context.env.KEY satisfies string;
    return context.upgradeDurable(context.env.ROOM.getByName('one'));
  }),
};

export class Room extends DurableSockets<Member, Env> {
  accept(context: WebSocketContext<Env>) { return { name: context.env.KEY }; }
  message(socket: WebSocket, message: Message) { socket.send(message); void this.ctx.storage.setAlarm(5); }
  override close(_socket: WebSocket, _closure: unknown, { name }: Member) { this.sessions.broadcast(name); }
  override async alarm() { await this.ctx.storage.deleteAll(); }
  async kick(name: string): Promise<number> {
    for (const [socket, member] of this.sessions) if (member.name === name) this.sessions.remove(socket, 4000);
    return this.sessions.size;
  }
}

export async function overRpc(env: Env): Promise<number> {
  return env.ROOM.getByName('one').kick('ann');
}

export class Wrong extends DurableSockets<Member, Env> {
  accept() { return { name: '' }; }
  message() {}
  // @ts-expect-error the session is the third parameter
  override close(_socket: WebSocket, { name }: Member) { void name; }
}

export class Poor extends DurableSockets<Member, Env> {
  // @ts-expect-error this is no member
  accept() { return { nick: '' }; }
  message() {}
}

export class ByHand implements DurableObject {
  readonly #sessions: SessionMap<{ count: number }>;
  constructor(ctx: DurableObjectState) { this.#sessions = SessionMap.restore(ctx); }
  fetch(request: Request) { return WebSocketContext.from(request).upgradeSession(this.#sessions, { count: 0 }); }
  webSocketMessage(socket: WebSocket) {
    this.#sessions.update(socket, (session) => { session.count += 1; });
    this.#sessions.update(socket, ({ count }) => ({ count: count + 1 }));
    for (const other of this.#sessions.byTag('red')) other.send('x');
    // @ts-expect-error the session has no such field
    this.#sessions.get(socket)?.name;
  }
}

// @ts-expect-error a session may not be undefined
export type Nothing = SessionMap<undefined>;
`;

it('compiles, with everything in its type', async () => {
  expect(await compile('workers', { 'application.ts': application })).toBe('');
});

it('does not compile where it is wrong', async () => {
  const wrong = application.replaceAll('// @ts-expect-error', '//');
  const errors = (await compile('workers', { 'application.ts': wrong })).trim().split(/\n(?=\S)/);
  expect(errors).toHaveLength(4);
});
