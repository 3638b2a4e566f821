/**
 * `framewright/durable`: a whole Durable Object for hibernating WebSockets, by extension or by composition.
 */
export {
  type DurableConfig,
  DurableEndpoint,
  type DurableHandlers,
  DurableSockets,
} from './durable-endpoint.ts';
