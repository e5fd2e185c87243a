import { KubeadmError, messageOf } from '../../errors.ts';
import { etcdDataDir } from '../../etcd/data-dir.ts';
import { removeEtcdMember as removeMember } from '../../etcd/remove-member.ts';
import type { Emit } from '../../events.ts';
import type { Host } from '../../host/host.ts';
import { RetryTimeout } from '../../lib/retry.ts';
import type { ResetInput, ResetPhase } from './input.ts';

const topic = 'reset';

/** Ends this node's part in a local etcd, and deletes its data. Source: cmd/phases/reset/removeetcdmember.go. */
export const removeEtcdMember: ResetPhase = {
  name: 'remove-etcd-member',
  short: 'Remove a local etcd member.',
  long: 'Remove a local etcd member for a control plane node.',
  flags: ['kubeconfig', 'dry-run'],
  run: async (input, host, { emit, signal }) => {
    const say = (message: string) => emit({ type: 'progress', topic, message });
    const dataDir = await findDataDir(input, host, emit).catch((error: unknown) => {
      emit({ type: 'detail', verbosity: 1, topic, message: `no etcd data directory: ${messageOf(error)}` });
      return undefined;
    });
    if (dataDir === undefined) {
      say('No etcd config found. Assuming external etcd');
      say('Please, manually reset etcd to prevent further issues');
      return;
    }
    // Members of an external etcd are not this node's.
    const cluster = input.cluster?.configuration.etcd.external === undefined ? input.cluster : undefined;
    if (input.options.dryRun) {
      const would = (message: string) => emit({ type: 'progress', topic: 'dryrun', message });
      if (cluster !== undefined) would('Would remove the etcd member on this node from the etcd cluster');
      would(`Would delete contents of the etcd data directory: ${dataDir}`);
      return;
    }
    if (cluster !== undefined) {
      try {
        await removeMember(host, cluster, { timeouts: input.timeouts, emit, signal });
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof KubeadmError || error instanceof RetryTimeout)) throw error;
        emit({
          type: 'warning',
          code: 'etcd-member-left',
          topic,
          message:
            `the etcd member of this node could not be removed: ${messageOf(error)}; where other members ` +
            "are left, please remove it with 'etcdctl member remove'",
        });
      }
    }
    signal.throwIfAborted();
    await emptyDataDir(host, dataDir, emit);
  },
};

async function findDataDir(input: ResetInput, host: Host, emit: Emit): Promise<string> {
  if (input.cluster?.configuration.etcd.local === undefined) {
    emit({
      type: 'warning',
      code: 'etcd-data-dir-from-manifest',
      topic,
      message: 'no kubeadm config, using etcd pod spec to get data directory',
    });
  }
  return await etcdDataDir(input, host);
}

/** A missing directory is said to be emptied too, as upstream. */
async function emptyDataDir({ files }: Host, directory: string, emit: Emit): Promise<void> {
  try {
    if ((await files.list(directory))?.length === 0) return;
    await files.removeContents(directory);
    emit({
      type: 'progress',
      topic,
      message: `Deleted contents of the etcd data directory: ${directory}`,
    });
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    emit({
      type: 'warning',
      code: 'etcd-data-left',
      topic,
      message: `the contents of the etcd data directory ${directory} could not be deleted: ${messageOf(error)}`,
    });
  }
}
