import type { Emit } from '../events.ts';
import type { FileReads, FileWrites } from '../host.ts';
import { readRecord, removeRecord } from './record.ts';
import { isAnyRunning } from './running.ts';

/**
 * Phases that need a running API server or kubelet. After one of them, the user must also run the remaining phases by hand.
 */
const late: Readonly<Record<'init' | 'join', readonly string[]>> = {
  init: [
    'upload-config',
    'upload-certs',
    'mark-control-plane',
    'bootstrap-token',
    'kubelet-finalize',
    'addon',
  ],
  join: ['kubelet-wait-bootstrap', 'control-plane-join', 'wait-control-plane'],
};

/**
 * Called after single phases of a command have succeeded. If one of them belongs to its end, the record of an unfinished
 * run of that command is removed. Preflight then refuses the whole command, as on every node of a cluster. A warning
 * `run-record-dropped` reports it. The record of a run that is going on stays.
 *
 * @param run.phases full names, such as `kubelet-finalize/experimental-cert-rotation`
 */
export async function dropRecordAfter(
  host: { readonly files: FileReads & FileWrites },
  { command, phases }: { readonly command: 'init' | 'join'; readonly phases: readonly string[] },
  emit: Emit,
): Promise<void> {
  const phase = phases.find((name) => late[command].includes(name.split('/')[0] ?? ''));
  if (phase === undefined || (await isAnyRunning(host))) return;
  const result = await readRecord(host);
  if (result === undefined || !('record' in result) || result.record.command !== command) return;
  emit({
    type: 'warning',
    code: 'run-record-dropped',
    message:
      `The 'kubeadm ${command}' of ${result.record.startedAt} did not end, and its phase ${phase.replace('/', ' ')} was now run ` +
      `by hand. Run the phases that are missing by hand, too: 'kubeadm ${command}' does not take up that run any more.`,
  });
  await removeRecord(host, emit);
}
