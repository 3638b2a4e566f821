/**
 * WebAssembly modules of this folder, as their callers see them: functions on numbers, and the memory they work in.
 *
 * The rule of this file: nothing of WebAssembly is taken for granted. Where it is missing or forbidden (`--jitless`),
 * or a module is not what it should be, there is none, and zlib does the work.
 */

/** What is used of WebAssembly; not every platform's types declare it. */
declare const WebAssembly: {
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
};

/** A module's function. Arguments and results are 32-bit integers. */
export type NumberFunction = (...values: number[]) => number;

/** Memory of 64 KiB pages. `grow` detaches the `buffer` that there was. */
export interface PagedMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A module with its memory, ready to be called. */
export interface Instance {
  readonly run: NumberFunction;
  readonly memory: PagedMemory;
}

/**
 * Makes instances of a module that is compiled at the first call.
 *
 * @param code base64 of the module
 * @param name the function that it exports beside its `memory`
 * @returns makes an instance, or `undefined` where that cannot be done
 */
export const instancesOf = (code: string, name: string): (() => Instance | undefined) => {
  let module: object | undefined;
  return () => {
    try {
      module ??= new WebAssembly.Module(Buffer.from(code, 'base64'));
      const { memory, [name]: run } = new WebAssembly.Instance(module).exports;
      return isMemory(memory) && isFunction(run) ? { run, memory } : undefined;
    } catch {
      return undefined;
    }
  };
};

const isMemory = (value: unknown): value is PagedMemory =>
  typeof value === 'object' &&
  value !== null &&
  'buffer' in value &&
  value.buffer instanceof ArrayBuffer &&
  'grow' in value;

const isFunction = (value: unknown): value is NumberFunction => typeof value === 'function';
