/**
 * `framewright/durable`: a whole Durable Object for hibernating WebSockets, by extension or by composition.
 */
export { type DurableConfig, DurableEndpoint, type DurableHandlers } from './durable-endpoint.ts';
export { DurableSockets } from './durable-sockets.ts';
