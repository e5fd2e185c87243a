import { defaultEtcdDataDir } from '../../names.ts';
import type { Rule } from '../finding.ts';
import { times } from '../times.ts';

/** etcd ends with exit code 0 after this message of server/etcdserver/server.go, or because a peer answers 410. */
const removed = /the member has been permanently removed from the cluster/;

export const etcdRemoved: Rule = {
  name: 'etcd-member-removed',
  title: 'The member of etcd was removed from its cluster',
  proof:
    'etcd has ended, and its last messages report that the other members have removed this member for good. Its exit code is 0.',
  cure: 'Reset the node and let it join again. The data of the removed member cannot be used any more.',
  find: ({ components = [] }) => {
    const etcd = components.find(({ name }) => name === 'etcd');
    const run = etcd?.runs.at(-1);
    const line = run?.log.findLast((one) => removed.test(one));
    if (etcd === undefined || run === undefined || line === undefined || etcd.exits < 1) return [];
    return [
      {
        code: 'etcd',
        component: 'etcd',
        certainty: 'certain',
        exitCode: run.exitCode,
        summary: `etcd keeps ending (${times(etcd.exits)}, exit code ${run.exitCode}), because its member has been permanently removed from the cluster of etcd, and its data in ${dataDirOf(run.log)} cannot be used any more`,
        evidence: [line.slice(0, 300)],
        remedy: {
          kind: 'steps',
          text: 'Reset this node with `kubeadm reset`, which removes the data of etcd, and let it join again with `kubeadm join --control-plane`',
          commands: ['kubeadm reset'],
        },
        ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
      },
    ];
  },
};

function dataDirOf(log: readonly string[]): string {
  const named = log.map((line) => /"data-dir":"([^"]+)"/.exec(line)?.[1]).find((path) => path !== undefined);
  return named ?? defaultEtcdDataDir;
}
