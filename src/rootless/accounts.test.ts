import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIdRanges, planAccounts, removeAccounts } from './accounts.ts';

const passwd = 'root:x:0:0:root:/root:/bin/bash\nsshd:x:101:65534::/run/sshd:/usr/sbin/nologin\n';
const group = 'root:x:0:\nssh:x:100:a,b\n';
const ranges = parseIdRanges('');

describe('parseIdRanges', () => {
  test('defaults to 100-999, and uses the ranges of login.defs', () => {
    expect(ranges).toEqual({ uid: { min: 100, max: 999 }, gid: { min: 100, max: 999 } });
    const text = '# SYS_UID_MIN 1\nSYS_UID_MIN\t\t  201\nSYS_GID_MAX 499\n';
    expect(parseIdRanges(text)).toEqual({ uid: { min: 201, max: 999 }, gid: { min: 100, max: 499 } });
    expect(() => parseIdRanges('SYS_UID_MIN many')).toThrow('SYS_UID_MIN');
  });
});

describe('planAccounts', () => {
  test('adds users and groups with the lowest free ids', () => {
    const plan = planAccounts(passwd, group, ranges);
    expect(plan.passwd).toBe(
      `${passwd}kubeadm-etcd:x:100:101:::/bin/false
kubeadm-kas:x:102:102:::/bin/false
kubeadm-kcm:x:103:103:::/bin/false
kubeadm-ks:x:104:104:::/bin/false
`,
    );
    expect(plan.group).toBe(
      `${group}kubeadm-etcd:x:101:kubeadm-etcd
kubeadm-kas:x:102:kubeadm-kas
kubeadm-kcm:x:103:kubeadm-kcm
kubeadm-ks:x:104:kubeadm-ks
kubeadm-sa-key-readers:x:105:kubeadm-kas,kubeadm-kcm
`,
    );
    expect(plan.ids.users['kubeadm-kas']).toBe(102);
    expect(plan.ids.groups['kubeadm-sa-key-readers']).toBe(105);
  });

  test('keeps existing accounts, and completes a last line without a line end', () => {
    const first = planAccounts(passwd, group, ranges);
    expect(planAccounts(first.passwd, first.group, ranges)).toEqual(first);
    const partly = planAccounts(passwd, 'root:x:0:\nkubeadm-kcm:x:700:kubeadm-kcm', ranges);
    expect(partly.group.split('\n').slice(0, 3)).toEqual([
      'root:x:0:',
      'kubeadm-kcm:x:700:kubeadm-kcm',
      'kubeadm-etcd:x:100:kubeadm-etcd',
    ]);
    expect(partly.passwd).toContain('\nkubeadm-kcm:x:103:700:::/bin/false\n');
  });

  test.each([
    ['kubeadm-kas:x:1000:100:::/bin/false', 'kubeadm-kas:x:100:kubeadm-kas', 'UID 1000, outside'],
    ['kubeadm-kas:x:200:100:::/bin/bash', 'kubeadm-kas:x:100:kubeadm-kas', 'has shell "/bin/bash"'],
    ['kubeadm-kas:x:200:100:::/bin/false', 'other:x:100:', 'which is group "other"'],
    ['kubeadm-kas:x:200:100:::/bin/false', 'root:x:0:', 'no group has it'],
    ['root:x:0:0:root:/root:/bin/bash', 'kubeadm-ks:x:5:kubeadm-ks', 'GID 5, outside'],
    ['root:x:0:0:root:/root:/bin/bash', 'kubeadm-ks:x:105:', 'expected are "kubeadm-ks"'],
    ['root:x:0', 'root:x:0:', '/etc/passwd, line 1: an entry has 7 fields'],
    ['root:x:0:0:root:/root:/bin/bash', 'root:x:zero:', '"zero" is not an id'],
  ])('refuses %s with %s', (user, groups, message) => {
    expect(() => planAccounts(user, groups, ranges)).toThrow(message);
  });

  test('refuses a range without enough free ids', () => {
    const narrow = { ...ranges, uid: { min: 100, max: 103 } };
    expect(() => planAccounts(passwd, group, narrow)).toThrow('no 4 free ids in the range 100-103');
  });

  test('is undone by removeAccounts, whatever other accounts exist', () => {
    const name = fc.stringMatching(/^[a-z]{1,8}$/);
    fc.assert(
      fc.property(fc.uniqueArray(name), (names) => {
        const users = names.map((each, id) => `${each}:x:${id}:${id}::/:/bin/sh\n`).join('');
        const groups = names.map((each, id) => `${each}:x:${id}:\n`).join('');
        const plan = planAccounts(users, groups, ranges);
        const undone = removeAccounts(plan.passwd, plan.group);
        // The first entry of an empty file gets a line end in front of it.
        expect(undone.passwd.trim()).toBe(users.trim());
        expect(undone.group.trim()).toBe(groups.trim());
      }),
    );
  });
});
