/**
 * Header fields by name.
 *
 * One rule: text of a peer is never the key of a plain object, and repeated fields stay apart until they are judged.
 * RFC 9110 §5.1 (names are case-insensitive), §5.3 (joining).
 */
import { isAscii } from './characters.ts';

/** Lower-case name to its values, in order. */
export type Fields = ReadonlyMap<string, readonly string[]>;

/** Groups name, value, name, value … by lower-case name. */
export function collectFields(rawHeaders: readonly string[]): Fields {
  const fields = new Map<string, string[]>();
  let values: string[] = [];
  for (const [index, text] of rawHeaders.entries()) {
    if (index % 2 === 1) {
      values.push(text);
      continue;
    }
    const name = text.toLowerCase();
    values = fields.get(name) ?? [];
    fields.set(name, values);
  }
  return fields;
}

/** All values of a field as one list; undefined when the field is absent. */
export function joinedField(fields: Fields, name: string): string | undefined {
  return fields.get(name)?.join(', ');
}

/** The value of a field that stands there exactly once; undefined when it is absent or repeated. */
export function singleField(fields: Fields, name: string): string | undefined {
  const values = fields.get(name);
  return values?.length === 1 ? values[0] : undefined;
}

/** The view for an application: lower-case names, repeated fields joined by a comma (cookies by a semicolon). */
export function joinFields(fields: Fields): ReadonlyMap<string, string> {
  const joined = new Map<string, string>();
  // RFC 6265 §5.4: a cookie string knows no comma list.
  for (const [name, values] of fields) joined.set(name, values.join(name === 'cookie' ? '; ' : ', '));
  return joined;
}

/** Whether a `Sec-WebSocket-*` field holds anything above 0x7F: none of their grammars has a place for it. */
export function hasOpaqueHandshakeField(fields: Fields): boolean {
  for (const [name, values] of fields) {
    if (name.startsWith('sec-websocket-') && !values.every(isAscii)) return true;
  }
  return false;
}
