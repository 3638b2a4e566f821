/**
 * A chat room that hibernates: between two messages it need not be in memory, and its members stay connected.
 *
 * What the room knows of a member is in the session, which survives hibernation; fields of the object would not.
 */
import { DurableSockets } from 'framewright/durable';
import type { Closure, Message, WebSocketContext } from 'framewright/workers';
import type { Env } from './env.ts';

export interface Member {
  readonly name: string;
  messages: number;
}

export class Room extends DurableSockets<Member, Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env, {
      subprotocols: ['chat.v1'],
      heartbeat: { request: 'ping', response: 'pong' },
    });
  }

  accept(context: WebSocketContext<Env>): Member | Response {
    const name = context.request.query.get('name') ?? '';
    if (!/^\w{1,20}$/.test(name)) return context.reject(400, 'Give a name of 1 to 20 letters, digits or _.');
    const isTaken = [...this.sessions].some(([, member]) => member.name === name);
    return isTaken ? context.reject(409, 'This name is taken.') : { name, messages: 0 };
  }

  open(socket: WebSocket, { name }: Member): void {
    socket.send(`welcome ${name}, ${this.sessions.size} here`);
    this.sessions.broadcast(`${name} joined`, { except: socket });
  }

  message(socket: WebSocket, message: Message): void {
    if (typeof message !== 'string') {
      this.sessions.remove(socket, 1003, 'text only');
      return;
    }
    const { name, messages } = this.sessions.update(socket, (member) => {
      member.messages += 1;
    });
    this.sessions.broadcast(`${name} (${messages}): ${message}`);
  }

  /** Called by the Worker, over RPC. */
  names(): string[] {
    return [...this.sessions].map(([, { name }]) => name);
  }

  close(_socket: WebSocket, _closure: Closure, { name }: Member): void {
    this.sessions.broadcast(`${name} left`);
  }
}
