import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readClusterIdentity } from '../kubeconfig/cluster-identity.ts';
import { context, usedMachine } from './leftovers.fixture.ts';
import { userKubeconfigs } from './user-kubeconfigs.ts';

const pem = (text: string): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(text).toString('base64')}\n-----END CERTIFICATE-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Entry {
  readonly name?: string;
  readonly server?: string;
  readonly ca?: string;
}

function kubeconfig(entries: readonly Entry[] = [{}], users: readonly string[] = []): string {
  const clusters = entries.map(
    ({ name = 'kubernetes', server = 'https://10.0.0.5:6443', ca = pem('own') }) => ({
      name,
      cluster: { server, 'certificate-authority-data': base64(ca) },
    }),
  );
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    clusters,
    contexts: clusters.map(({ name }, index) => ({
      name: `c${index}`,
      context: { cluster: name, user: 'admin' },
    })),
    users: ['admin', ...users].map((name) => ({ name, user: { token: 'secret' } })),
  });
}

const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
ann:x:1000:1000::/home/ann:/bin/bash
bob:x:1001:1001::/home/bob:/bin/bash
broken
`;
const owned = (data: string, uid: number) => ({ data, uid, gid: uid });

async function machine(files: NonNullable<Parameters<typeof usedMachine>[1]>['files'] = {}) {
  const { host } = usedMachine(
    {},
    {
      files: {
        '/etc/passwd': passwd,
        '/etc/kubernetes/admin.conf': kubeconfig(),
        '/etc/kubernetes/kubelet.conf': kubeconfig([{ server: 'https://node:6443' }]),
        '/etc/kubernetes/pki/ca.crt': pem('own'),
        ...files,
      },
    },
  );
  const identity = await readClusterIdentity(host, '/etc/kubernetes/pki', undefined);
  return { host, context: { ...context, identity } };
}

async function removed(files: Parameters<typeof machine>[0]) {
  const used = await machine(files);
  await userKubeconfigs.remove?.(used.host, used.context);
  const { kept, leftovers, notSearched } = await userKubeconfigs.find(used.host, used.context);
  const paths = Object.keys(used.host.snapshot()).filter((path) => /\/\.kube\/.*[^/]$/.test(path));
  return { kept: kept.map(({ name, reason }) => `${name}: ${reason}`), leftovers, notSearched, paths };
}

describe('kubeconfigs of users', () => {
  test('of this cluster go, from the folder of root and of every user', async () => {
    expect(
      await removed({
        '/root/.kube/config': kubeconfig(),
        '/home/ann/.kube/config': owned(kubeconfig(), 1000),
        '/home/ann/.kube/node.conf': owned(kubeconfig([{ name: 'n', server: 'https://NODE:6443' }]), 1000),
        '/home/bob/.kube/config': owned(kubeconfig(), 1001),
        '/home/bob/.kube/cache/discovery/x.json': '{}',
        '/home/bob/.kube/notes': owned('none of your business: [', 1001),
      }),
    ).toEqual({
      kept: [],
      leftovers: [],
      notSearched: undefined,
      paths: ['/home/bob/.kube/cache/discovery/x.json', '/home/bob/.kube/notes'],
    });
  });

  test('that also hold something else stay, and the reason names it without a secret', async () => {
    const own = kubeconfig([{}, { name: 'prod', server: 'https://prod:6443', ca: pem('prod') }]);
    const { kept, paths } = await removed({
      '/root/.kube/config': own,
      '/root/.kube/users': kubeconfig([{}], ['other']),
      '/root/.kube/ca': kubeconfig([{ ca: pem('former') }]),
      '/root/.kube/server': kubeconfig([{ server: 'https://10.0.0.6:6443' }]),
      '/root/.kube/prod': kubeconfig([{ server: 'https://prod:6443', ca: pem('prod') }]),
    });
    expect(paths).toHaveLength(5);
    expect(kept).toEqual([
      '/root/.kube/ca: its cluster kubernetes trusts another certificate authority than this cluster has',
      '/root/.kube/config: it also has other clusters: prod',
      '/root/.kube/server: its cluster kubernetes names a server that no kubeconfig of this node names',
      '/root/.kube/users: it has users that no context of this cluster uses: other',
    ]);
    expect(kept.join()).not.toContain('secret');
  });

  test('behind links stay, and so do files of another user', async () => {
    const { kept, paths } = await removed({
      '/srv/ann/config': kubeconfig(),
      '/home/ann/.kube': { link: '/srv/ann' },
      '/srv/bob': kubeconfig(),
      '/home/bob/.kube/config': { link: '/srv/bob' },
      '/home/bob/.kube/theirs': owned(kubeconfig(), 1000),
    });
    expect(paths).toEqual(['/home/bob/.kube/config', '/home/bob/.kube/theirs']);
    expect(kept).toEqual([
      '/home/ann/.kube: it is a link, which is not followed',
      '/home/bob/.kube/config: it is a link, which is not followed',
      '/home/bob/.kube/theirs: it belongs to another user than the home',
    ]);
  });

  test('that name the authority by its file go, too', async () => {
    const text = kubeconfig().replace(
      /"certificate-authority-data":"[^"]*"/,
      '"certificate-authority":"/etc/kubernetes/pki/ca.crt"',
    );
    expect((await removed({ '/root/.kube/config': text })).paths).toEqual([]);
  });

  test('are not looked for if nothing tells which cluster was on this node', async () => {
    const files = {
      '/etc/kubernetes/admin.conf': '',
      '/etc/kubernetes/kubelet.conf': '',
      '/root/.kube/config': kubeconfig(),
    };
    const { notSearched, paths } = await removed(files);
    expect(paths).toEqual(['/root/.kube/config']);
    expect(notSearched).toContain('no kubeconfig of kubeadm is left');
  });
});

test('the identity of a cluster has the values of the record as well as those of the files', async () => {
  const { host } = await machine();
  const recorded = { servers: ['https://lb:443'], authorities: ['ab'], authorityFile: '/x' };
  const hash = createHash('sha256').update('own').digest('hex');
  expect(await readClusterIdentity(host, '/etc/kubernetes/pki', recorded)).toEqual({
    servers: ['https://lb:443', 'https://10.0.0.5:6443', 'https://node:6443'],
    authorities: ['ab', hash],
    authorityFile: '/etc/kubernetes/pki/ca.crt',
  });
});
