/** The users and groups of kubeadm on this machine. Source: cmd/kubeadm/app/util/users/users_linux.go. */
import type { FileReads, FileWrites } from '../host.ts';
import { type AccountIds, parseIdRanges, planAccounts, removeAccounts } from './accounts.ts';

type Files = FileReads & FileWrites;

const passwdFile = '/etc/passwd';
const groupFile = '/etc/group';
/** The lock of useradd and passwd (lckpwdf(3)), which ignore locks on the files themselves. */
const passwordLock = '/etc/.pwd.lock';
const loginDefsFile = '/etc/login.defs';

/** Creates the missing accounts, checks the existing ones, and returns their ids. */
export async function ensureAccounts(files: Files): Promise<AccountIds> {
  const loginDefs =
    (await files.stat(loginDefsFile)) === undefined ? '' : await files.readText(loginDefsFile);
  const ranges = parseIdRanges(loginDefs);
  // Groups come first. A run that is cut off between the two then leaves no user without a group, which would be refused.
  return withAccountFiles(files, [groupFile, passwdFile], (passwd, group) =>
    planAccounts(passwd, group, ranges),
  );
}

/** Removes the accounts during `reset`. */
export async function deleteAccounts(files: Files): Promise<void> {
  await withAccountFiles(files, [passwdFile, groupFile], (passwd, group) => ({
    ...removeAccounts(passwd, group),
    ids: undefined,
  }));
}

async function withAccountFiles<Ids>(
  files: Files,
  order: readonly (typeof passwdFile | typeof groupFile)[],
  change: (
    passwd: string,
    group: string,
  ) => { readonly passwd: string; readonly group: string; readonly ids: Ids },
): Promise<Ids> {
  const changeFiles = async (): Promise<Ids> => {
    const passwd = await files.readText(passwdFile);
    const group = await files.readText(groupFile);
    const changed = change(passwd, group);
    const texts = {
      [passwdFile]: { before: passwd, after: changed.passwd },
      [groupFile]: { before: group, after: changed.group },
    };
    for (const file of order) {
      const { before, after } = texts[file];
      if (after !== before) await files.write(file, after, { mode: 0o644 });
    }
    return changed.ids;
  };
  // Upstream's kubeadm locks the two files themselves.
  return await files.withLock(
    passwordLock,
    () => files.withLock(passwdFile, () => files.withLock(groupFile, changeFiles)),
    { create: true },
  );
}
