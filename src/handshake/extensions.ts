/**
 * The Sec-WebSocket-Extensions field, read and written.
 *
 * One rule: one index moves forward over the text, and nothing is looked at twice.
 * RFC 6455 §9.1: a quoted value must be a token once its backslashes are gone.
 */
import { isToken, isTokenCode, isWhitespaceCode } from './characters.ts';

/** One extension with its parameters, as an offer or an answer. */
export interface ExtensionOffer {
  readonly name: string;
  /** In header order; `undefined` for a parameter without a value. Duplicates are kept, so that they can be judged. */
  readonly parameters: readonly (readonly [name: string, value: string | undefined])[];
}

/** Reads the grammar's pieces; each method moves on only over what it takes. */
class Cursor {
  readonly #text: string;
  #index = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#index === this.#text.length;
  }

  skipWhitespace(): void {
    while (isWhitespaceCode(this.#text.charCodeAt(this.#index))) this.#index++;
  }

  take(character: string): boolean {
    const found = this.#text[this.#index] === character;
    if (found) this.#index++;
    return found;
  }

  /** The longest token from here; empty when there is none. */
  token(): string {
    const start = this.#index;
    while (isTokenCode(this.#text.charCodeAt(this.#index))) this.#index++;
    return this.#text.slice(start, this.#index);
  }

  /** What follows an opening quote, unescaped; undefined when it is no token or the closing quote is missing. */
  quotedToken(): string | undefined {
    let value = this.token();
    while (this.take('\\')) {
      const escaped = this.#text.charAt(this.#index++);
      // A backslash that escapes nothing, or a character that no token may have.
      if (!isToken(escaped)) return undefined;
      value += escaped + this.token();
    }
    return this.take('"') && value !== '' ? value : undefined;
  }
}

/** After `=`: a token, or a quoted string that is one. */
function parseValue(cursor: Cursor): string | undefined {
  if (cursor.take('"')) return cursor.quotedToken();
  const value = cursor.token();
  return value === '' ? undefined : value;
}

function parseExtension(cursor: Cursor): ExtensionOffer | undefined {
  cursor.skipWhitespace();
  const name = cursor.token();
  if (name === '') return undefined;
  const parameters: (readonly [string, string | undefined])[] = [];
  cursor.skipWhitespace();
  while (cursor.take(';')) {
    cursor.skipWhitespace();
    const parameter = cursor.token();
    if (parameter === '') return undefined;
    const hasValue = cursor.take('=');
    const value = hasValue ? parseValue(cursor) : undefined;
    if (hasValue && value === undefined) return undefined;
    parameters.push([parameter, value]);
    cursor.skipWhitespace();
  }
  return { name, parameters };
}

/** Parses the field; undefined for any error of syntax, an empty element included. */
export function parseExtensions(value: string): readonly ExtensionOffer[] | undefined {
  const cursor = new Cursor(value);
  const extensions: ExtensionOffer[] = [];
  do {
    const extension = parseExtension(cursor);
    if (extension === undefined) return undefined;
    extensions.push(extension);
  } while (cursor.take(','));
  return cursor.atEnd ? extensions : undefined;
}

function checkedToken(text: string): string {
  if (!isToken(text))
    throw new TypeError(`${JSON.stringify(text)} is not a token, so no extension can have it`);
  return text;
}

function formatParameter([name, value]: readonly [string, string | undefined]): string {
  return value === undefined ? checkedToken(name) : `${checkedToken(name)}=${checkedToken(value)}`;
}

/**
 * Writes the field, values unquoted.
 *
 * @throws TypeError when a name or a value is no token
 */
export function formatExtensions(list: readonly ExtensionOffer[]): string {
  return list
    .map(({ name, parameters }) => [checkedToken(name), ...parameters.map(formatParameter)].join('; '))
    .join(', ');
}
