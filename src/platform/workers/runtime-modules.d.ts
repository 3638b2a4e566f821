/**
 * The runtime's own module, as far as this folder uses it: its types are the project's, from `wrangler types` or
 * `@cloudflare/workers-types`. Nothing of this file is in the package.
 */
declare module 'cloudflare:workers' {
  export abstract class DurableObject<Env = unknown> {
    protected ctx: import('./runtime.ts').SocketHost;
    protected env: Env;
    constructor(ctx: import('./runtime.ts').SocketHost, env: Env);
  }
}
