import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathOf } from '../../src/framework/answering.ts';
import { ConfigError } from '../../src/framework/errors.ts';
import { type ContextHandler, createRouter } from '../../src/framework/router.ts';

const named = (name: string): ContextHandler => {
  const handler: ContextHandler = (context) => context.reject(404, name);
  return handler;
};

describe('createRouter', () => {
  const exact = named('exact');
  const hello = named('hello');
  const room = named('room');
  const route = createRouter({
    '/ws': exact,
    '/hello/:name': hello,
    '/hello/you': exact,
    '/room/:id/seat/:seat': room,
  });

  it('finds exact paths before params', () => {
    expect(route('/ws')?.handler).toBe(exact);
    expect(route('/hello/you')?.handler).toBe(exact);
    expect(route('/hello/me')?.handler).toBe(hello);
  });

  it('decodes params', () => {
    expect({ ...route('/hello/Bob%20%2F')?.params }).toEqual({ name: 'Bob /' });
    expect({ ...route('/room/7/seat/a')?.params }).toEqual({ id: '7', seat: 'a' });
  });

  it('finds an exact path that was sent percent-encoded', () => {
    expect(route('/%77s')?.handler).toBe(exact);
  });

  it('takes an encoded slash for a part of its segment, never for a separator', () => {
    const nested = createRouter({ '/a/b': exact, '/:name': hello });
    expect(nested('/a/b')?.handler).toBe(exact);
    expect({ ...nested('/a%2Fb')?.params }).toEqual({ name: 'a/b' });
    expect(createRouter({ '/a/b': exact })('/a%2fb')).toBeUndefined();
  });

  it('leaves everything else alone', () => {
    for (const path of [
      '/',
      '/ws/',
      '/hello',
      '/hello/',
      '/hello/a/b',
      '/room/7/seat',
      '//ws',
      '/%ff',
      '/%',
    ]) {
      expect(route(path)).toBeUndefined();
    }
  });

  it('is safe with params of any name', () => {
    const params = createRouter({ '/:__proto__': hello })('/x')?.params;
    expect(Object.keys(params ?? {})).toEqual(['__proto__']);
    expect(Object.getPrototypeOf(params ?? {})).toBeNull();
  });

  it('one handler takes every path', () => {
    expect(createRouter(hello)('/anything')?.handler).toBe(hello);
  });

  it('refuses routes that are none', () => {
    expect(() => createRouter({ ws: exact })).toThrow(ConfigError);
    expect(() => createRouter(JSON.parse('{"/ws":5}'))).toThrow(ConfigError);
    expect(() => createRouter(JSON.parse('null'))).toThrow(ConfigError);
  });

  it('never throws on a path, and gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ unit: 'grapheme', minLength: 1 }), (junk, name) => {
        route(junk);
        expect(route(`/hello/${encodeURIComponent(name)}`)?.params['name'] ?? name).toBe(name);
      }),
      { seed: 20261125, numRuns: 500 },
    );
  });
});

describe('pathOf', () => {
  it('takes origin and absolute form, without the query', () => {
    expect(pathOf('/a/b?c=/d')).toBe('/a/b');
    expect(pathOf('http://h:1/a?b')).toBe('/a');
    expect(pathOf('http://h')).toBe('/');
    expect(pathOf('//a/b')).toBe('//a/b');
    expect(pathOf('*')).toBe('/');
    expect(pathOf('')).toBe('/');
  });
});
