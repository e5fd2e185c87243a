import type { Emit } from '../events.ts';
import type { FileReads, FileWrites } from '../host.ts';
import { readRecord, removeRecord } from './record.ts';
import { isAnyRunning } from './running.ts';

/** Phases that need a running API server. After one of them, the user must also run the remaining phases by hand. */
const late = [
  'upload-config',
  'upload-certs',
  'mark-control-plane',
  'bootstrap-token',
  'kubelet-finalize',
  'addon',
];

/**
 * Called after single phases of `init` have succeeded. If one of them belongs to the end of `init`, the record of an
 * unfinished `init` is removed. Preflight then refuses a later `init`, as on every node with a control plane. A warning
 * `run-record-dropped` reports it. The record of a run that is going on stays.
 *
 * @param phases full names, such as `kubelet-finalize/experimental-cert-rotation`
 */
export async function dropRecordAfter(
  host: { readonly files: FileReads & FileWrites },
  phases: readonly string[],
  emit: Emit,
): Promise<void> {
  const phase = phases.find((name) => late.includes(name.split('/')[0] ?? ''));
  if (phase === undefined || (await isAnyRunning(host))) return;
  const result = await readRecord(host);
  if (result === undefined || !('record' in result) || result.record.command !== 'init') return;
  emit({
    type: 'warning',
    code: 'run-record-dropped',
    message:
      `The 'kubeadm init' of ${result.record.startedAt} did not end, and its phase ${phase.replace('/', ' ')} was now run ` +
      "by hand. Run the phases that are missing by hand, too: 'kubeadm init' does not take up that run any more.",
  });
  await removeRecord(host, emit);
}
