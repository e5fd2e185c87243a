/** Programs of Debian packages, unpacked into a folder of a test and not installed. */
import { mkdirSync, readdirSync } from 'node:fs';

import { mustRun, run } from './builds.ts';

/**
 * Downloads the packages and unpacks one file or folder of each into `folder`, which is made if it does not exist.
 *
 * @param packages the path inside each package, without a slash at the beginning; an empty path is everything
 */
export async function unpack(packages: Readonly<Record<string, string>>, folder: string): Promise<void> {
  const names = Object.keys(packages);
  mkdirSync(folder, { recursive: true });
  // The list of packages is updated only if it is missing or too old.
  if ((await run('apt-get', ['download', ...names], { cwd: folder })).code !== 0) {
    await mustRun('apt-get', ['update']);
    await mustRun('apt-get', ['download', ...names], { cwd: folder });
  }
  for (const file of readdirSync(folder).filter((entry) => entry.endsWith('.deb'))) {
    const wanted = packages[file.split('_')[0] ?? ''] ?? '';
    await mustRun('sh', ['-c', 'dpkg-deb --fsys-tarfile "$0" | tar -x "./$1"', file, wanted], {
      cwd: folder,
    });
  }
}
