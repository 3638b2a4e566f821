// The session handlers of both framewright servers, written the way a README shows them.
import { receive } from './control.js';

const HIGH_WATER = 1 << 20;

/** @param {(message: string | Uint8Array) => unknown} prepare */
export function sessions(prepare) {
  const members = new Set();

  async function echo(connection) {
    for (;;) {
      const message = connection.tryRecv() ?? (await connection.recv());
      if (message === null) return;
      const accepted = connection.send(message);
      if (connection.bufferedAmount > HIGH_WATER) await accepted;
    }
  }

  async function receiveOnly(connection) {
    for (;;) {
      const message = connection.tryRecv() ?? (await connection.recv());
      if (message === null) return;
      receive(message);
    }
  }

  async function broadcast(connection) {
    members.add(connection);
    for await (const message of connection) {
      const frame = prepare(message);
      for (const member of members) void member.send(frame);
    }
    members.delete(connection);
  }

  async function fairness(connection) {
    for await (const message of connection) {
      if (typeof message === 'string') await connection.send(message);
      else receive(message);
    }
  }

  return { echo, receive: receiveOnly, broadcast, fairness };
}
