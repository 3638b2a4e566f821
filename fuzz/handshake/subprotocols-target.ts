/**
 * Sec-WebSocket-Protocol, in both roles (RFC 6455 §4.1 (10), §4.2.2 (5), §11.3.4).
 *
 * The rule of this file: what is a name is judged anew here, by a list of the characters of RFC 9110 §5.6.2.
 */
import { checkOpeningResponse } from '../../src/handshake/opening-response.ts';
import {
  checkSelectedSubprotocol,
  chooseSubprotocol,
  formatSubprotocols,
  parseSubprotocols,
} from '../../src/handshake/subprotocols.ts';
import type { Random } from '../random.ts';
import { demand, demandEqual, type FuzzTarget } from '../target.ts';

const names = [
  'chat',
  'superchat',
  'v1',
  'V1',
  'a!#$%&*',
  '__proto__',
  'constructor',
  "x'y",
  '',
  'two words',
];
const spaces = ['', '', ' ', '\t', ' \t ', '\xa0', '\r', '\n'] as const;
const separators = [',', ',', ',', ',', ',,', ';', ' '] as const;
const tokenCharacters = new Set(
  "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
);
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

function generateField(random: Random): string {
  const space = (): string => (random.once(20) ? random.pick(spaces) : random.pick(spaces.slice(0, 5)));
  let field = '';
  for (let count = 1 + random.below(5); count > 0; count -= 1) {
    const name = random.once(8) ? random.pick(names) : `${random.pick(names.slice(0, 8))}${random.below(40)}`;
    field += space() + name + space() + (count > 1 ? random.pick(separators) : '');
  }
  if (!random.once(8)) return field;
  const at = random.below(field.length + 1);
  return field.slice(0, at) + String.fromCharCode(random.below(256)) + field.slice(at + random.below(2));
}

function expectedOf(field: string): readonly string[] | undefined {
  const list = field.split(',').map((part) => part.replace(/^[ \t]+/, '').replace(/[ \t]+$/, ''));
  const valid = list.every((name) => name !== '' && [...name].every((one) => tokenCharacters.has(one)));
  return valid && new Set(list).size === list.length ? list : undefined;
}

/** Whether the call throws a TypeError; anything else that it throws goes on. */
function refuses(call: () => unknown): boolean {
  try {
    call();
    return false;
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}

/** What our client says to a 101 with this field, after it offered these names. */
function clientTakes(field: string, offered: readonly string[]): string | undefined {
  const fields = ['Upgrade', 'websocket', 'Connection', 'Upgrade', 'Sec-WebSocket-Accept', accept];
  const head = {
    httpVersion: '1.1',
    status: 101,
    statusText: '',
    rawHeaders: [...fields, 'Sec-WebSocket-Protocol', field],
  };
  const outcome = checkOpeningResponse(head, { accept, subprotocols: offered, offeredExtensions: [] });
  return outcome.ok ? outcome.response.subprotocol : undefined;
}

export const subprotocolsTarget: FuzzTarget = {
  name: 'subprotocols',
  property:
    'parse(print(x)) = x; the names of the grammar, each once; a choice is offered, and a client takes it',
  generate: (random) => Buffer.from(generateField(random), 'latin1'),
  check(input, random) {
    const field = Buffer.from(input).toString('latin1');
    const offered = parseSubprotocols(field);
    demandEqual(offered, expectedOf(field), 'read and expected');
    const raw = field.split(',');
    demand(
      refuses(() => formatSubprotocols(raw)) ===
        (expectedOf(raw.join()) === undefined || raw.some((one) => /[ \t]/.test(one))),
      'printing takes what reading refuses',
    );
    if (offered === undefined) return;
    demandEqual(parseSubprotocols(formatSubprotocols(offered)), offered, 'parse(print(x)) and x');
    const supported = [random.pick(names), random.pick(offered)];
    const chosen = chooseSubprotocol(offered, supported);
    demand(chosen !== undefined && offered.includes(chosen), 'nothing was chosen though one fits');
    demand(supported.includes(chosen), 'chosen without support');
    demand(!refuses(() => checkSelectedSubprotocol(chosen, offered)), 'the own choice was refused');
    demand(
      refuses(() => checkSelectedSubprotocol(`${chosen}x,`, offered)),
      'a foreign choice was taken',
    );
    demandEqual(clientTakes(chosen, offered), chosen, 'what a client takes and what was chosen');
    demand(clientTakes(`${chosen}x`, [chosen]) === undefined, 'a client takes what it did not offer');
    if (offered.length > 1) demand(clientTakes(field, offered) === undefined, 'a client takes a list');
  },
};
