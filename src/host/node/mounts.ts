import { FileError } from '../../errors.ts';
import type { MountWrites } from '../ports.ts';
import { codeOf } from './error-code.ts';
import { libc } from './ffi.ts';

/** Numbers of umount2(2). */
const flagNumbers: Readonly<Record<string, number>> = {
  MNT_FORCE: 1,
  MNT_DETACH: 2,
  MNT_EXPIRE: 4,
  UMOUNT_NOFOLLOW: 8,
};

export function createMounts(): MountWrites {
  return {
    unmount: async (path, flags) => {
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
