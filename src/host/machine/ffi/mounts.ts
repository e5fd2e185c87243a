import { FileError, KubeadmError } from '../../../errors.ts';
import type { ExecWrites, MountWrites } from '../../../host.ts';
import { codeOf } from '../error-code.ts';
import { libc } from './ffi.ts';

/** Numbers of umount2(2). */
const flagNumbers: Readonly<Record<string, number>> = {
  MNT_FORCE: 1,
  MNT_DETACH: 2,
  MNT_EXPIRE: 4,
  UMOUNT_NOFOLLOW: 8,
};

/** Options of umount(8), which supports only these flags. */
const programOptions: Readonly<Record<string, string>> = { MNT_FORCE: '--force', MNT_DETACH: '--lazy' };

/** The executable uses the system call. The library on Node uses the program umount. */
export function createMounts(exec: ExecWrites): MountWrites {
  return {
    unmount: async (path, flags) => {
      if (process.versions.bun === undefined) return await byProgram(exec, path, flags);
      const { umount2 } = await libc('unmounting');
      try {
        umount2(
          path,
          flags.reduce((sum, flag) => sum | (flagNumbers[flag] ?? 0), 0),
        );
      } catch (error) {
        throw new FileError('unmount', path, codeOf(error) ?? 'EIO', { cause: error });
      }
    },
  };
}

async function byProgram(exec: ExecWrites, path: string, flags: readonly string[]): Promise<void> {
  const options = flags.map((flag) => {
    const option = programOptions[flag];
    if (option !== undefined) return option;
    throw new KubeadmError(
      'internal',
      `unmounting with ${flag} needs a system call that Node does not offer`,
      {
        hint: 'use the kubeadm executable, not the library, for it',
      },
    );
  });
  // Like the system call: takes the path as it is in /proc/mounts, and runs no umount.<type> programs.
  const args = ['--internal-only', '--no-canonicalize', ...options, '--', path];
  const { code, stderr } = await exec.run('umount', args);
  if (code === 0) return;
  throw new FileError('unmount', path, errnoOf(stderr), { cause: new Error(stderr.trim()) });
}

/** Reads the errno from the messages of umount (util-linux, C locale). */
function errnoOf(stderr: string): string {
  if (/target is busy/.test(stderr)) return 'EBUSY';
  if (/no mount point specified|No such file/.test(stderr)) return 'ENOENT';
  if (/not mounted|mount point does not exist/.test(stderr)) return 'EINVAL';
  return /superuser|[Pp]ermission denied|not permitted/.test(stderr) ? 'EPERM' : 'EIO';
}
