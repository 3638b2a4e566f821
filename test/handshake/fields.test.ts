import { describe, expect, it } from 'vitest';
import {
  collectFields,
  hasOpaqueHandshakeField,
  joinedField,
  joinFields,
  singleField,
} from '../../src/handshake/fields.ts';

const fields = collectFields(['Host', 'a', 'X', '1', 'x', '2', 'Cookie', 'p=1', 'COOKIE', 'q=2']);

describe('fields', () => {
  it('are grouped by lower-case name, in order', () => {
    expect([...fields]).toEqual([
      ['host', ['a']],
      ['x', ['1', '2']],
      ['cookie', ['p=1', 'q=2']],
    ]);
  });

  it('are joined for the application, cookies by a semicolon', () => {
    expect([...joinFields(fields)]).toEqual([
      ['host', 'a'],
      ['x', '1, 2'],
      ['cookie', 'p=1; q=2'],
    ]);
  });

  it('can be asked for as a list or as a single value', () => {
    expect([joinedField(fields, 'x'), joinedField(fields, 'host'), joinedField(fields, 'y')]).toEqual([
      '1, 2',
      'a',
      undefined,
    ]);
    expect([singleField(fields, 'x'), singleField(fields, 'host'), singleField(fields, 'y')]).toEqual([
      undefined,
      'a',
      undefined,
    ]);
  });

  it('a name without a value has no value', () => {
    const odd = collectFields(['Host']);
    expect([singleField(odd, 'host'), joinedField(odd, 'host')]).toEqual([undefined, '']);
  });

  it('T-HS-PROTO: names of Object.prototype are names like any other', () => {
    const names = Object.getOwnPropertyNames(Object.prototype);
    const hostile = collectFields(names.flatMap((name) => [name, name]));
    for (const name of names) expect(hostile.get(name.toLowerCase())).toContain(name);
    expect(joinedField(collectFields([]), '__proto__')).toBeUndefined();
    expect(joinFields(collectFields(['__proto__', 'x'])).get('__proto__')).toBe('x');
  });

  it('T-NONASCII: only Sec-WebSocket fields must be ASCII', () => {
    expect(hasOpaqueHandshakeField(collectFields(['X', '\u00e9', 'Sec-WebSocket-Key', 'a']))).toBe(false);
    expect(
      hasOpaqueHandshakeField(collectFields(['SEC-WEBSOCKET-FOO', 'a', 'sec-websocket-foo', '\x80'])),
    ).toBe(true);
  });
});
