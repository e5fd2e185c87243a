/** Makes a static Pod run without root (gate RootlessControlPlane). Source: KEP 2568. */
import type { ClusterConfiguration } from '../config/hub.ts';
import type { FileReads, FileWrites, Host } from '../host.ts';
import type { Pod } from '../manifests/pod.ts';
import type { AccountIds } from './accounts.ts';
import { type Ownership, rootlessProfile, withRootlessSecurity } from './profile.ts';
import { ensureAccounts } from './system-accounts.ts';

type Files = FileReads & FileWrites;

export interface RootlessOptions {
  readonly input: { readonly cluster: ClusterConfiguration; readonly externalCA: boolean };
}

/**
 * Creates users and groups, changes the owner of the component's files, and sets the identity of the Pod.
 */
export async function runAsNonRoot(
  pod: Pod,
  host: Pick<Host, 'files'>,
  { input }: RootlessOptions,
): Promise<Pod> {
  const component = pod.metadata.name;
  const profile = rootlessProfile(component, input);
  const ids = await ensureAccounts(host.files);
  for (const ownership of profile.ownerships) await applyOwnership(host.files, ownership, ids);
  return withRootlessSecurity(pod, profile, ids);
}

async function applyOwnership(
  files: Files,
  { path, owner, group, mode }: Ownership,
  ids: AccountIds,
): Promise<void> {
  const uid = owner === 'root' ? 0 : ids.users[owner];
  const gid = ids.groups[group];
  // An administrator may link these paths to another disk. Links below them can come from the component itself.
  const real = await files.realpath(path);
  if (mode === undefined) {
    await files.chownTree(real, uid, gid);
    return;
  }
  await files.chown(real, uid, gid);
  await files.chmod(real, mode);
}
