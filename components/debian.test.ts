import { describe, expect, test } from 'vitest';

import { isDebian, parseMissing } from './debian.ts';
import { parseLdd } from './debian-files.ts';

test('unknown, half-configured and removed packages are missing', () => {
  const text = 'runc installed\niptables config-files\nsocat half-configured\nkmod not-installed\n';
  expect(parseMissing(['runc', 'iptables', 'socat', 'kmod', 'ethtool'], text)).toEqual([
    'iptables',
    'socat',
    'kmod',
    'ethtool',
  ]);
  expect(parseMissing(['runc'], text)).toEqual([]);
});

test('a package is installed if one of its architectures is', () => {
  expect(parseMissing(['libc6'], 'libc6 not-installed\nlibc6 installed\n')).toEqual([]);
});

test.each([
  ['PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', true],
  ['NAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n', true],
  ['ID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
  ['ID="fedora"\nVARIANT_ID=debian\n', false],
  ['ID=debianish\n', false],
  ['', false],
])('%j has Debian packages: %s', (text, expected) => {
  expect(isDebian(text)).toBe(expected);
});

describe('parseLdd', () => {
  const text = [
    '/usr/sbin/conntrack:',
    '\tlinux-vdso.so.1 (0x00007ffc)',
    '\tlibmnl.so.0 => /lib/x86_64-linux-gnu/libmnl.so.0 (0x00007f01)',
    '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f02)',
    '\t/lib64/ld-linux-x86-64.so.2 (0x00007f03)',
    '/usr/lib/x86_64-linux-gnu/xtables/libxt_statistic.so:',
    '\tlibm.so.6 => /lib/x86_64-linux-gnu/libm.so.6 (0x00007f04)',
    '\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f05)',
    '/usr/bin/static:',
    '\tstatically linked',
    '',
  ].join('\n');

  test('the libraries of all files and the loader are listed once', () => {
    expect(parseLdd(text)).toEqual([
      '/lib/x86_64-linux-gnu/libc.so.6',
      '/lib/x86_64-linux-gnu/libm.so.6',
      '/lib/x86_64-linux-gnu/libmnl.so.0',
      '/lib64/ld-linux-x86-64.so.2',
    ]);
  });

  test('a library that ldd does not find is refused', () => {
    expect(() => parseLdd('\tlibm.so.6 => not found\n')).toThrow('libm.so.6 is missing');
  });
});
