import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { asBytes, asOutgoing, prepare } from '../../src/connection/payload.ts';
import { Prepared } from '../../src/connection/prepared.ts';
import { framesOf, opcode } from './wire.ts';

const detached = (): ArrayBuffer => {
  const buffer = new ArrayBuffer(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
};

describe('payload', () => {
  it('leaves strings, prepared messages and plain bytes as they are', () => {
    const bytes = Uint8Array.of(1, 2);
    const buffer = Buffer.from('abc');
    const prepared = prepare('x');
    for (const message of ['text', '', bytes, buffer, prepared]) expect(asOutgoing(message)).toBe(message);
  });

  it('takes the bytes of every view and buffer', () => {
    const { buffer } = Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7);
    expect(asBytes(buffer)).toEqual(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7));
    expect(asBytes(new DataView(buffer, 2, 3))).toEqual(Uint8Array.of(2, 3, 4));
    expect(asBytes(new Uint16Array(buffer, 2, 2))).toEqual(Uint8Array.of(2, 3, 4, 5));
    expect(asBytes(new BigInt64Array(buffer))).toHaveLength(8);
    expect(asBytes(new Uint8ClampedArray(buffer, 7))).toEqual(Uint8Array.of(7));
    expect(asBytes(new Uint8Array(0))).toHaveLength(0);
    expect(asBytes(new ArrayBuffer(0))).toHaveLength(0);
    expect(asBytes(runInNewContext('Uint8Array.of(7, 8)'))).toEqual(Uint8Array.of(7, 8));
  });

  it('copies from memory that others can change meanwhile', () => {
    const shared = new SharedArrayBuffer(4);
    const all = new Uint8Array(shared);
    all.set([1, 2, 3, 4]);
    const whole = asBytes(shared);
    const part = asBytes(new Uint8Array(shared, 1, 2));
    all.fill(9);
    expect(whole).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(part).toEqual(Uint8Array.of(2, 3));
  });

  it('copies from memory that can change its size', () => {
    const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [4, { maxByteLength: 8 }]);
    expect(Reflect.get(buffer, 'resizable')).toBe(true);
    const tracking = new Uint8Array(buffer);
    tracking.set([1, 2, 3, 4]);
    const copy = asBytes(tracking);
    const whole = asBytes(buffer);
    Reflect.apply(Reflect.get(buffer, 'resize'), buffer, [1]);
    expect(copy).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(whole).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(asBytes(tracking)).toEqual(Uint8Array.of(1));
  });

  it('refuses a detached buffer and every view of it', () => {
    const buffer = new ArrayBuffer(8);
    const views = [
      new Uint8Array(buffer),
      new DataView(buffer),
      new Float64Array(buffer),
      Buffer.from(buffer),
    ];
    structuredClone(buffer, { transfer: [buffer] });
    for (const value of [buffer, ...views]) expect(() => asBytes(value)).toThrow(TypeError);
    expect(() => asBytes(detached())).toThrow(TypeError);
  });

  it('does not believe what an object says of its size', () => {
    const { buffer } = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const spoofs = { length: 8, byteLength: 8, byteOffset: 0 };
    for (const [name, value] of Object.entries(spoofs)) {
      for (const view of [
        new Uint8Array(buffer, 2, 2),
        new DataView(buffer, 2, 2),
        new Uint8ClampedArray(buffer, 2, 2),
      ]) {
        Object.defineProperty(view, name, { value });
        expect(Array.from(asBytes(view)), `${name} of ${view.constructor.name}`).toEqual([3, 4]);
      }
    }
    Object.defineProperty(buffer, 'byteLength', { value: 1 });
    expect(asBytes(buffer)).toHaveLength(8);
    const large = new Uint8Array(buffer, 0, 4);
    Object.defineProperty(large, 'byteLength', { value: 8 });
    const plain = asBytes(large);
    expect(plain.byteLength).toBe(4);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['number', 5],
    ['object Object', {}],
    ['object Array', [1, 2]],
    ['function', () => 'x'],
    ['symbol', Symbol('x')],
    ['object Blob', new Blob(['x'])],
    ['object', Object.create(Uint8Array.prototype)],
    ['', new Proxy(new Uint8Array(2), {})],
  ])('refuses what is no message: %s', (kind, value) => {
    expect(() => asOutgoing(value)).toThrow(TypeError);
    if (!(value instanceof Uint8Array)) expect(() => asOutgoing(value)).toThrow(kind);
  });

  it('prepares text and bytes, copied', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const binary = prepare(bytes);
    bytes.fill(0);
    expect(binary).toBeInstanceOf(Prepared);
    expect(framesOf(binary.frame)).toMatchObject([
      { fin: true, rsv: 0, opcode: opcode.binary, masked: false },
    ]);
    expect(framesOf(binary.frame)[0]?.payload).toEqual(Buffer.from([1, 2, 3]));
    expect(framesOf(prepare('grüße').frame)[0]?.payload.toString()).toBe('grüße');
    expect(framesOf(prepare('grüße').frame)[0]?.opcode).toBe(opcode.text);
    expect(prepare(new ArrayBuffer(5)).length).toBe(5);
    expect(() => prepare(detached())).toThrow(TypeError);
  });
});
