// A peer that pings and never reads: pongs piled up without end (ws, commit ace7248).
import { expect } from 'vitest';
import { attack, clientFrame, memory, openWire } from './victim.ts';

// CVE-2026-109932 and CVE-2026-11586 are the same on clients.
attack(
  'a flood of pings by a peer that takes no pongs is answered with few of them',
  async ({ port, opened }) => {
    const wire = await openWire(port);
    wire.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => clientFrame(0x89, Buffer.alloc(125))));
    const before = await memory();
    for (let round = 0; round < 150; round += 1) {
      await new Promise<void>((resolve) => wire.socket.write(pings, () => resolve()));
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(opened[0]?.bufferedAmount).toBeLessThan(140_000);
    expect((await memory()) - before).toBeLessThan(1_048_576);
  },
);
