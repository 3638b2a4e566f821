/**
 * An echo on AWS Lambda behind an API Gateway WebSocket API.
 *
 * Every message comes back; `close` ends the connection; `{"action":"info"}` goes to a route of its own.
 */
import { LambdaWebSocket } from 'framewright/lambda';

// Only the emulator of the tests needs these: on Lambda the event tells where the API is.
const options = process.env.MANAGEMENT_ENDPOINT ? { endpoint: process.env.MANAGEMENT_ENDPOINT } : {};

export const handler = LambdaWebSocket.handle(
  {
    connect(ws) {
      // A browser drops the connection when it offered subprotocols and got none: choose one, or refuse.
      const { subprotocols } = ws.event;
      if (subprotocols.length === 0 || subprotocols.includes('echo.v1')) return undefined;
      return ws.event.reject(400);
    },

    async message(ws) {
      if (ws.event.message === 'close') await ws.close();
      else await ws.send(ws.event.message);
    },

    routes: {
      async info(ws) {
        await ws.send(JSON.stringify(await ws.info()));
      },
    },

    disconnect(ws) {
      console.log('%s left: %d %s', ws.connectionId, ws.event.code, ws.event.reason);
    },
  },
  { subprotocols: ['echo.v1'], ...options },
);
