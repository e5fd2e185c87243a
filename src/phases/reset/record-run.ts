import { FileError, messageOf } from '../../errors.ts';
import { findEtcdData } from '../../etcd/data-dir.ts';
import { readRecord, writeRecord } from '../../run-record/record.ts';
import { undoOf } from '../../run-record/resume.ts';
import { beginRun } from '../../run-record/running.ts';
import { etcdDataSources, type ResetPhase } from './input.ts';
import { isRootless } from './rootless.ts';

/**
 * The first write of a whole reset: what a later try can no longer ask the cluster. It takes the place of the record
 * of an `init` that did not end, which cannot be taken up from here on.
 */
export const recordRun: ResetPhase = {
  name: 'record-run',
  short: 'Keep a record of this run, so that it can be run again when it is cut off',
  hidden: true,
  shownAs: 'preflight',
  run: async (input, host, { emit }) => {
    if (input.options.dryRun) return;
    // What makes it unknown is said by the phase that needs it.
    const data = await findEtcdData(etcdDataSources(input), host).catch(() => undefined);
    const before = await readRecord(host).catch(() => undefined);
    try {
      await beginRun(host, { command: 'reset', runId: input.runId });
      await writeRecord(host.files, {
        command: 'reset',
        startedAt: input.unfinished?.startedAt ?? host.clock.now().toISOString(),
        ...(data?.origin === 'kubeadm' ? { etcdDataDir: data.directory } : {}),
        rootless: isRootless(input),
      });
    } catch (error) {
      // Reset goes as far as it can: a full disk may be why it is wanted.
      if (!(error instanceof FileError)) throw error;
      const message = `no record of this run can be kept: ${messageOf(error)}`;
      emit({ type: 'warning', code: 'run-record-not-kept', topic: 'reset', message });
    }
    if (before?.command === 'init' && before.folders.certificatesDir !== input.certificatesDir) {
      const message =
        `The certificates of the init that did not end, in "${before.folders.certificatesDir}", are left: ` +
        `'${undoOf(before)}' removes all files of that folder`;
      emit({ type: 'warning', code: 'certificates-of-other-run-left', topic: 'reset', message });
    }
  },
};
