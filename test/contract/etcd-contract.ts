/** The contract of an etcd client, for the members of a machine in memory and for a real etcd. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { isNotInSync } from '../../src/clients/etcd/answers.ts';
import type { EtcdClient } from '../../src/clients/etcd/etcd-client.ts';
import { EtcdError } from '../../src/errors.ts';

export interface EtcdSubject {
  /** Connects to a cluster whose only voting member is `first`. */
  readonly connect: () => Promise<EtcdClient>;
  /** Starts the member that was added with this peer URL. */
  readonly startMember: (name: string, peerURL: string) => Promise<void>;
  /** Unused peer URLs. */
  readonly peerURLs: readonly [string, string];
}

/** Bun's `rejects` runs its own event loop while it waits, which blocks HTTP/2. */
const thrown = async (call: Promise<unknown>): Promise<unknown> =>
  await call.catch((error: unknown) => error);

async function untilPromoted(client: EtcdClient, id: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    try {
      await client.memberPromote(id);
      return;
    } catch (error) {
      if (!isNotInSync(error) || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

export function etcdContract(name: string, { connect, startMember, peerURLs }: EtcdSubject): void {
  const [peerURL, otherURL] = peerURLs;
  describe(`etcd ${name}`, () => {
    let client: EtcdClient;
    beforeEach(async () => {
      client = await connect();
    });
    afterEach(() => client.close());

    test('a learner is added once, is listed without a name, and is removed once', async () => {
      const added = await client.memberAddAsLearner(peerURL);
      expect(added).toMatchObject({ name: '', peerURLs: [peerURL], clientURLs: [], isLearner: true });
      expect(await client.memberAddAsLearner(peerURL)).toEqual(added);
      const members = await client.memberList();
      expect(members).toHaveLength(2);
      const first = members.find(({ isLearner }) => !isLearner);
      expect(first).toMatchObject({ name: 'first', id: expect.stringMatching(/^[0-9a-f]+$/) });
      expect(first?.peerURLs).toHaveLength(1);
      expect(first?.clientURLs).toHaveLength(1);
      expect(await client.memberList({ linearizable: false })).toEqual(members);
      expect(isNotInSync(await thrown(client.memberPromote(added.id)))).toBe(true);
      const unknown = await thrown(client.memberRemove('abcdef'));
      expect(unknown).toBeInstanceOf(EtcdError);
      const { answer, grpcCode } = unknown as EtcdError;
      expect([grpcCode, answer]).toEqual(['not_found', 'etcdserver: member not found']);
      expect((await client.memberRemove(added.id)).map((member) => member.name)).toEqual(['first']);
      expect(await client.memberList()).toHaveLength(1);
      expect(await thrown(client.memberRemove(added.id))).toMatchObject({ grpcCode: 'not_found' });
    });

    test('the status of an endpoint names its member, version and leader', async () => {
      const [endpoint = ''] = await client.sync();
      const [first] = await client.memberList();
      expect(await client.status(endpoint)).toEqual({
        memberId: first?.id,
        version: expect.stringMatching(/^3\.\d+\.\d+$/),
        leader: first?.id,
        isLearner: false,
        errors: [],
      });
      expect(await thrown(client.status('https://127.0.0.1:1'))).toBeInstanceOf(EtcdError);
    });

    test('a started learner is promoted, and is an endpoint after that', async () => {
      expect(await client.sync()).toHaveLength(1);
      const { id } = await client.memberAddAsLearner(otherURL);
      await startMember('second', otherURL);
      expect(await client.sync()).toHaveLength(1);
      await untilPromoted(client, id);
      await client.memberPromote(id);
      const members = await client.memberList();
      expect(members.find((member) => member.id === id)).toMatchObject({ name: 'second', isLearner: false });
      expect(await client.sync()).toHaveLength(2);
      expect(client.endpoints()).toHaveLength(2);
    });
  });
}
