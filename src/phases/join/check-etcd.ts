import { checkEtcdHealth } from '../../etcd/check-health.ts';
import type { JoinPhase } from './input.ts';

const topic = 'check-etcd';

/** Source: cmd/phases/join/checketcd.go. */
export const checkEtcd: JoinPhase = {
  name: topic,
  short: 'Check that etcd is healthy',
  hidden: true,
  selectable: true,
  run: async ({ join }, host, context) => {
    if (join.controlPlane === undefined) return;
    const { emit, scope, signal } = context;
    const { certificatesDir, etcd } = (await scope.cluster(context)).cluster;
    if (etcd.external !== undefined) {
      emit({ type: 'progress', topic, message: 'Skipping etcd check in external mode' });
      return;
    }
    const client = await scope.client(context);
    const { timeouts } = join;
    await checkEtcdHealth(host, { client, certificatesDir }, { timeouts, emit, signal, topic });
  },
};
