import type { KubeClient } from '../../../clients/kube/kube-client.ts';
import { createOrUpdate, type RetryPolicy } from '../../../cluster/apply.ts';
import { bootstrapGrants } from '../../../cluster/bootstrap-grants.ts';
import { clusterInfoReader } from '../../../cluster/rbac.ts';
import { KubeadmError, messageOf } from '../../../errors.ts';
import { upgradeApi } from '../connect.ts';
import type { ApplyPhase } from '../input.ts';

/** Makes no token and does not change cluster-info. Source: cmd/phases/upgrade/apply/bootstraptoken.go. */
export const bootstrapToken: ApplyPhase = {
  name: 'bootstrap-token',
  short: 'Configures bootstrap token and cluster-info RBAC rules',
  flags: ['config', 'dry-run', 'kubeconfig'],
  run: async (input, host, context) => {
    const message = 'Configuring bootstrap token and cluster-info RBAC rules';
    context.emit({ type: 'progress', topic: 'upgrade/bootstrap-token', message });
    const { client, policy } = await upgradeApi(input, host, context);
    await grantAll(client, policy);
  },
};

/** An object that cannot be written does not keep the others from being written. */
async function grantAll(client: KubeClient, policy: RetryPolicy): Promise<void> {
  const objects = [...bootstrapGrants.flatMap((grant) => grant.objects), ...clusterInfoReader];
  const results = await Promise.allSettled(objects.map((object) => createOrUpdate(client, object, policy)));
  policy.signal?.throwIfAborted();
  const errors = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  if (errors.length === 0) return;
  const texts = [...new Set(errors.map(messageOf))];
  throw new KubeadmError('kube-api', texts.join('; '), { cause: errors[0] });
}
