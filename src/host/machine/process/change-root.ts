import { describeErrno, KubeadmError, messageOf } from '../../../errors.ts';
import { codeOf } from '../error-code.ts';
import { libc } from '../ffi/ffi.ts';

/** `--rootfs`: makes the folder the root directory of this process. @throws KubeadmError */
export async function changeRoot(path: string): Promise<void> {
  const { chroot } = await libc('--rootfs');
  try {
    chroot(path);
  } catch (error) {
    const code = codeOf(error);
    const reason = code === undefined ? messageOf(error) : describeErrno(code);
    throw new KubeadmError('usage', `failed to change the root directory to ${path}: ${reason}`, {
      cause: error,
      hint: 'Give --rootfs the folder that holds the file system of the machine; only root may do so.',
    });
  }
  process.chdir('/');
}
