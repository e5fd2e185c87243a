import { createOrUpdate } from '../../cluster/apply.ts';
import { bootstrapGrants } from '../../cluster/bootstrap-grants.ts';
import { clusterInfo } from '../../cluster/cluster-info.ts';
import { currentCluster } from '../../cluster/join-command.ts';
import { clusterInfoReader } from '../../cluster/rbac.ts';
import { applyTokens, tokenId } from '../../cluster/tokens.ts';
import { clusterInfoConfigMap } from '../../names.ts';
import { initApi } from './api.ts';
import type { InitPhase } from './input.ts';

/** Creates the bootstrap tokens and everything that a node needs to join with one. */
export const bootstrapToken: InitPhase = {
  name: 'bootstrap-token',
  aliases: ['bootstraptoken'],
  short: 'Make bootstrap tokens and all that nodes need to join with them',
  flags: ['config', 'dry-run', 'kubeconfig', 'skip-token-print'],
  run: async (input, host, context) => {
    const say = (message: string): void =>
      context.emit({ type: 'progress', topic: 'bootstrap-token', message });
    const tokens = input.init.bootstrapTokens;
    if (!input.options.skipTokenPrint) {
      // Reports only the id. The secret is in the join command, which is the result that the user wants.
      for (const { token } of tokens) context.emit({ type: 'bootstrap-token-in-use', id: tokenId(token) });
    }
    say('Configuring bootstrap tokens, cluster-info ConfigMap, RBAC Roles');
    const cluster = await currentCluster(host, input.paths.kubeconfig);
    const { client, policy } = await initApi(input, host, context);
    await applyTokens(client, tokens, host.clock.now(), policy);
    for (const { message, objects } of bootstrapGrants) {
      for (const object of objects) await createOrUpdate(client, object, policy);
      say(message);
    }
    say(`Creating the "${clusterInfoConfigMap}" ConfigMap in the "kube-public" namespace`);
    for (const object of [clusterInfo(cluster), ...clusterInfoReader]) {
      await createOrUpdate(client, object, policy);
    }
  },
};
