import { KubeadmError, messageOf } from '../../errors.ts';
import { libc } from './ffi.ts';

/** `--rootfs`: makes the folder the root directory of this process. @throws KubeadmError */
export async function changeRoot(path: string): Promise<void> {
  const { chroot } = await libc('--rootfs');
  try {
    chroot(path);
  } catch (error) {
    throw new KubeadmError('usage', `failed to change the root directory to ${path}: ${messageOf(error)}`, {
      cause: error,
    });
  }
  process.chdir('/');
}
