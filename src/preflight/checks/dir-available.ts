import { FileError, messageOf } from '../../errors.ts';
import { readManifest } from '../../manifests/read-manifest.ts';
import { type Check, fail, nameWithPath, passed } from '../check.ts';

/** Fails if the directory has an entry, or is a file. Source: preflight/checks.go DirAvailableCheck. */
export function dirAvailable(path: string): Check {
  return {
    name: nameWithPath('DirAvailable', path),
    check: async ({ files }) => {
      try {
        const names = await files.list(path);
        if (names === undefined || names.length === 0) return passed;
        const shown = names.slice(0, 3).join(', ') + (names.length > 3 ? ', …' : '');
        return fail(
          `${path} is not empty (${shown}): if this machine is part of a cluster ('crictl ps' lists its ` +
            "containers), it must stay; else 'kubeadm reset' removes what an earlier cluster left",
        );
      } catch (error) {
        if (error instanceof FileError && error.errno === 'ENOTDIR') {
          return fail(`${path} is not empty: it is a file, and must be a directory or absent`);
        }
        return fail(`cannot tell whether ${path} is empty: ${messageOf(error)}`);
      }
    },
  };
}

/** Also passes if etcd.yaml of this node has the directory, so that a run that did not end can be resumed. */
export function dirAvailableOrOwn(path: string): Check {
  const { check, name } = dirAvailable(path);
  return {
    name,
    check: async (host) => {
      const manifest = await readManifest(host, 'etcd').catch(() => undefined);
      return manifest?.volumes.get('etcd-data') === path ? passed : await check(host);
    },
  };
}
