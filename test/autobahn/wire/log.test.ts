import { describe, expect, it } from 'vitest';
import { WireLog } from '../../../autobahn/wire/log.ts';

const octets = (text: string): Buffer => Buffer.from(text, 'hex');

describe('the wire log', () => {
  it('tells a run of tiny writes as one, and counts them', () => {
    const log = new WireLog();
    for (const one of ['47', '45', '54']) log.sent(octets(one));
    log.received(octets('48'));
    log.sent(octets('20'));
    expect(log.entries).toMatchObject([
      { kind: 'sent', text: '474554', size: 3, writes: 3 },
      { kind: 'received', text: '48', size: 1 },
      { kind: 'sent', text: '20', size: 1 },
    ]);
    expect(log.octetsSent).toBe(4);
  });

  it('keeps larger writes apart', () => {
    const log = new WireLog();
    log.sent(octets('0102030405'));
    log.sent(octets('06'));
    log.sent(octets('0102030405'));
    expect(log.entries.map(({ size }) => size)).toEqual([5, 1, 5]);
  });

  it('is bounded: it counts what it does not keep, but keeps every Close and note', () => {
    const log = new WireLog();
    for (let i = 0; i < 500; i++) log.received(Buffer.alloc(1000));
    log.frameSent({ opcode: 8, payload: octets('03e8') });
    log.note('TCP ended');
    expect(log.dropped).toBe(380);
    expect(log.octetsReceived).toBe(500_000);
    expect(log.entries.slice(-2)).toMatchObject([
      { kind: 'frame-sent', text: '03e8' },
      { kind: 'note', text: 'TCP ended' },
    ]);
    expect(log.entries[0]?.text).toHaveLength(512);
  });
});
