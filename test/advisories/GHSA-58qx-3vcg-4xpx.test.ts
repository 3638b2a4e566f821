// Views other than Uint8Array were written with the wrong length, and memory of others went along (ws).
import { expect } from 'vitest';
import { attack, openWire } from './victim.ts';

const canary = 0xc5;
const bytes = Uint8Array.from({ length: 48 }, (_, index) => index + 1);

/** The same 16 bytes in every form that there is, within memory of others. */
function forms(): readonly (readonly [string, ArrayBufferView | ArrayBuffer | SharedArrayBuffer])[] {
  const memory = new Uint8Array(64).fill(canary);
  memory.set(bytes.subarray(0, 16), 16);
  const shared = new SharedArrayBuffer(64);
  new Uint8Array(shared).set(memory);
  const list: (readonly [string, ArrayBufferView | ArrayBuffer | SharedArrayBuffer])[] = [
    ['ArrayBuffer', memory.buffer.slice(16, 32)],
    ['SharedArrayBuffer', shared.slice(16, 32)],
    ['DataView', new DataView(memory.buffer, 16, 16)],
    ['DataView of shared memory', new DataView(shared, 16, 16)],
    ['Buffer', Buffer.from(memory.buffer, 16, 16)],
  ];
  for (const Kind of [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ]) {
    const length = 16 / Kind.BYTES_PER_ELEMENT;
    list.push([Kind.name, new Kind(memory.buffer, 16, length)]);
    const view: ArrayBufferView = Reflect.construct(Kind, [shared, 16, length]);
    list.push([`${Kind.name} of shared memory`, view]);
  }
  return list;
}

attack(
  'every kind of view is sent as its own bytes, and pinged with them',
  async ({ port, opened }) => {
    const wire = await openWire(port);
    await wire.until(() => opened.length > 0, 'the connection');
    const [connection] = opened;
    for (const [name, value] of forms()) {
      const had = wire.body.length;
      void connection?.send(value);
      connection?.ping(value).catch(() => {});
      await wire.until(() => wire.body.length >= had + 36, name);
      const expected = [0x82, 16, ...bytes.subarray(0, 16), 0x89, 16, ...bytes.subarray(0, 16)];
      expect([...wire.body.subarray(had)], name).toEqual(expected);
    }
    expect(wire.body.includes(canary)).toBe(false);
  },
  { handler: (connection) => connection.closed.then(() => {}) },
);
