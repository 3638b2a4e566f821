import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { connectRemote, type Remote } from '../remote.ts';
import { compatibilityDates } from './support/dates.ts';
import { startWorkerd, type WorkerRuntime } from './support/workerd.ts';

describe.each(compatibilityDates)(
  'a Durable Object on workerd, compatibility date %s',
  (compatibilityDate) => {
    let runtime: WorkerRuntime;
    let rooms = 0;
    const remotes: Remote[] = [];

    beforeAll(async () => {
      runtime = await startWorkerd({
        entry: 'test/platform/workers/fixtures/durable-worker.ts',
        compatibilityDate,
        durableObjects: { ROOM: 'Room' },
      });
    });
    afterAll(() => runtime.stop());
    afterEach(() => {
      for (const remote of remotes.splice(0)) remote.terminate();
    });

    /** A room of its own for each test. */
    const newRoom = (): string => {
      rooms += 1;
      return `r${rooms}`;
    };

    async function join(
      room: string,
      user: string,
      { tags = '', subprotocols = [] as string[], kind = 'room' } = {},
    ) {
      const query = `user=${user}${tags === '' ? '' : `&tags=${tags}`}`;
      const remote = await connectRemote(`ws://${runtime.host}/${kind}/${room}?${query}`, subprotocols);
      remotes.push(remote);
      expect(await remote.next()).toBe(`welcome ${user}`);
      return {
        ...remote,
        async ask(command: string): Promise<unknown> {
          remote.send(command);
          return JSON.parse(String(await remote.next()));
        },
      };
    }

    const hibernate = async (): Promise<void> => {
      expect(await (await fetch(`http://${runtime.host}/evict`)).text()).toBe('evicted');
    };

    /**
     * Where the object closed first, the runtime sends its Close at once, but ends the TCP connection only when the
     * object sleeps, which it does by itself after ten seconds. A moment is for the peer's Close to come back.
     */
    async function endConnections(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, 50));
      await hibernate();
    }

    async function records(): Promise<{ closures: unknown[]; errors: unknown[] }> {
      const found = Object(await (await fetch(`http://${runtime.host}/closures`)).json());
      return { closures: found.closures, errors: found.errors };
    }

    /** The closures of this user, once there is one. */
    async function closuresOf(user: string): Promise<unknown[]> {
      for (let tries = 0; tries < 200; tries += 1) {
        const { closures } = await records();
        const own = closures.filter((closure) => JSON.stringify(closure).includes(`"user":"${user}"`));
        if (own.length > 0) return own;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return [];
    }

    it('runs an alarm with the sessions that were there', async () => {
      const alice = await join(newRoom(), 'alice', { subprotocols: ['v1'] });
      const { born } = Object(await alice.ask('session'));
      expect(await alice.ask('alarm 20')).toBe('set');
      expect(JSON.parse(String(await alice.next()))).toEqual({ born, members: [['alice', 'v1', []]] });
    });

    it('is woken by its alarm, with the sessions restored', async () => {
      const room = newRoom();
      const alice = await join(room, 'alice', { subprotocols: ['v1'] });
      const bob = await join(room, 'bob');
      const { born } = Object(await alice.ask('session'));
      await alice.ask('see cat');
      let woken = { born, members: [] };
      // On a busy machine the alarm may come before the eviction; then once more, with more time.
      for (let delay = 300; woken.born === born && delay < 6000; delay *= 2) {
        expect(await alice.ask(`alarm ${delay}`)).toBe('set');
        await hibernate();
        woken = JSON.parse(String(await alice.next()));
        expect(JSON.parse(String(await bob.next()))).toEqual(woken);
      }
      expect(woken.born).toBeGreaterThan(born);
      expect(new Map(woken.members.map(([user, ...rest]: [string, ...unknown[]]) => [user, rest]))).toEqual(
        new Map([
          ['alice', ['v1', [['cat', 1]]]],
          ['bob', [null, []]],
        ]),
      );
      expect(await alice.ask('session')).toMatchObject({ born: woken.born, size: 2 });
    });

    it('passes the original request on: query, subprotocols, and the object’s response', async () => {
      const alice = await join(newRoom(), 'alice', { subprotocols: ['v0', 'v1', 'v2'], tags: 'red,blue' });
      expect(alice.subprotocol).toBe('v1');
      expect(await alice.ask('session')).toMatchObject({
        user: 'alice',
        subprotocol: 'v1',
        tags: ['red', 'blue'],
        size: 1,
      });
      await expect(connectRemote(`ws://${runtime.host}/room/x`)).rejects.toThrow('401');
    });

    it('passes a rewritten request on, whose origin still is that of the page', async () => {
      const room = newRoom();
      const url = `ws://${runtime.host}/rewritten/${room}?user=carol`;
      const remote = await connectRemote(url, ['v2'], { origin: `http://${runtime.host}` });
      remotes.push(remote);
      expect(remote.subprotocol).toBe('v2');
      expect(await remote.next()).toBe('welcome carol');
      await expect(connectRemote(url, [], { origin: 'http://evil.example' })).rejects.toThrow('403');
    });

    it('answers requests that ask for no WebSocket', async () => {
      const room = newRoom();
      await join(room, 'dave');
      expect(await (await fetch(`http://${runtime.host}/room/${room}`)).text()).toBe(`/room/${room}: 1 here`);
    });

    it('gives binary as bytes', async () => {
      const alice = await join(newRoom(), 'alice');
      alice.send(new Uint8Array([1, 2, 255]));
      expect(await alice.next()).toEqual(new Uint8Array([2, 3, 0]));
    });

    it('keeps sessions through hibernation, with subprotocol, tags and rich values', async () => {
      const room = newRoom();
      const alice = await join(room, 'alice', { subprotocols: ['v2'], tags: 'red' });
      const bob = await join(room, 'bob', { subprotocols: ['v1'], tags: 'red,blue' });
      expect(await alice.ask('see cat')).toEqual([['cat', 1]]);
      const before = await alice.ask('session');
      await hibernate();
      const after = await alice.ask('session');
      expect(after).toMatchObject({
        user: 'alice',
        since: true,
        seen: [['cat', 1]],
        subprotocol: 'v2',
        tags: ['red'],
        size: 2,
      });
      expect(Number(Object(after).constructed)).toBeGreaterThan(Number(Object(before).constructed));
      expect(await bob.ask('session')).toMatchObject({
        user: 'bob',
        subprotocol: 'v1',
        tags: ['red', 'blue'],
      });
      expect(await alice.ask('see cat')).toEqual([['cat', 2]]);
      await hibernate();
      expect(await alice.ask('tagged blue')).toBe(0);
      expect(await bob.next()).toBe('for blue');
    });

    it('loses no message around an eviction', async () => {
      const alice = await join(newRoom(), 'alice');
      const answers: Promise<string | Uint8Array>[] = [];
      for (let round = 0; round < 5; round += 1) {
        const evicting = hibernate();
        for (let index = 0; index < 20; index += 1) {
          alice.send(`see ${round}`);
          answers.push(alice.next());
        }
        await evicting;
      }
      const last = (await Promise.all(answers)).at(-1);
      expect(JSON.parse(String(last))).toEqual([0, 1, 2, 3, 4].map((round) => [String(round), 20]));
    });

    it('answers the heartbeat without waking, and the Close after hibernation', async () => {
      const room = newRoom();
      const erin = await join(room, 'erin');
      const before = Object(await erin.ask('session')).constructed;
      await hibernate();
      erin.send('ping');
      expect(await erin.next()).toBe('pong');
      erin.close(3005, 'done');
      expect(await erin.ended).toEqual({ code: 3005, reason: 'done' });
      expect(await closuresOf('erin')).toEqual([
        { user: 'erin', code: 3005, reason: 'done', clean: true, by: 'peer' },
      ]);
      const late = await join(room, 'late');
      expect(await late.ask('session')).toMatchObject({ constructed: before + 1, size: 1 });
    });

    it('answers a Close without a code', async () => {
      const frank = await join(newRoom(), 'frank');
      frank.close();
      expect(await frank.ended).toEqual({ code: 1005, reason: '' });
      expect(await closuresOf('frank')).toEqual([
        { user: 'frank', code: 1005, reason: '', clean: true, by: 'peer' },
      ]);
    });

    it('reports a drop once, also when the object hibernates', async () => {
      const gina = await join(newRoom(), 'gina');
      await hibernate();
      gina.terminate();
      expect(await closuresOf('gina')).toEqual([
        { user: 'gina', code: 1006, reason: '', clean: false, by: 'transport' },
      ]);
    });

    it('reports a protocol error of the peer once', async () => {
      const harry = await join(newRoom(), 'harry');
      // A data frame with a reserved bit, and the Close that answers it: ws has no way to send the one, and shows the
      // other only once the connection has ended, for which the runtime takes ten seconds.
      const transport = Reflect.get(harry.socket, '_socket');
      const answer = new Promise<Buffer>((resolve) => transport.once('data', resolve));
      transport.write(Buffer.from([0xb1, 0x80, 0, 0, 0, 0]));
      expect((await answer).readUInt16BE(2)).toBe(1002);
      expect(await closuresOf('harry')).toEqual([
        { user: 'harry', code: 1002, reason: '', clean: false, by: 'us' },
      ]);
    });

    it('broadcasts by exception, tag and filter, and names the dead', async () => {
      const room = newRoom();
      const alice = await join(room, 'alice', { tags: 'red' });
      const bob = await join(room, 'bob', { tags: 'red,blue' });
      const ivan = await join(room, 'ivan', { tags: 'blue' });
      expect(await alice.ask('others hi')).toBe(0);
      expect(await Promise.all([bob.next(), ivan.next()])).toEqual(['hi', 'hi']);
      expect(await ivan.ask('tagged red')).toBe(0);
      expect(await Promise.all([alice.next(), bob.next()])).toEqual(['for red', 'for red']);
      expect(await ivan.ask('only bob')).toBe(0);
      expect(await bob.next()).toBe('for bob');
      bob.send('dead ivan');
      expect(await bob.next()).toBe('to the living');
      expect(await bob.next()).toBe('["ivan"]');
      expect(await alice.next()).toBe('to the living');
      await endConnections();
      expect(await ivan.ended).toEqual({ code: 4000, reason: 'dead' });
      expect(await closuresOf('ivan')).toEqual([
        { user: 'ivan', code: 4000, reason: 'dead', clean: true, by: 'us' },
      ]);
    });

    it('removes with a close and without a report; deletes without a close', async () => {
      const room = newRoom();
      const alice = await join(room, 'alice');
      const judy = await join(room, 'judy');
      expect(await alice.ask('kick judy')).toBe(true);
      await endConnections();
      expect(await judy.ended).toEqual({ code: 4003, reason: 'kicked' });
      const kim = await join(room, 'kim');
      expect(await alice.ask('forget kim')).toEqual([true, false, 1]);
      kim.send('session');
      await hibernate();
      expect(await alice.ask('session')).toMatchObject({ size: 1 });
      kim.close(3000);
      expect(await kim.ended).toMatchObject({ code: 3000 });
      const { closures } = await records();
      expect(closures.filter((closure) => /judy|kim/.test(JSON.stringify(closure)))).toEqual([]);
    });

    it('refuses a session that is too large for the attachment, before anything is lost', async () => {
      const alice = await join(newRoom(), 'alice');
      expect(await alice.ask('grow 16000')).toBe('grown');
      expect(await alice.ask('grow 16384')).toBe('RangeError');
      expect(await alice.ask('session')).toMatchObject({ padding: 16_000 });
      await hibernate();
      expect(await alice.ask('session')).toMatchObject({ padding: 16_000 });
      // Up to the last byte: what was kept is kept whole, what was refused changes nothing.
      let largest = 16_384;
      while ((await alice.ask(`grow ${largest}`)) === 'RangeError') largest -= 8;
      expect(largest).toBeGreaterThan(16_000);
      await hibernate();
      expect(await alice.ask('session')).toMatchObject({ padding: largest });
      expect(await alice.ask('grow 16000')).toBe('grown');
      await hibernate();
      expect(await alice.ask('session')).toMatchObject({ padding: 16_000 });
      expect(await alice.ask('persist 20000')).toBe('RangeError');
      await hibernate();
      expect(await alice.ask('session')).toMatchObject({ padding: 16_000 });
      expect(await alice.ask('persist 12')).toBe('kept');
      await hibernate();
      expect(await alice.ask('session')).toMatchObject({ padding: 12 });
      expect(await alice.ask('retag')).toEqual([]);
    });

    it('refuses more tags than the runtime takes, and the socket never joins', async () => {
      const room = newRoom();
      const tags = Array.from({ length: 11 }, (_, index) => `t${index}`).join(',');
      await expect(connectRemote(`ws://${runtime.host}/room/${room}?user=x&tags=${tags}`)).rejects.toThrow(
        '500',
      );
      const alice = await join(room, 'alice');
      expect(await alice.ask('session')).toMatchObject({ size: 1 });
    });

    it('handles the messages of a socket one after the other', async () => {
      const alice = await join(newRoom(), 'alice');
      alice.send('slow');
      expect(await alice.ask('see x')).toBe('slow');
      expect(JSON.parse(String(await alice.next()))).toEqual([['x', 1]]);
    });

    it('answers the messages before the Close that came behind them, also when that takes time', async () => {
      const alice = await join(newRoom(), 'alice');
      const before = (await records()).errors;
      for (const word of ['last', 'words']) alice.send(`late ${word}`);
      alice.close(3000, 'bye');
      expect([await alice.next(), await alice.next()]).toEqual(['last', 'words']);
      expect(await alice.ended).toEqual({ code: 3000, reason: 'bye' });
      expect(await closuresOf('alice')).toContainEqual({
        user: 'alice',
        code: 3000,
        reason: 'bye',
        clean: true,
        by: 'peer',
      });
      expect((await records()).errors).toEqual(before);
    });

    it('does not call it a fault of the handler that the peer was lost', async () => {
      const mia = await join(newRoom(), 'mia');
      const before = (await records()).errors;
      mia.send('late words');
      mia.terminate();
      expect(await closuresOf('mia')).toEqual([
        { user: 'mia', code: 1006, reason: '', clean: false, by: 'transport' },
      ]);
      expect((await records()).errors).toEqual(before);
    });

    it('closes with 1011 when the handler throws, and tells error', async () => {
      const room = newRoom();
      const alice = await join(room, 'alice');
      const leo = await join(room, 'leo');
      leo.send('throw');
      await endConnections();
      expect(await leo.ended).toEqual({ code: 1011, reason: 'internal error' });
      expect(await closuresOf('leo')).toEqual([
        { user: 'leo', code: 1011, reason: 'internal error', clean: true, by: 'us' },
      ]);
      expect((await records()).errors).toContain('Error: boom');
      expect(await alice.ask('session')).toMatchObject({ size: 1 });
    });
  },
);
