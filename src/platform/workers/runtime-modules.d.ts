/**
 * The runtime's own module, as far as this folder uses it: its types are the project's, from `wrangler types` or
 * `@cloudflare/workers-types`. Nothing of this file is in the package.
 */
declare module 'cloudflare:workers' {
  type Socket = import('./runtime.ts').WorkersSocket;
  type State = import('./runtime.ts').SocketHost;

  export abstract class DurableObject<Env = unknown> {
    protected ctx: State;
    protected env: Env;
    constructor(ctx: State, env: Env);
    fetch?(request: Request): Response | Promise<Response>;
    webSocketMessage?(socket: Socket, message: string | ArrayBuffer): void | Promise<void>;
    webSocketClose?(socket: Socket, code: number, reason: string, wasClean: boolean): void | Promise<void>;
    webSocketError?(socket: Socket, error: unknown): void | Promise<void>;
  }
}
