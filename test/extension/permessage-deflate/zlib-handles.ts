/** Counts the zlib handles of this process, as they are made and as they are closed: all of them, whoever makes them. */
import { createHook } from 'node:async_hooks';

const open = new Set<object>();

const watch = (handle: object): void => {
  const close: unknown = Reflect.get(handle, 'close');
  if (typeof close !== 'function') {
    return;
  }
  open.add(handle);
  Reflect.set(handle, 'close', (...parameters: unknown[]) => {
    open.delete(handle);
    Reflect.apply(close, handle, parameters);
  });
};

createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'ZLIB') {
      watch(resource);
    }
  },
}).enable();

/** zlib handles that are open now. */
export const openZlibHandles = (): number => open.size;
