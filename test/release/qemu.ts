/** An emulator of arm64 with the C library that the executable needs. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { unpack } from './debian-package.ts';

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
  const missing = Object.entries(packages).filter(([, file]) => !existsSync(`/${file}`));
  if (missing.length > 0) await unpack(Object.fromEntries(missing), folder);
  const at = (name: string) => (existsSync(path.join(folder, name)) ? path.join(folder, name) : `/${name}`);
  return { program: at(program), args: ['-L', at(libraries)] };
}
