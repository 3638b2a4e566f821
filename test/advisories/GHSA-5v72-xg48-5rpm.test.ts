// `constructor` as the name of an extension crashed a parser that used plain objects as tables.
import { expect } from 'vitest';
import { attack, headOf, openingLines, statusOf } from './victim.ts';

// Also CVE-2026-59724 and CVE-2026-21710: `__proto__` as the name of a field.
const names = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];
attack(
  'names of Object.prototype are names like any other',
  async ({ port }) => {
    for (const name of names) {
      for (const line of [
        `Sec-WebSocket-Extensions: ${name}`,
        `Sec-WebSocket-Extensions: permessage-deflate; ${name}=${name}`,
        `Sec-WebSocket-Protocol: ${name}`,
        `${name}: ${name}`,
      ]) {
        expect(await statusOf(port, headOf([...openingLines(`/ws?${name}=${name}`), line]))).toBe(101);
      }
    }
  },
  { config: { perMessageDeflate: true } },
);
