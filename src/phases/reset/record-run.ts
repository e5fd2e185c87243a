import { KubeadmError } from '../../errors.ts';
import { findEtcdData } from '../../etcd/data-dir.ts';
import { fingerprintsOnDisk } from '../../run-record/fingerprints.ts';
import { directoryOf, type ResetRecord, writeRecord } from '../../run-record/record.ts';
import { recordOnDisk, undoOf } from '../../run-record/unfinished.ts';
import { etcdDataSources, type ResetInput, type ResetPhase } from './input.ts';
import { isRootless } from './rootless.ts';

/**
 * The first write of a whole reset: the values that a later try cannot ask the cluster for. It replaces the record of an
 * `init` or `join` that did not end, which can then no longer be resumed.
 */
export const recordRun: ResetPhase = {
  name: 'record-run',
  short: 'Keep a record of this run, so that it can be run again when it is cut off',
  hidden: true,
  shownAs: 'preflight',
  inDryRun: 'skip',
  run: async (input, host, { emit }) => {
    const data = await findEtcdData(etcdDataSources(input), host).catch((error: unknown) => {
      // The phase that needs the data reports the error.
      if (error instanceof KubeadmError) return undefined;
      throw error;
    });
    const before = await recordOnDisk(host, () => undefined);
    const replaced = before === undefined || before.command === 'reset' ? undefined : before;
    const directory =
      replaced === undefined ? input.cluster?.configuration.certificatesDir : directoryOf(replaced);
    const record: ResetRecord = {
      command: 'reset',
      startedAt: input.unfinished?.startedAt ?? host.clock.now().toISOString(),
      certificatesDir: input.certificatesDir,
      ...(data?.origin === 'kubeadm' ? { etcdDataDir: data.directory } : {}),
      rootless: isRootless(input),
      identity: input.identity,
      ...memberOf(input),
      fingerprints: await fingerprintsOnDisk(host, input.certificatesDir),
    };
    await writeRecord(host, record, emit);
    if (directory !== undefined && directory !== input.certificatesDir) {
      const message =
        `The certificates of ${replaced === undefined ? 'this cluster' : `the ${replaced.command} that did not end`} are left in ` +
        `"${directory}", their keys as well. ` +
        `'${undoOf(directory)}' removes all files of that folder.`;
      emit({ type: 'warning', code: 'certificates-of-other-run-left', topic: 'reset', message });
    }
  },
};

/** Returns the values of the etcd member that an earlier try or a join that did not end has recorded. */
function memberOf({
  unfinished,
  unfinishedJoin,
}: ResetInput): Pick<ResetRecord, 'etcdMember' | 'etcdMemberGone' | 'emptiedEtcdDataDir'> {
  const { emptiedEtcdDataDir, etcdMemberGone } = unfinished ?? {};
  const etcdMember = unfinished?.etcdMember ?? unfinishedJoin?.etcdMember;
  return {
    ...(etcdMember === undefined ? {} : { etcdMember }),
    ...(etcdMemberGone === undefined ? {} : { etcdMemberGone }),
    ...(emptiedEtcdDataDir === undefined ? {} : { emptiedEtcdDataDir }),
  };
}
