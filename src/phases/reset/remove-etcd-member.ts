import { KubeadmError, messageOf } from '../../errors.ts';
import { findEtcdData } from '../../etcd/data-dir.ts';
import { readLocalMember } from '../../etcd/local-member.ts';
import {
  type MemberRemoval,
  type RecordedMember,
  removeEtcdMember as removeMember,
} from '../../etcd/remove-member.ts';
import type { Emit, KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import { changeResetRecord, type ResetRecord } from '../../run-record/record.ts';
import type { PhaseContext } from '../../workflow/phase.ts';
import { etcdDataSources, type ResetInput, type ResetPhase } from './input.ts';

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
    const say = (message: string) => emit({ type: 'progress', topic: 'reset', message });
    if (input.cluster === undefined) {
      const message = 'no kubeadm config, using etcd pod spec to get data directory';
      emit({ type: 'warning', code: 'etcd-data-dir-from-manifest', topic: 'reset', message });
    }
    const data = await findEtcdData(etcdDataSources(input), host).catch((error: unknown) => {
      emit({
        type: 'detail',
        verbosity: 1,
        topic: 'reset',
        message: `no etcd data directory: ${messageOf(error)}`,
      });
      return undefined;
    });
    if (data === undefined || data.origin === 'external') {
      say('No etcd config found. Assuming external etcd');
      say('Please, manually reset etcd to prevent further issues');
      return;
    }
    const isEmpty = await hasNothing(host, data.directory);
    if (data.origin === 'unknown' && !isEmpty) {
      warnOfKeptData(data.directory, emit);
      return;
    }
    const isGone = input.unfinished?.etcdMemberGone === true;
    const mayBeMember = data.origin === 'kubeadm' && !isGone && (await canAskEtcd(input, host));
    if (mayBeMember) {
      const removal = await remove(input, host, context);
      if (removal.result !== 'left') await changeResetRecord(host, withoutMember, emit);
      if (removal.result === 'left') reportLeft(removal, { keep: !input.options.force && !isEmpty, emit });
    }
    signal.throwIfAborted();
    await emptyDataDir(host, data.directory, emit);
  },
};

async function remove(
  input: ResetInput,
  host: Host,
  { emit, signal }: PhaseContext<KubeadmEvent>,
): Promise<MemberRemoval> {
  const { certificatesDir, cluster, timeouts, unfinished } = input;
  const node = {
    kubeconfig: cluster?.kubeconfig,
    advertiseAddress: cluster?.advertiseAddress ?? '',
    certificatesDir: cluster?.configuration.certificatesDir ?? certificatesDir,
    recorded: unfinished?.etcdMember,
  };
  const onMember = async (etcdMember: RecordedMember): Promise<void> =>
    await changeResetRecord(host, (record) => ({ ...record, etcdMember }), emit);
  return await removeMember(host, node, { timeouts, emit, signal, onMember });
}

function withoutMember({ etcdMember: _, ...record }: ResetRecord): ResetRecord {
  return { ...record, etcdMemberGone: true };
}

/** The endpoints of etcd come from the cluster, from the manifest of this node or from a try that was cut off. */
async function canAskEtcd({ cluster, unfinished }: ResetInput, host: Host): Promise<boolean> {
  if (cluster !== undefined || unfinished?.etcdMember !== undefined) return true;
  return (await readLocalMember(host)) !== undefined;
}

/** @throws KubeadmError `etcd` if other members are known and the data must be kept */
function reportLeft(
  { why, id, others }: Extract<MemberRemoval, { result: 'left' }>,
  { keep, emit }: { readonly keep: boolean; readonly emit: Emit },
): void {
  const byHand =
    "remove it on another control plane node: 'etcdctl member list' shows its id, " +
    `'etcdctl member remove ${id ?? 'ID'}' removes it`;
  const left = `the etcd member of this node could not be removed: ${why}`;
  if (others.length > 0 && keep) {
    throw new KubeadmError('etcd', `${left}. The etcd data and all other files of this node are kept`, {
      hint:
        `Other members count it as one of theirs (${others.join(', ')}). Run reset again when they answer, or ${byHand}. ` +
        "'kubeadm reset --force' deletes the data of this node all the same.",
      details: { others, ...(id === undefined ? {} : { memberId: id }) },
    });
  }
  const message =
    others.length > 0
      ? `${left}; the members that are left still count it (${others.join(', ')}): ${byHand}`
      : `${left}; if the cluster has other etcd members, ${byHand}`;
  emit({ type: 'warning', code: 'etcd-member-left', topic: 'reset', message });
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
  emit({ type: 'warning', code: 'etcd-data-kept', topic: 'reset', message });
}

/** A missing directory is also reported as emptied, as upstream. */
async function emptyDataDir({ files }: Host, directory: string, emit: Emit): Promise<void> {
  try {
    if ((await files.list(directory))?.length === 0) return;
    await files.removeContents(directory);
    emit({ type: 'etcd-data-deleted', directory });
  } catch (error) {
    if (!(error instanceof KubeadmError)) throw error;
    emit({
      type: 'warning',
      code: 'etcd-data-left',
      topic: 'reset',
      message: `the contents of the etcd data directory ${directory} could not be deleted: ${messageOf(error)}`,
    });
  }
}
