import { FileError, KubeadmError, messageOf } from '../../errors.ts';
import { type EtcdData, findEtcdData } from '../../etcd/data-dir.ts';
import { readLocalAdvertiseAddress, readLocalMember } from '../../etcd/local-member.ts';
import type { RecordedMember } from '../../etcd/own-member.ts';
import {
  type LeftMember,
  type NodeWithEtcd,
  removeEtcdMember as removeMember,
} from '../../etcd/remove-member.ts';
import type { Emit, KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import { manifestPath } from '../../names.ts';
import { changeResetRecord, type ResetRecord } from '../../run-record/record.ts';
import type { PhaseContext } from '../../workflow/phase.ts';
import { etcdDataSources, type ResetInput, type ResetPhase } from './input.ts';

const topic = 'reset';

/**
 * Removes this node's etcd member and deletes its data. If the member cannot be removed and other members are known, the
 * phase fails before it deletes anything, unless `force` is set, because the data and the certificates are needed to try
 * again. Source: cmd/phases/reset/removeetcdmember.go.
 */
export const removeEtcdMember: ResetPhase = {
  name: 'remove-etcd-member',
  short: 'Remove a local etcd member.',
  long: 'Remove a local etcd member for a control plane node.',
  flags: ['kubeconfig', 'dry-run'],
  run: async (input, host, context) => {
    const { emit, signal } = context;
    const data = await findData(input, host, emit);
    if (data === undefined && input.unfinished?.etcdMemberGone !== true && (await hasManifest(host))) {
      await removeFromCluster(input, host, context);
    }
    if (data === undefined || data.origin === 'external') {
      emit({ type: 'progress', topic, message: 'No etcd config found. Assuming external etcd' });
      emit({ type: 'progress', topic, message: 'Please, manually reset etcd to prevent further issues' });
      return;
    }
    if (data.origin === 'unknown' && !(await hasNothing(host, data.directory))) {
      warnOfKeptData(data.directory, emit);
      return;
    }
    if (data.origin === 'kubeadm' && input.unfinished?.etcdMemberGone !== true) {
      await removeFromCluster(input, host, context);
    }
    signal.throwIfAborted();
    const { directory, origin } = data;
    if (!(await emptyDataDir(host, directory, emit)) || origin !== 'kubeadm') return;
    await changeResetRecord(host, (record) => ({ ...record, emptiedEtcdDataDir: directory }), emit);
  },
};

/**
 * Returns undefined if the directory cannot be determined.
 *
 * @throws FileError if etcd.yaml exists and cannot be read, unless `force` is set: it names the member to remove
 */
async function findData(input: ResetInput, host: Host, emit: Emit): Promise<EtcdData | undefined> {
  if (input.cluster === undefined) {
    const message = 'no kubeadm config, using etcd pod spec to get data directory';
    emit({ type: 'warning', code: 'etcd-data-dir-from-manifest', topic, message });
  }
  return await findEtcdData(etcdDataSources(input), host).catch(async (error: unknown) => {
    if (!(error instanceof KubeadmError)) throw error;
    if (error instanceof FileError && !input.options.force && (await hasManifest(host))) throw error;
    const message = `no etcd data directory: ${messageOf(error)}`;
    emit({ type: 'detail', verbosity: 1, topic, message });
    return undefined;
  });
}

/** Whether etcd.yaml exists. A file that cannot be looked at counts as existing. */
async function hasManifest({ files }: Host): Promise<boolean> {
  return await files.stat(manifestPath('etcd')).then(
    (stat) => stat !== undefined,
    () => true,
  );
}

/** @throws KubeadmError `etcd` if the member is left and other members count it; the signal's reason */
async function removeFromCluster(
  input: ResetInput,
  host: Host,
  { emit, signal }: PhaseContext<KubeadmEvent>,
): Promise<void> {
  const node = await nodeOf(input, host);
  if (!(await canAskEtcd(node, host))) return;
  const onMember = async (etcdMember: RecordedMember): Promise<void> =>
    await changeResetRecord(host, (record) => ({ ...record, etcdMember }), emit);
  const { options, timeouts } = input;
  const context = { timeouts, emit, signal, topic, force: options.force, onMember };
  const removal = await removeMember(host, node, context);
  if (removal.result === 'left') reportLeft(removal, { keep: !options.force, emit });
  else await changeResetRecord(host, withoutMember, emit);
}

async function nodeOf(
  { certificatesDir, cluster, silentCluster, unfinished, unfinishedJoin }: ResetInput,
  host: Host,
): Promise<NodeWithEtcd> {
  return {
    cluster:
      cluster !== undefined
        ? { kubeconfig: cluster.kubeconfig, answers: true }
        : silentCluster && { kubeconfig: silentCluster, answers: false },
    advertiseAddress: cluster?.advertiseAddress ?? (await readLocalAdvertiseAddress(host)) ?? '',
    certificatesDir: cluster?.configuration.certificatesDir ?? certificatesDir,
    recorded: unfinished?.etcdMember ?? unfinishedJoin?.etcdMember,
  };
}

/** The endpoints of etcd come from the cluster, from the manifest of this node or from a run that was cut off. */
async function canAskEtcd({ cluster, recorded }: NodeWithEtcd, host: Host): Promise<boolean> {
  return cluster !== undefined || recorded !== undefined || (await readLocalMember(host)) !== undefined;
}

function withoutMember({ etcdMember: _, ...record }: ResetRecord): ResetRecord {
  return { ...record, etcdMemberGone: true };
}

/** @throws KubeadmError `etcd` if other members are known and the data must be kept */
function reportLeft(
  { why, id, others, unhealthy }: LeftMember,
  { keep, emit }: { readonly keep: boolean; readonly emit: Emit },
): void {
  const left = `the etcd member of this node could not be removed: ${why}`;
  const byHand =
    "remove it on another control plane node: 'etcdctl member list' shows its id, " +
    `'etcdctl member remove ${id ?? 'ID'}' removes it`;
  if (others.length > 0 && keep) {
    throw new KubeadmError('etcd', `${left}. The etcd data and all other files of this node are kept`, {
      hint:
        (unhealthy.length > 0
          ? repairHint(unhealthy)
          : `Other members count it as one of theirs (${others.join(', ')}). Run reset again when they answer, or ${byHand}. `) +
        "'kubeadm reset --force' deletes the data of this node all the same.",
      details: { others, ...(id === undefined ? {} : { memberId: id }) },
    });
  }
  const message =
    others.length > 0
      ? `${left}; the members that are left still count it (${others.join(', ')}): ${byHand}`
      : `${left}; if the cluster has other etcd members, ${byHand}`;
  emit({ type: 'warning', code: 'etcd-member-left', topic, message });
}

function repairHint(unhealthy: LeftMember['unhealthy']): string {
  const commands = unhealthy.map(
    ({ id, name }) => `'etcdctl member remove ${id}'${name === '' ? '' : ` (${name})`}`,
  );
  return (
    'Without it the cluster would stop. Start etcd on the nodes of the other members, or remove the members that do not ' +
    `come back: ${commands.join(', ')}. Then run reset again. `
  );
}

/** As upstream, a missing directory counts as one that can be emptied. */
async function hasNothing({ files }: Host, directory: string): Promise<boolean> {
  const names = await files.list(directory).catch(() => ['?']);
  return names === undefined || names.length === 0;
}

function warnOfKeptData(directory: string, emit: Emit): void {
  const message =
    `the contents of ${directory} are kept: this node has no etcd manifest of kubeadm, and nothing shows that ` +
    'kubeadm made them. If nobody needs them, delete them by hand';
  emit({ type: 'warning', code: 'etcd-data-kept', topic, message });
}

/** Returns whether the directory is empty. A missing directory is also reported as emptied, as upstream. */
async function emptyDataDir({ files }: Host, directory: string, emit: Emit): Promise<boolean> {
  try {
    if ((await files.list(directory))?.length === 0) return true;
    await files.removeContents(directory);
    emit({ type: 'etcd-data-deleted', directory });
    return true;
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    emit({
      type: 'warning',
      code: 'etcd-data-left',
      topic,
      message: `the contents of the etcd data directory ${directory} could not be deleted: ${messageOf(error)}`,
    });
    return false;
  }
}
