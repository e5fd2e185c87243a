/** A root directory for dpkg with small packages in the place of upstream's. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { mustRun } from './builds.ts';

const dropIn = '/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf';

/** The files of the packages of pkgs.k8s.io, with other contents. Source: kubernetes/release cmd/krel/templates/latest. */
const upstream: readonly StandIn[] = [
  { name: 'libc6', version: '2.36-9', files: [] },
  { name: 'kubelet', version: '1.36.2-1.1', files: ['/usr/bin/kubelet'] },
  { name: 'kubeadm', version: '1.36.2-1.1', files: ['/usr/bin/kubeadm', dropIn] },
];
const dependent: StandIn = { name: 'needs-kubeadm', version: '1', files: [], depends: 'kubeadm (>= 1.36.0)' };

interface StandIn {
  readonly name: string;
  readonly version: string;
  readonly files: readonly string[];
  readonly depends?: string;
}

export interface Installed {
  /** The sorted packages before the installation of our package and of one that depends on kubeadm, and after it. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** The packages that own the kubelet's drop-in and the program `kubeadm`, according to dpkg. */
  readonly dropInOwner: string;
  readonly programOwner: string;
}

/** Installs `deb` beside upstream's packages in the new folder `system`. It needs root, because dpkg needs it. */
export async function installBeside(deb: string, system: string): Promise<Installed> {
  const state = path.join(system, 'var/lib/dpkg');
  for (const name of ['info', 'updates', 'triggers']) mkdirSync(path.join(state, name), { recursive: true });
  for (const name of ['status', 'available']) writeFileSync(path.join(state, name), '');
  const dpkg = async (...args: readonly string[]) =>
    await mustRun('dpkg', [`--root=${system}`, '--log=/dev/null', ...args], { env: { LC_ALL: 'C' } });
  const installed = async () => {
    const format = `--showformat=\${Package} \${db:Status-Abbrev}\n`;
    const text = await mustRun('dpkg-query', [`--admindir=${state}`, '--show', format]);
    return text
      .split('\n')
      .flatMap((line) => /^(\S+) ii/.exec(line)?.[1] ?? [])
      .sort();
  };
  const packages = await Promise.all(upstream.map((entry) => standIn(entry, `${system}-packages`)));
  await dpkg('--install', ...packages);
  const before = await installed();
  await dpkg('--install', deb);
  await dpkg('--install', await standIn(dependent, `${system}-packages`));
  const ownerOf = async (file: string): Promise<string> => {
    const answer = await mustRun('dpkg-query', [`--admindir=${state}`, '--search', file]);
    return answer.split(':')[0] ?? '';
  };
  return {
    before,
    after: await installed(),
    dropInOwner: await ownerOf(dropIn),
    programOwner: await ownerOf('/usr/bin/kubeadm'),
  };
}

async function standIn({ name, version, files, depends }: StandIn, folder: string): Promise<string> {
  const source = path.join(folder, name);
  mkdirSync(path.join(source, 'DEBIAN'), { recursive: true });
  const dependency = depends === undefined ? '' : `Depends: ${depends}\n`;
  const control = `Package: ${name}
Version: ${version}
Architecture: amd64
Maintainer: Nobody <nobody@test.invalid>
${dependency}Description: stand-in
`;
  writeFileSync(path.join(source, 'DEBIAN/control'), control);
  for (const file of files) {
    mkdirSync(path.dirname(path.join(source, file)), { recursive: true });
    writeFileSync(path.join(source, file), `${name}\n`);
  }
  const deb = path.join(folder, `${name}.deb`);
  await mustRun('dpkg-deb', ['--root-owner-group', '-Znone', '--build', source, deb]);
  return deb;
}
