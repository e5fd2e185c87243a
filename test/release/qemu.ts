/** An emulator of arm64 with the C library that the executable needs. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { mustRun, run } from './builds.ts';

const libraries = 'usr/aarch64-linux-gnu';
const program = 'usr/bin/qemu-aarch64-static';
/** The file to extract from each package, because qemu-user-static has emulators for thirty architectures. */
const packages: Readonly<Record<string, string>> = {
  'qemu-user-static': program,
  'libc6-arm64-cross': libraries,
};

export interface Emulator {
  readonly program: string;
  /** The arguments before the path of the executable. */
  readonly args: readonly string[];
}

/** Returns the emulator of the machine if Debian's packages are installed. Else unpacks them into the new folder `folder`. */
export async function emulator(folder: string): Promise<Emulator> {
  const missing = Object.keys(packages).filter((name) => !existsSync(`/${packages[name]}`));
  if (missing.length > 0) await download(missing, folder);
  const at = (name: string) => (existsSync(path.join(folder, name)) ? path.join(folder, name) : `/${name}`);
  return { program: at(program), args: ['-L', at(libraries)] };
}

async function download(names: readonly string[], folder: string): Promise<void> {
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
