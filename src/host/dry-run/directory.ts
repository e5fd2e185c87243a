import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { temporaryDir } from '../../names.ts';
import { createDryRun, type DryRun } from './index.ts';
import { type MadeUp, madeUp } from './made-up.ts';
import type { DryRunPaths } from './paths.ts';

export interface DryRunCommand {
  /** The command is part of the name of the environment variable and of the new directory. */
  readonly command: keyof typeof madeUp;
  /** A sub-command is part of the name of the directory only. */
  readonly subcommand?: string;
  /** Defaults to the row of the command. */
  readonly madeUp?: MadeUp | undefined;
  readonly paths: DryRunPaths;
  readonly emit: Emit;
}

/**
 * Opens the dry run of a command that writes files. They go into the directory of KUBEADM_<COMMAND>_DRYRUN_DIR, which
 * defaults to a new one below /etc/kubernetes/tmp.
 */
export async function openDryRun(
  host: Host,
  { command, emit, madeUp: given, paths, subcommand }: DryRunCommand,
): Promise<DryRun> {
  const variable = `KUBEADM_${command.toUpperCase()}_DRYRUN_DIR`;
  const directory =
    host.system.environment()[variable] || (await temporaryDirectory(host, [command, subcommand]));
  emit({
    type: 'warning',
    code: 'dry-run-directory',
    message: `Using dry-run directory ${directory}. To override it, set the environment variable ${variable}`,
  });
  return createDryRun(host, { directory, paths, madeUp: given ?? madeUp[command] });
}

async function temporaryDirectory(
  { files }: Pick<Host, 'files'>,
  words: readonly (string | undefined)[],
): Promise<string> {
  const command = words.filter((word) => word !== undefined).join('-');
  await files.makeDirectory(temporaryDir, 0o700);
  return await files.makeTemporaryDirectory(`${temporaryDir}/kubeadm-${command}-dryrun`);
}
