/** The npm tarball of the library. */
import { chmodSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { npm } from './run.ts';
import { isRecord, type Manifest, readJson, root } from './source.ts';

/**
 * The manifest of the packed library, without the parts that are only for builds and tests. Most important are the
 * optional dependencies, because npm would install 300 MB of runtimes with the library.
 */
export function libraryManifest(manifest: Manifest): Manifest {
  const tools = ['devDependencies', 'optionalDependencies', 'scripts'];
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => !tools.includes(name)));
}

/** The part of package-lock.json that the packed library's dependencies need. */
export function libraryLock(lock: Manifest, manifest: Manifest): Manifest {
  const packages = isRecord(lock.packages) ? lock.packages : {};
  const { files: _files, exports: _exports, ...project } = manifest;
  const kept = Object.entries(packages).filter(
    ([name, entry]) => name !== '' && isRecord(entry) && !entry.dev && !entry.optional && !entry.devOptional,
  );
  return { ...lock, packages: { '': project, ...Object.fromEntries(kept) } };
}

/**
 * Puts the package into `folder`, which must not exist, from dist/lib and the files that package.json lists.
 * The lock file is beside package.json for `npm sbom`. npm never packs it.
 */
export function stagePackage(folder: string): void {
  const manifest = libraryManifest(readJson('package.json'));
  mkdirSync(folder, { recursive: true });
  for (const name of Array.isArray(manifest.files) ? manifest.files.map(String) : []) {
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  }
  writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const lock = libraryLock(readJson('package-lock.json'), manifest);
  writeFileSync(path.join(folder, 'package-lock.json'), `${JSON.stringify(lock, null, 2)}\n`);
  setModes(folder);
}

/** Sets the modes of a package's files, whatever the umask is: 0755 for folders and `programs`, else 0644. */
export function setModes(folder: string, programs: readonly string[] = []): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    chmodSync(file, entry.isDirectory() || programs.includes(file) ? 0o755 : 0o644);
  }
}

/** Packs the staged folder into `destination`. npm gives every file the same fixed time. Returns the file's name. */
export async function packPackage(folder: string, destination: string): Promise<string> {
  return (await npm(['pack', '--ignore-scripts', `--pack-destination=${destination}`], folder)).trim();
}
