import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { temporaryDir } from '../../names.ts';
import { createDryRun, type DryRun } from './index.ts';
import { madeUp } from './made-up.ts';
import type { DryRunPaths } from './paths.ts';

export interface DryRunCommand {
  /** The command is part of the name of the environment variable and of the new directory. */
  readonly command: keyof typeof madeUp;
  readonly paths: DryRunPaths;
  readonly emit: Emit;
}

/**
 * Opens the dry run of a command that writes files. They go into the directory of KUBEADM_<COMMAND>_DRYRUN_DIR, which
 * defaults to a new one below /etc/kubernetes/tmp.
 */
export async function openDryRun(host: Host, { command, emit, paths }: DryRunCommand): Promise<DryRun> {
  const variable = `KUBEADM_${command.toUpperCase()}_DRYRUN_DIR`;
  const directory = host.system.environment()[variable] || (await temporaryDirectory(host, command));
  emit({
    type: 'warning',
    code: 'dry-run-directory',
    message: `Using dry-run directory ${directory}. To override it, set the environment variable ${variable}`,
  });
  return createDryRun(host, { directory, paths, madeUp: madeUp[command] });
}

async function temporaryDirectory({ files }: Pick<Host, 'files'>, command: string): Promise<string> {
  await files.makeDirectory(temporaryDir, 0o700);
  return await files.makeTemporaryDirectory(`${temporaryDir}/kubeadm-${command}-dryrun`);
}
