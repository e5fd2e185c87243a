import type { Emit } from '../../events.ts';
import type { Host } from '../../host.ts';
import { temporaryDir } from '../../names.ts';
import { createDryRunHost } from './index.ts';

export interface DryRunFolders {
  /** `init`: names the environment variable that chooses the folder, and the folder that is made. */
  readonly command: string;
  readonly certificatesDir: string;
  readonly kubeconfigDir: string;
  readonly emit: Emit;
}

/**
 * The host of a dry run, which writes into the folder of KUBEADM_<COMMAND>_DRYRUN_DIR, or else into a new one below
 * /etc/kubernetes/tmp.
 */
export async function openDryRunHost(host: Host, folders: DryRunFolders): Promise<Host> {
  const { command, emit, ...mapped } = folders;
  const variable = `KUBEADM_${command.toUpperCase()}_DRYRUN_DIR`;
  const directory = host.system.environment()[variable] || (await temporaryDirectory(host, command));
  emit({
    type: 'warning',
    code: 'dry-run-directory',
    message: `Using dry-run directory ${directory}. To override it, set the environment variable ${variable}`,
  });
  return createDryRunHost(host, { ...mapped, directory, emit });
}

async function temporaryDirectory({ files }: Pick<Host, 'files'>, command: string): Promise<string> {
  await files.makeDirectory(temporaryDir, 0o700);
  return await files.makeTemporaryDirectory(`${temporaryDir}/kubeadm-${command}-dryrun`);
}
