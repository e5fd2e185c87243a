/** The files of Debian's packages in images: iptables and its programs for kube-proxy, and busybox for test Pods. */
import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';

import { ComponentsError } from './errors.ts';
import type { ImageEntry } from './image.ts';
import { output } from './run.ts';

const triplets: Readonly<Record<string, string>> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' };
const mergedFolders: readonly string[] = ['bin', 'lib', 'lib64', 'sbin'];
const iptables = [
  'iptables',
  'iptables-save',
  'iptables-restore',
  'ip6tables',
  'ip6tables-save',
  'ip6tables-restore',
];

/**
 * Has iptables (its nf_tables form, with the names that kube-proxy calls) with every extension, and nft, conntrack and
 * ip. It also has each shared library that one of them or an extension is linked with.
 */
export async function kubeProxyEntries(): Promise<readonly ImageEntry[]> {
  const extensions = `/usr/lib/${triplets[process.arch] ?? ''}/xtables`;
  const names = (await readdir(extensions)).filter((name) => name.endsWith('.so')).sort();
  const programs = ['/usr/sbin/xtables-nft-multi', '/usr/sbin/nft', '/usr/sbin/conntrack', '/usr/bin/ip'];
  const linked = [...programs, ...names.map((name) => join(extensions, name))];
  const libraries = parseLdd(await output('ldd', linked));
  return [
    ...mergedFolders.map((name): ImageEntry => ({ type: 'link', path: `/${name}`, target: `usr/${name}` })),
    ...(await Promise.all([...linked, ...libraries].map(fileEntry))),
    ...iptables.map(
      (name): ImageEntry => ({ type: 'link', path: `/usr/sbin/${name}`, target: 'xtables-nft-multi' }),
    ),
  ];
}

/** The static busybox, and a link in /bin for each of its applets. */
export async function busyboxEntries(): Promise<readonly ImageEntry[]> {
  const program = '/bin/busybox';
  const applets = (await output(program, ['--list']))
    .split('\n')
    .filter((name) => name !== '' && name !== 'busybox');
  return [
    { type: 'file', path: program, mode: 0o755, source: await realpath(program) },
    ...applets.map((name): ImageEntry => ({ type: 'link', path: `/bin/${name}`, target: 'busybox' })),
  ];
}

/**
 * The unique paths of the libraries and the loader in ldd's output.
 * @throws ComponentsError for a library that is not found.
 */
export function parseLdd(text: string): readonly string[] {
  const paths = new Set<string>();
  for (const line of text.split('\n')) {
    const missing = /^\s+(\S+) => not found/.exec(line);
    if (missing !== null) throw new ComponentsError(`the library ${missing[1]} is missing on this machine`);
    const found = /^\s+(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)$/.exec(line);
    if (found?.[1] !== undefined) paths.add(found[1]);
  }
  return [...paths].sort();
}

/** Replaces /bin, /lib, /lib64 and /sbin by the folders in /usr, to which they are links in Debian. */
async function fileEntry(path: string): Promise<ImageEntry> {
  const merged = mergedFolders.some((name) => path.startsWith(`/${name}/`)) ? `/usr${path}` : path;
  return { type: 'file', path: merged, mode: 0o755, source: await realpath(path) };
}
