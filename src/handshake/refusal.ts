/**
 * A server's refusal of an opening handshake, as a value and as bytes.
 *
 * One rule: a refusal is a complete HTTP/1.1 response that ends the connection, and its body is plain text.
 * RFC 6455 §4.2.2, RFC 9110 §15, RFC 9112 §4, §9.6.
 */
import { checkRefusalHeaders } from './extra-headers.ts';

export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** One plain ASCII sentence; the body. */
  readonly message: string;
  /** What this status owes the client, such as `Allow` or `Sec-WebSocket-Version`. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export const reasonPhrases: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [201, 'Created'],
  [202, 'Accepted'],
  [300, 'Multiple Choices'],
  [301, 'Moved Permanently'],
  [302, 'Found'],
  [303, 'See Other'],
  [307, 'Temporary Redirect'],
  [308, 'Permanent Redirect'],
  [400, 'Bad Request'],
  [401, 'Unauthorized'],
  [402, 'Payment Required'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [406, 'Not Acceptable'],
  [407, 'Proxy Authentication Required'],
  [408, 'Request Timeout'],
  [409, 'Conflict'],
  [410, 'Gone'],
  [411, 'Length Required'],
  [412, 'Precondition Failed'],
  [413, 'Content Too Large'],
  [414, 'URI Too Long'],
  [415, 'Unsupported Media Type'],
  [416, 'Range Not Satisfiable'],
  [417, 'Expectation Failed'],
  [421, 'Misdirected Request'],
  [422, 'Unprocessable Content'],
  [425, 'Too Early'],
  [426, 'Upgrade Required'],
  [428, 'Precondition Required'],
  [429, 'Too Many Requests'],
  [431, 'Request Header Fields Too Large'],
  [451, 'Unavailable For Legal Reasons'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [504, 'Gateway Timeout'],
  [505, 'HTTP Version Not Supported'],
]);

/** The reason phrase for a status line; `Unknown` for a status that is not registered. */
export function reasonPhrase(status: number): string {
  return reasonPhrases.get(status) ?? 'Unknown';
}

/** Whether the status can be a refusal: final, and with a body (RFC 9110 §6.4.1, §15). */
export function isRefusalStatus(status: number): boolean {
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return Number.isInteger(status) && status >= 200 && status <= 599 && hasBody;
}

export interface RefusalParts {
  /** 200 to 599, but not 204, 205 or 304, which have no body. */
  readonly status: number;
  /** The body, any text. Default: the reason phrase. */
  readonly message?: string | undefined;
  /** Further fields. A `Content-Type` replaces `text/plain; charset=utf-8`. */
  readonly headers?: Iterable<readonly [name: string, value: string]> | undefined;
}

/**
 * The whole response: status line, fields, body. The connection is to be ended after it.
 *
 * @throws RangeError for a status that cannot be a refusal
 * @throws TypeError for headers that cannot be written, or that frame the message
 */
export function formatRefusal(refusal: RefusalParts): Uint8Array {
  const { status } = refusal;
  if (!isRefusalStatus(status))
    throw new RangeError(`${String(status)} is not the status of a refusal with a body`);
  const headers = [...(refusal.headers ?? [])];
  checkRefusalHeaders(headers);
  const body = new TextEncoder().encode(refusal.message ?? reasonPhrase(status));
  const fields: (readonly [string, string])[] = [
    ['Connection', 'close'],
    ['Content-Length', String(body.length)],
  ];
  if (!headers.some(([name]) => name.toLowerCase() === 'content-type')) {
    fields.push(['Content-Type', 'text/plain; charset=utf-8']);
  }
  const lines = [...fields, ...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${lines.join('')}\r\n`;
  const bytes = new Uint8Array(head.length + body.length);
  for (let index = 0; index < head.length; index++) bytes[index] = head.charCodeAt(index);
  bytes.set(body, head.length);
  return bytes;
}
