/**
 * Where a server under test is, and how to reach it.
 *
 * Rule: plain sockets from node:net and node:tls; nothing here speaks WebSocket.
 */
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { patience } from './wire/patience.ts';

export interface ServerTarget {
  readonly url: string;
  readonly hostname: string;
  readonly port: number;
  /** As the Host field names it. */
  readonly host: string;
  readonly path: string;
  readonly secure: boolean;
  /** Accept any certificate. */
  readonly insecure: boolean;
}

/** @throws TypeError when the text is no ws: or wss: URL. */
export function parseTarget(text: string, insecure = false): ServerTarget {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'ws:' && url.protocol !== 'wss:')) {
    throw new TypeError(`not a ws: or wss: URL: ${text}`);
  }
  const secure = url.protocol === 'wss:';
  return {
    url: text,
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    host: url.host,
    path: url.pathname + url.search,
    secure,
    insecure,
  };
}

/** Resolves with a connected socket. Rejects when there is no connection within `ms`. */
export function dial(target: ServerTarget, ms: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = target;
    const where = { host: hostname, port };
    const socket: Socket = target.secure
      ? connectTls({ ...where, servername: hostname, rejectUnauthorized: !target.insecure })
      : connectTcp(where);
    const stopWaiting = patience(ms, () => fail(new Error(`no connection within ${ms} ms`)));
    const fail = (error: Error): void => {
      stopWaiting();
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once(target.secure ? 'secureConnect' : 'connect', () => {
      stopWaiting();
      socket.off('error', fail);
      resolve(socket);
    });
  });
}
