/** The Debian packages of a node. Missing ones are installed without starting a service. */
import { readFile } from 'node:fs/promises';

import { ComponentsError } from './errors.ts';
import type { Report } from './events.ts';
import { lastLines, run } from './run.ts';

/**
 * A bare Debian 12 has some of them. busybox-static is the image of test Pods, haproxy is the lab's balancer, and libfaketime
 * gives a program another clock.
 */
export const nodePackages: readonly string[] = [
  'runc',
  'iptables',
  'nftables',
  'conntrack',
  'ethtool',
  'socat',
  'kmod',
  'systemd',
  'dbus',
  'util-linux',
  'mount',
  'procps',
  'iproute2',
  'busybox-static',
  'haproxy',
  'libfaketime',
];

/**
 * Installs the missing packages. If all are installed, it needs neither root nor the network.
 * @throws ComponentsError on a system without Debian's packages, without root, without network.
 */
export async function ensureDebianPackages(
  packages: readonly string[],
  options: { readonly report?: Report; readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  const missing = await missingPackages(packages);
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0) {
    throw new ComponentsError(`packages are missing and only root can install them: ${missing.join(', ')}`, {
      hint: `Run as root, or first: sudo apt-get install ${missing.join(' ')}`,
    });
  }
  options.report?.({ type: 'packages', missing });
  const start = performance.now();
  await aptGet(['update'], options.signal);
  await aptGet(['install', '--yes', '--no-install-recommends', ...missing], options.signal);
  const still = await missingPackages(packages);
  if (still.length > 0) throw new ComponentsError(`apt-get did not install ${still.join(', ')}`);
  const seconds = (performance.now() - start) / 1000;
  options.report?.({ type: 'packages-done', count: missing.length, seconds });
}

/** Names whose status is not `installed` in the output of `dpkg-query -W -f '${Package} ${db:Status-Status}\n'`. */
export function parseMissing(packages: readonly string[], text: string): readonly string[] {
  const installed = new Set<string>();
  for (const line of text.split('\n')) {
    const [name, status] = line.split(' ');
    if (name !== undefined && status === 'installed') installed.add(name);
  }
  return packages.filter((name) => !installed.has(name));
}

/** Whether an os-release file is that of Debian or of a system based on it. */
export function isDebian(osRelease: string): boolean {
  return osRelease
    .split('\n')
    .map((line) => /^ID(?:_LIKE)?=["']?([^"']*)/.exec(line)?.[1] ?? '')
    .some((ids) => ids.split(' ').includes('debian'));
}

async function missingPackages(packages: readonly string[]): Promise<readonly string[]> {
  const osRelease = await readFile('/etc/os-release', 'utf8').catch(() => '');
  if (!isDebian(osRelease)) {
    const name = /^PRETTY_NAME=["']?([^"'\n]*)/m.exec(osRelease)?.[1] ?? 'an unknown system';
    throw new ComponentsError(
      `this is ${name}: the lab needs runc, iptables and other programs from Debian's packages`,
      {
        hint: 'Use Debian 12, or a container or virtual machine with it.',
      },
    );
  }
  // Exit code 1 means that dpkg does not know some name, so that package is missing.
  const format = `--showformat=\${Package} \${db:Status-Status}\\n`;
  const { stdout } = await run('dpkg-query', ['--show', format, ...packages]);
  return parseMissing(packages, stdout);
}

/**
 * Covers the two programs by which maintainer scripts start services with one that does nothing. The mount namespace
 * ends with apt-get, so that nothing is left behind, unlike a policy-rc.d file.
 */
const withoutServices = [
  'for program in /usr/sbin/invoke-rc.d /usr/bin/deb-systemd-invoke; do',
  '  if [ -e "$program" ]; then mount --bind /bin/true "$program" || exit; fi',
  'done',
  'exec apt-get "$@"',
].join('\n');

async function aptGet(args: readonly string[], signal: AbortSignal | undefined): Promise<void> {
  const lock = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const command = [
    '--mount',
    '--propagation',
    'private',
    'sh',
    '-c',
    withoutServices,
    'apt-get',
    '--quiet',
    ...lock,
  ];
  const result = await run('unshare', [...command, ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
    signal,
  });
  const failed = result.code !== 0 || (args[0] === 'update' && /^[WE]: Failed to fetch/m.test(result.stderr));
  if (!failed) return;
  throw new ComponentsError(`apt-get ${args.join(' ')} failed:\n${lastLines(result.stderr)}`, {
    hint: /Could not resolve|Could not connect|Failed to fetch|Network is unreachable/.test(result.stderr)
      ? "Debian's packages could not be reached: look at the network and at /etc/apt/sources.list."
      : 'Run the same apt-get command by hand to see more.',
  });
}
