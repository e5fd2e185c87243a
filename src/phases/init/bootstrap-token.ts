import { createOrUpdate, retryApiCall } from '../../cluster/apply.ts';
import { bootstrapGrants } from '../../cluster/bootstrap-grants.ts';
import { clusterInfo } from '../../cluster/cluster-info.ts';
import { currentCluster } from '../../cluster/join-command.ts';
import { clusterInfoReader } from '../../cluster/rbac.ts';
import { applyTokens, tokenId } from '../../cluster/tokens.ts';
import { clusterInfoRef, kubeconfigTextOf } from '../../discovery/cluster-info.ts';
import { detachedSignature } from '../../discovery/jws.ts';
import { clusterInfoConfigMap, signatureKeyPrefix } from '../../names.ts';
import { initApi } from './api.ts';
import type { InitPhase } from './input.ts';

/**
 * Signs cluster-info with the tokens, as the controller manager does when it has its lease, so that nodes can join at once.
 * The controller manager finds its own signatures, and leaves them. A dry run shows the objects of upstream.
 */
const sign: InitPhase = {
  name: 'sign',
  short: `Sign the ConfigMap ${clusterInfoConfigMap} with the bootstrap tokens`,
  hidden: true,
  inDryRun: 'skip',
  run: async (input, host, context) => {
    const tokens = input.init.bootstrapTokens.filter(({ usages }) => usages.includes('signing'));
    if (tokens.length === 0) return;
    const text = kubeconfigTextOf(clusterInfo(await currentCluster(host, input.paths.kubeconfig)));
    const signatures = tokens.map(({ token }) => [
      `${signatureKeyPrefix}${tokenId(token)}`,
      detachedSignature(text, token),
    ]);
    const { client, policy } = await initApi(input, host, context);
    const patch = { data: Object.fromEntries(signatures) };
    await retryApiCall(`ConfigMap ${clusterInfoConfigMap} to be signed`, policy, async () => {
      await client.patch(clusterInfoRef, 'merge', patch, { signal: context.signal });
    });
  },
};

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
  children: [sign],
};
