/** The Debian package kubeadm-ts, which is installed beside upstream's kubeadm and kubelet. */
import { copyFileSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

import { kubeletDropIn } from '../../lab/units.ts';
import { kubeadmVersion, minimumKubeletVersion } from '../../src/versions.ts';
import type { Target } from '../build.ts';
import { setModes } from './npm-package.ts';
import { output } from './run.ts';
import { root, type Source } from './source.ts';

export interface DebianOptions {
  readonly source: Source;
  readonly target: Target;
  readonly executable: string;
  /** Files that are installed in /usr/share/doc/kubeadm-ts with their own names. */
  readonly documents: readonly string[];
  /** The texts of manual pages by file name, such as `kubeadm-ts.1`. */
  readonly manPages: ReadonlyMap<string, string>;
  /** A folder that does not exist yet. */
  readonly work: string;
  readonly destination: string;
}

/** The name of the package and of its program. */
export const name = 'kubeadm-ts';

/** systemd reads these files in the order of their names, so upstream's 10-kubeadm.conf decides. */
const dropInPath = `usr/lib/systemd/system/kubelet.service.d/09-${name}.conf`;

/**
 * deb-control(5). The package does not provide `kubeadm`, because `join` and `upgrade` are missing: upstream's package
 * can stay installed beside it. Upstream's package depends on nothing either
 * (kubernetes/release, cmd/krel/templates/latest/metadata.yaml).
 * @param size of the installed files, in KiB.
 */
export function control(version: string, architecture: string, size: number): string {
  const kubernetes = kubeadmVersion.slice(1);
  return `Package: ${name}
Version: ${version}
Architecture: ${architecture}
Maintainer: The maintainers of kubeadm in TypeScript <maintainers@kubeadm-ts.invalid>
Installed-Size: ${size}
Depends: libc6 (>= 2.28)
Recommends: kubelet (>= ${minimumKubeletVersion})
Section: admin
Priority: optional
Description: kubeadm for Kubernetes ${kubernetes}, in TypeScript
 Turns Linux machines into a secure Kubernetes cluster, with the commands, flags,
 configuration and files of the package kubeadm. The program is named kubeadm-ts,
 so that both packages can be installed.
`;
}

/** Builds the package and returns its file name. */
export async function buildDebian(options: DebianOptions): Promise<string> {
  const { source, target, work, destination } = options;
  if (source.epoch === undefined) throw new Error('a package needs a time');
  const program = place(work, `usr/bin/${name}`);
  copyFileSync(options.executable, program);
  writeFileSync(place(work, dropInPath), kubeletDropIn);
  const documents = `usr/share/doc/${name}`;
  writeFileSync(place(work, `${documents}/copyright`), copyright);
  for (const file of options.documents) {
    copyFileSync(file, place(work, `${documents}/${path.basename(file)}`));
  }
  for (const [page, text] of options.manPages)
    writeFileSync(place(work, `usr/share/man/man1/${page}.gz`), gzipSync(text, { level: 9 }));
  const size = Math.ceil(files(work).reduce((sum, file) => sum + statSync(file).size, 0) / 1024);
  writeFileSync(place(work, 'DEBIAN/control'), control(source.version, target.architecture, size));
  setModes(work, [program]);
  // Files come before their folder, because writing a file changes the time of the folder. dpkg-deb only lowers times.
  for (const entry of [...entries(work).toReversed(), work]) utimesSync(entry, source.epoch, source.epoch);
  const file = `${name}_${source.version}_${target.architecture}.deb`;
  // xz makes it 10 MB smaller in twenty times the time, and its result may depend on the number of threads.
  const args = ['-Zgzip', '-z4', '--root-owner-group', '--build', work, path.join(destination, file)];
  await output('dpkg-deb', args, { env: { SOURCE_DATE_EPOCH: String(source.epoch) } });
  return file;
}

const copyright = `kubeadm in TypeScript is licensed under the Apache License, Version 2.0; its text is in
/usr/share/common-licenses/Apache-2.0. What else is in the executable, and under which licences, stands in
THIRD-PARTY-NOTICES.txt beside this file.
`;

function place(work: string, file: string): string {
  const target = path.join(work, file);
  mkdirSync(path.dirname(target), { recursive: true });
  return target;
}

function entries(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).map((entry) =>
    path.join(entry.parentPath, entry.name),
  );
}

function files(folder: string): readonly string[] {
  return entries(folder).filter((entry) => statSync(entry).isFile());
}

/** The other files of the documentation folder. */
export const documents: readonly string[] = ['CHANGELOG.md', 'NOTICE'].map((file) => path.join(root, file));
