import { FileError, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { Host } from '../host.ts';

interface UnmountOptions {
  /** ResetConfiguration.unmountFlags. */
  readonly flags: readonly string[];
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The topic of the events: the name of the command. */
  readonly topic: string;
}

/**
 * Unmounts all mounts below the directory. It starts with the last in /proc/mounts, and tries all of them.
 *
 * @throws KubeadmError `file` that names every remaining mount; the signal's reason. Source:
 *   cmd/phases/reset/unmount_linux.go
 */
export async function unmountBelow(
  { files, mounts }: Pick<Host, 'files' | 'mounts'>,
  directory: string,
  { flags, emit, signal, topic }: UnmountOptions,
): Promise<void> {
  const below = directory.endsWith('/') ? directory : `${directory}/`;
  const failures: string[] = [];
  // A mount is busy (EBUSY) while a later one exists below it.
  for (const path of mountPoints(await files.readText('/proc/mounts')).toReversed()) {
    if (!path.startsWith(below)) continue;
    signal.throwIfAborted();
    emit({ type: 'detail', verbosity: 5, topic, message: `unmounting ${path}` });
    try {
      await mounts.unmount(path, flags);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      // A mount that is listed twice is gone together with its shared peer.
      if (error.errno === 'EINVAL') {
        const message = `${path} was no longer mounted (EINVAL), going on`;
        emit({ type: 'warning', code: 'mount-already-gone', topic, message });
      } else {
        failures.push(`failed to unmount ${path}: ${messageOf(error)}`);
      }
    }
  }
  if (failures.length === 0) return;
  throw new KubeadmError(
    'file',
    `encountered the following errors while unmounting directories in ${below}: ${failures.join('; ')}`,
    {
      hint:
        'Stop the programs that use them (fuser -vm PATH), or set unmountFlags: [MNT_DETACH] in a ' +
        'ResetConfiguration, and run reset again.',
      details: { failures },
    },
  );
}

/** Reads the second column of /proc/mounts. The kernel writes a blank, tab, line end or backslash in it in octal. */
export function mountPoints(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.split(' ')[1])
    .filter((path) => path !== undefined)
    .map((path) =>
      path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}
