import type { KubeClient } from '../../../clients/kube/kube-client.ts';
import { hasReason } from '../../../cluster/apply.ts';
import { tokenId, tokenSecretRef } from '../../../cluster/tokens.ts';
import { tokenCluster, withTokenClient } from '../../../commands/token-cluster.ts';
import { tokenPattern } from '../../../config/validation/values.ts';
import { KubeApiError, KubeadmError, usageError } from '../../../errors.ts';
import { dryRunKube } from '../../../host/dry-run/kube.ts';
import { madeUp } from '../../../host/dry-run/made-up.ts';
import { command } from '../../command.ts';

const forms = '[a-z0-9]{6}.[a-z0-9]{16} or [a-z0-9]{6}';

/** The export is not called `delete`, which is a reserved word. */
export const deleteCommand = command({
  name: 'delete',
  argumentsHelp: '[token-value] ...',
  short: 'Delete bootstrap tokens of the cluster',
  long: 'Delete bootstrap tokens of the cluster, each named by its id or as the whole token.',
  inherits: ['dry-run', 'kubeconfig'],
  maximumArguments: Number.POSITIVE_INFINITY,
  run: async (invocation) => {
    const { emit, flags, host, output, signal } = invocation;
    const ids = invocation.arguments.map(idOf);
    if (ids.length === 0)
      throw usageError(`missing argument: which token? It is of the form ${forms}`, listHint);
    const cluster = await tokenCluster(host, flags.given.kubeconfig, emit);
    const connect = flags.value('dry-run')
      ? dryRunKube(host.kube, { madeUp: madeUp.token, emit })
      : host.kube;
    await withTokenClient(cluster, { connect, signal }, async (client) => {
      for (const [index, id] of ids.entries()) {
        signal.throwIfAborted();
        await deleteToken(client, id, ids.slice(index + 1));
        output.stdout(`bootstrap token "${id}" deleted\n`);
      }
    });
  },
});

const listHint = '"kubeadm token list" shows the tokens of the cluster.';

/** @throws KubeadmError `usage`; the message does not contain the word, which may be a secret with a typing error */
function idOf(word: string, index: number): string {
  if (/^[a-z0-9]{6}$/.test(word)) return word;
  if (tokenPattern.test(word)) return tokenId(word);
  throw usageError(
    `argument ${index + 1} is neither a token nor its id: it is not of the form ${forms}`,
    listHint,
  );
}

/** @param rest ids to delete afterwards, for the error */
async function deleteToken(client: KubeClient, id: string, rest: readonly string[]): Promise<void> {
  try {
    await client.delete(tokenSecretRef(id));
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error;
    const left = rest.length === 0 ? '' : `; not deleted either: ${rest.join(', ')}`;
    throw new KubeadmError(error.code, `failed to delete bootstrap token "${id}": ${error.message}${left}`, {
      cause: error,
      ...(hasReason(error, 'NotFound') ? { hint: listHint } : {}),
    });
  }
}
