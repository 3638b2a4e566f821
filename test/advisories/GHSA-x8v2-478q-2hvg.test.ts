// A client inflated 2 MiB into 2 GiB (AsyncHttpClient). The same on clients: CVE-2026-1526, CVE-2026-15709.
import { constants, deflateRawSync } from 'node:zlib';
import { expect } from 'vitest';
import { opensWith, trap } from './trap.ts';
import { memory } from './victim.ts';

const zeros = deflateRawSync(Buffer.alloc(134_217_728), { finishFlush: constants.Z_SYNC_FLUSH });
const bomb = zeros.subarray(0, zeros.length - 4);
const header = Buffer.alloc(10);
header[0] = 0xc2;
header[1] = 127;
header.writeBigUInt64BE(BigInt(bomb.length), 2);
trap(
  '128 MiB of zeros from a server are stopped at the limit',
  opensWith(Buffer.concat([header, bomb]), 'Sec-WebSocket-Extensions: permessage-deflate'),
  async ({ open }) => {
    const before = await memory();
    const from = process.memoryUsage().external;
    let most = from;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().external);
    }, 1);
    const connection = await open({ perMessageDeflate: true, closeTimeout: 200 });
    expect(await connection.recv()).toBe(null);
    expect(await connection.closed).toMatchObject({ code: 1009, by: 'us' });
    clearInterval(watch);
    expect(most - from).toBeLessThan(33_554_432);
    expect((await memory()) - before).toBeLessThan(4_194_304);
  },
);
