/** What an etcd client promises: the members of a machine in memory, or of a real etcd. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { EtcdClient } from '../../src/clients/etcd/etcd-client.ts';
import { EtcdError } from '../../src/errors.ts';

/** `connect`: to a cluster of the voting member `first` and the learner, not yet started, at `learnerURL`. */
export function etcdContract(name: string, connect: () => Promise<EtcdClient>, learnerURL: string): void {
  describe(`etcd ${name}`, () => {
    let client: EtcdClient;
    beforeEach(async () => {
      client = await connect();
    });
    afterEach(() => client.close());

    test('members are listed with ids, names and URLs; one is removed once', async () => {
      const members = await client.memberList();
      expect(members).toHaveLength(2);
      const first = members.find(({ isLearner }) => !isLearner);
      const learner = members.find(({ isLearner }) => isLearner);
      expect(first).toMatchObject({ name: 'first', id: expect.stringMatching(/^[0-9a-f]+$/) });
      expect(first?.peerURLs).toHaveLength(1);
      expect(first?.clientURLs).toHaveLength(1);
      expect(learner).toMatchObject({ name: '', peerURLs: [learnerURL], clientURLs: [] });
      // Bun's `rejects` waits in an event loop of its own, which holds up HTTP/2.
      const refused = async (id: string): Promise<unknown> =>
        await client.memberRemove(id).catch((thrown: unknown) => thrown);
      const unknown = await refused('abcdef');
      expect(unknown).toBeInstanceOf(EtcdError);
      expect(unknown).toMatchObject({
        grpcCode: 'not_found',
        message: expect.stringContaining('member not found'),
      });
      const id = learner?.id ?? '';
      expect((await client.memberRemove(id)).map((member) => member.name)).toEqual(['first']);
      expect(await client.memberList()).toHaveLength(1);
      expect(await refused(id)).toMatchObject({ grpcCode: 'not_found' });
    });
  });
}
