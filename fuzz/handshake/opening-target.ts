/**
 * An opening handshake as an application asks for it, printed and read by the other side (RFC 6455 §4).
 *
 * The rule of this file: text of the application's is refused with a TypeError, or stands in the head as itself. It
 * never becomes another field, another line, or a second message.
 */
import { formatOpeningRequest, formatOpeningResponse } from '../../src/handshake/format-opening.ts';
import { checkOpeningRequest } from '../../src/handshake/opening-request.ts';
import { checkOpeningResponse } from '../../src/handshake/opening-response.ts';
import { RequestHeadParser } from '../../src/handshake/request-head.ts';
import { ResponseHeadParser } from '../../src/handshake/response-head.ts';
import type { Random } from '../random.ts';
import { demand, demandEqual, type FuzzTarget } from '../target.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';
const wide = { maxHeadSize: 65_536, maxFields: 200, maxRequestLine: 65_536 };

/** One of each: host, target, origin, name, value, subprotocol, extension, parameter, its value. */
const good = [
  ['example.com', 'localhost:8080', '[::1]:80', 'a.b-c'],
  ['/', '/chat?x=%20', '//x/y', '/a;b=c'],
  ['http://example.com', 'null'],
  ['X-A', 'Cookie', 'Authorization', 'x'],
  ['1', '', 'a, b', 'caf\xe9', '  padded  ', '"quoted"'],
  ['chat', 'v1'],
  ['permessage-deflate', 'x-y'],
  ['client_max_window_bits', 'q'],
  ['8', '15', 'a b', '"', '\\', ''],
] as const;
const bad = [
  '\r\n',
  '\n',
  '\r',
  '\0',
  '\x7f',
  '\r\n\r\n',
  'a\r\nSec-WebSocket-Key: x',
  '\u0100',
  '\u{1f600}',
  '\ud800',
  ' ',
  ':',
  ',',
  '#',
  'Host',
  'content-length',
  'TRANSFER-ENCODING',
  'Sec-WebSocket-Protocol',
] as const;

/** The nine texts, each mostly right, joined by a character that none of them has. */
const separator = '\u{e000}';

function generateParts(random: Random): Uint8Array {
  const texts = good.map((list) => {
    const text = random.pick<string>(list);
    if (!random.once(12)) return text;
    const at = random.below(text.length + 1);
    return text.slice(0, at) + random.pick(bad) + text.slice(at);
  });
  return Buffer.from(texts.join(separator), 'utf16le');
}

/** What was printed, or undefined when the parts were refused. @throws whatever else was thrown */
function printed(print: () => string): Uint8Array | undefined {
  try {
    const text = print();
    demand(/^[\0-\xff]*$/.test(text), 'a head holds more than latin-1');
    return Buffer.from(text, 'latin1');
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

export const openingTarget: FuzzTarget = {
  name: 'opening',
  property: 'parts are refused with a TypeError, or read by the other side as what they were, in both roles',
  generate: generateParts,
  check(input) {
    const texts = Buffer.from(input).toString('utf16le').split(separator);
    const [host = '', target = '', origin, name = '', value = '', subprotocol = '', extension = ''] = texts;
    const [parameter = '', setting] = texts.slice(7);
    const extensions = [{ name: extension, parameters: [[parameter, setting]] as const }];
    const headers = [[name, value]] as const;
    const request = { host, target, key, origin, subprotocols: [subprotocol], extensions, headers };
    const asked = printed(() => formatOpeningRequest(request));
    if (asked !== undefined) {
      const read = new RequestHeadParser(wide).push(asked);
      demand(read.state === 'done' && read.end === asked.length, 'the request is not one head');
      demandEqual(read.head.rawHeaders.length, 18, 'fields of the request');
      const judged = checkOpeningRequest(read.head);
      demand(judged.ok, () => `the own request is refused: ${JSON.stringify(judged)}`);
      const { request: got } = judged;
      demandEqual(
        [got.host, got.target, got.key, got.origin, got.subprotocols, got.extensions],
        [host, target, key, origin?.replace(/^[ \t]+|[ \t]+$/g, ''), [subprotocol], extensions],
        'read and asked for',
      );
      demandEqual(got.headers.get(name.toLowerCase()), value.replace(/^[ \t]+|[ \t]+$/g, ''), 'the field');
    }
    const answer = { accept, subprotocol, extensions, headers };
    const answered = printed(() => formatOpeningResponse(answer));
    if (answered === undefined) return;
    const read = new ResponseHeadParser(wide).push(answered);
    demand(read.state === 'done' && read.end === answered.length, 'the response is not one head');
    demandEqual(read.head.rawHeaders.length, 12, 'fields of the response');
    const judged = checkOpeningResponse(read.head, {
      accept,
      subprotocols: [subprotocol],
      offeredExtensions: extensions,
    });
    demand(judged.ok, () => `the own response is refused: ${JSON.stringify(judged)}`);
    demandEqual(
      [judged.response.subprotocol, judged.response.extensions],
      [subprotocol, extensions],
      'read and answered',
    );
  },
};
