/**
 * The grammar of Sec-WebSocket-Extensions, and permessage-deflate's negotiation over whatever it lets through
 * (RFC 6455 §9.1, RFC 7692 §7.1).
 *
 * The rule of this file: an answer of ours fits the offer that it answers, which our own client is asked to judge.
 */
import { permessageDeflate } from '../../src/extension/permessage-deflate/index.ts';
import { formatExtensions, parseExtensions } from '../../src/handshake/extensions.ts';
import type { Random } from '../random.ts';
import { demand, demandEqual, type FuzzTarget } from '../target.ts';

const names = ['permessage-deflate', 'permessage-deflate', 'x', 'permessage-bzip2', 'a!#$%&*', ''] as const;
const parameters = [
  'server_no_context_takeover',
  'client_no_context_takeover',
  'server_max_window_bits',
  'client_max_window_bits',
  'q',
  '',
] as const;
const values = [
  '8',
  '9',
  '12',
  '15',
  '16',
  '7',
  '08',
  '"10"',
  '"1\\1"',
  '"',
  '""',
  '',
  '"a b"',
  '+1',
] as const;
const spaces = ['', '', ' ', '\t ', '  '] as const;
const separators = [',', ',', ',', ';', ',,', '='] as const;

function generateField(random: Random): string {
  let field = '';
  const space = (): string => random.pick(spaces);
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    field += space() + random.pick(names) + space();
    for (let index = random.below(4); index > 0; index -= 1) {
      field += `;${space()}${random.pick(parameters)}${random.once(2) ? `=${random.pick(values)}` : ''}${space()}`;
    }
    if (count > 1) field += random.once(16) ? random.pick(separators) : ',';
  }
  if (!random.once(8)) return field;
  const at = random.below(field.length + 1);
  return field.slice(0, at) + String.fromCharCode(random.below(256)) + field.slice(at + random.below(2));
}

const character = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]";
const value = `${character}+|"(?:\\\\?${character})+"`;
const parameter = `;[ \\t]*(${character}+)(?:=(${value}))?[ \\t]*`;
const element = new RegExp(`^[ \\t]*(${character}+)[ \\t]*((?:${parameter})*)$`);

/** The field by the grammar of RFC 6455 §9.1 as regular expressions: neither quotes nor names may hold a comma. */
function expectedOf(field: string): unknown {
  const list: unknown[] = [];
  for (const text of field.split(',')) {
    const [, name, parameters] = element.exec(text) ?? [];
    if (name === undefined || parameters === undefined) return undefined;
    const read = [...parameters.matchAll(new RegExp(parameter, 'g'))].map(([, key, set]) => [
      key,
      set?.replace(/["\\]/g, ''),
    ]);
    list.push({ name, parameters: read });
  }
  return list;
}

const endpoints = [
  permessageDeflate(),
  permessageDeflate({ serverMaxWindowBits: 9, clientMaxWindowBits: 10 }),
  permessageDeflate({
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    clientMaxWindowBits: false,
  }),
];

export const extensionsTarget: FuzzTarget = {
  name: 'extensions',
  property:
    'what the grammar says; parse(print(x)) = x; nothing is thrown; each answer is one that a client can confirm and print',
  generate: (random) => Buffer.from(generateField(random), 'latin1'),
  check(input) {
    const field = Buffer.from(input).toString('latin1');
    const parsed = parseExtensions(field);
    demandEqual(parsed, expectedOf(field), 'read and expected');
    if (parsed === undefined) return;
    const printed = formatExtensions(parsed);
    demandEqual(parseExtensions(printed), parsed, 'parse(print(x)) and x');
    demand(printed.length <= field.length * 2 + 4, 'more was read than was written');
    for (const endpoint of endpoints) {
      for (const offer of parsed) endpoint.confirm(offer);
      const answered = endpoint.answer(parsed);
      if (answered === undefined) continue;
      const answer = parseExtensions(formatExtensions([answered.answer]));
      demandEqual(answer, [answered.answer], 'the answer read again and the answer');
      demand(
        new Set(answered.answer.parameters.map(([name]) => name)).size === answered.answer.parameters.length,
        'a parameter twice',
      );
    }
    for (const client of endpoints) {
      for (const server of endpoints) {
        const answered = server.answer(client.offers());
        if (answered !== undefined)
          demand(client.confirm(answered.answer) !== undefined, 'own answer not confirmed');
      }
    }
  },
};
