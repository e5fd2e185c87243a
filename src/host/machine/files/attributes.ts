/** Copies access control lists, SELinux labels and other extended attributes from a file to its replacement. */
import { fchmodSync } from 'node:fs';

import { codeOf } from '../error-code.ts';

const accessControlList = 'system.posix_acl_access';
/** These attributes depend on the content of the old file. */
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
 * Gives the new file the attributes and the mode of the old one. If the ACL cannot be copied, the group gets no access,
 * because without the ACL the group bits would grant more than before.
 */
export async function copyAttributes({ from, to, handle, mode }: AttributeCopy): Promise<void> {
  const complete =
    process.versions.bun === undefined ? await byProgram(from, to) : await byCalls(from, handle);
  fchmodSync(handle, complete ? mode : mode & ~0o070);
}

/** Returns false if there is an ACL that could not be copied. */
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

/** Node has no calls for attributes, but `cp` of coreutils and busybox copies them. */
async function byProgram(from: string, to: string): Promise<boolean> {
  const { createMachineExec } = await import('../exec.ts');
  const args = ['--attributes-only', '--preserve=mode,ownership,xattr', '--no-dereference', '--', from, to];
  const result = await createMachineExec()
    .run('cp', args)
    .catch(() => undefined);
  return result?.code === 0;
}

/** Ignores file systems without attributes, and attributes that only the kernel can set. */
function ignoring<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}
