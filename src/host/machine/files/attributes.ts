/** Access control lists, SELinux labels and other extended attributes of a file that is replaced by a new one. */
import { fchmodSync } from 'node:fs';

import { codeOf } from '../error-code.ts';

const accessControlList = 'system.posix_acl_access';
/** They are about the bytes of the old file. */
const ofContent = new Set(['security.ima', 'security.evm', 'security.capability']);

export interface AttributeCopy {
  readonly from: string;
  /** A new file with mode 0600, and a descriptor of it. */
  readonly to: string;
  readonly handle: number;
  /** Permission bits of the old file. With an ACL the bits of the group are the ACL's mask. */
  readonly mode: number;
}

/**
 * Gives the new file the attributes and the mode of the old one. When its ACL cannot be carried over, the group gets no
 * access: the bits of the group alone would widen it.
 */
export async function copyAttributes({ from, to, handle, mode }: AttributeCopy): Promise<void> {
  const complete =
    process.versions.bun === undefined ? await byProgram(from, to) : await byCalls(from, handle);
  fchmodSync(handle, complete ? mode : mode & ~0o070);
}

/** False when there is an ACL that could not be copied. */
async function byCalls(from: string, handle: number): Promise<boolean> {
  const { libc } = await import('../ffi/ffi.ts');
  const { listAttributes, getAttribute, setAttribute } = await libc('copying the attributes of a file');
  let complete = true;
  for (const name of ignoring(() => listAttributes(from)) ?? []) {
    if (ofContent.has(name)) continue;
    const copied = ignoring(() => {
      setAttribute(handle, name, getAttribute(from, name));
      return true;
    });
    if (name === accessControlList && copied !== true) complete = false;
  }
  return complete;
}

/** Node has no calls for attributes; `cp` of coreutils and of busybox has. */
async function byProgram(from: string, to: string): Promise<boolean> {
  const { createMachineExec } = await import('../exec.ts');
  const args = ['--attributes-only', '--preserve=mode,ownership,xattr', '--no-dereference', '--', from, to];
  const result = await createMachineExec()
    .run('cp', args)
    .catch(() => undefined);
  return result?.code === 0;
}

/** File systems without attributes, and attributes that only the kernel may set. */
function ignoring<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
