/**
 * The flaws a peer of the tests can have, and the ones that show in its opening handshake.
 *
 * Rule: a flaw is named by what the peer does wrong, so that a test reads as a sentence.
 */
import { field, type Head } from '../../autobahn/wire/head.ts';

export type Flaw =
  | 'drops messages over 125 octets'
  | 'sends long lengths for short frames'
  | 'masks its frames'
  | 'never pongs'
  | 'pongs with another payload'
  | 'answers unsolicited pongs'
  | 'ignores RSV bits'
  | 'ignores reserved opcodes'
  | 'accepts fragmented control frames'
  | 'accepts long control frames'
  | 'delivers fragments as messages'
  | 'answers pings after the message'
  | 'accepts stray continuations'
  | 'does not check UTF-8'
  | 'checks UTF-8 at the end only'
  | 'does not echo the Close'
  | 'echoes a wrong close code'
  | 'accepts any close code'
  | 'answers a Close of one octet with 1000'
  | 'pongs after the Close'
  | 'drops TCP at a Close'
  | 'leaves TCP open after the Close'
  | 'fails with 1000'
  | 'loses an octet of long messages'
  | 'echoes text as binary'
  | 'uses a larger window than agreed'
  | 'keeps its context though it promised not to'
  | 'loses an octet of compressed messages'
  | 'answers with an unknown deflate parameter'
  | 'never compresses its handshake'
  | 'ignores truncated deflate data'
  | 'accepts any key'
  | 'accepts any version'
  | 'accepts unmasked frames'
  | 'accepts long lengths for short frames'
  | 'takes bad deflate offers';

export function agreeDeflate(head: Head, flaw: Flaw | null): { text: string; windowBits: number } | null {
  const offer = field(head, 'sec-websocket-extensions');
  if (
    offer === undefined ||
    !offer.startsWith('permessage-deflate') ||
    flaw === 'never compresses its handshake'
  )
    return null;
  if (flaw !== 'takes bad deflate offers' && /x_unknown|bits=(16|7|0)/.test(offer)) return null;
  const bits = /server_max_window_bits=(\d+)/.exec(offer)?.[1];
  const windowBits = bits === undefined ? 15 : Number(bits);
  const parts = ['permessage-deflate', 'server_no_context_takeover', 'client_no_context_takeover'];
  if (bits !== undefined) parts.push(`server_max_window_bits=${bits}`);
  if (flaw === 'answers with an unknown deflate parameter') parts.push('x_unknown=1');
  return { text: parts.join('; '), windowBits };
}

export function refusal(head: Head, flaw: Flaw | null): string | null {
  const key = field(head, 'sec-websocket-key');
  if (!head.startLine.startsWith('GET ')) return '405 Method Not Allowed';
  if (flaw !== 'accepts any key' && !/^[A-Za-z0-9+/]{22}==$/.test(key ?? '')) return '400 Bad Request';
  if (head.fields.get('sec-websocket-version')?.length !== 1 && flaw !== 'accepts any version')
    return '400 Bad Request';
  if (flaw !== 'accepts any version' && field(head, 'sec-websocket-version') !== '13')
    return '426 Upgrade Required';
  return null;
}
