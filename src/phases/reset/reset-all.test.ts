/** `reset --all` as a whole, on a machine with everything that a cluster leaves. */
import { describe, expect, test } from 'vitest';
import { run as runCommand } from '../../cli/command.fixture.ts';
import { KubeadmError } from '../../errors.ts';
import type { KubeadmEvent } from '../../events.ts';
import { kubeRules, usedMachine } from '../../leftovers/leftovers.fixture.ts';
import type { ResetRequest } from './request.ts';
import { runReset } from './run.ts';

const kubeconfig = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    {
      name: 'c',
      cluster: { server: 'https://10.0.0.5:6443', 'certificate-authority': '/etc/kubernetes/pki/ca.crt' },
    },
  ],
  contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  users: [{ name: 'u', user: {} }],
  'current-context': 'c',
});
const authority = `-----BEGIN CERTIFICATE-----\n${Buffer.from('ca').toString('base64')}\n-----END CERTIFICATE-----\n`;

const clusterFiles = {
  '/etc/kubernetes/admin.conf': kubeconfig,
  '/etc/kubernetes/pki/ca.crt': authority,
  '/etc/kubernetes/pki/etcd/healthcheck-client.crt': authority,
  '/etc/kubernetes/manifests/kube-scheduler.yaml': 'kind: Pod\n',
  '/etc/kubernetes/tmp/kubeadm-backup-manifests-2026/a.yaml': 'x',
  '/etc/cni/net.d/10-flannel.conflist': '{}',
  '/var/lib/cni/networks/cbr0/10.244.0.2': 'x',
  '/var/lib/kubelet/config.yaml': 'kind: KubeletConfiguration\n',
  '/var/lib/etcd/member/snap/db': 'x',
  '/var/log/pods/a_b_c/0.log': 'x',
  '/root/.kube/config': kubeconfig,
  '/run/netns/cni-1': '',
};
const otherFiles = {
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  '/home/x': 'x',
  '/run/netns/mine': '',
};

function machine(answers: readonly string[] = []) {
  const used = usedMachine(
    {
      rules: { 'iptables-nft': kubeRules, 'ip6tables-nft': kubeRules },
      links: {
        eth0: {},
        cni0: { kind: 'bridge' },
        'flannel.1': { kind: 'vxlan' },
        veth1: { kind: 'veth', master: 'cni0' },
      },
      tables: ['ip kube-proxy', 'inet filter'],
      sets: ['KUBE-CLUSTER-IP'],
    },
    {
      files: { ...clusterFiles, ...otherFiles },
      services: { kubelet: { enabled: true, active: true } },
      answers,
    },
  );
  used.host.disk.mountPoints.add('/run/netns/cni-1');
  return used;
}

async function attempt({ host }: ReturnType<typeof machine>, request: ResetRequest = {}) {
  const events: KubeadmEvent[] = [];
  const all = { fields: { criSocket: 'unix:///run/x.sock' }, force: true, all: true, ...request };
  const outcome = await runReset(host, all, { record: ({ event }) => events.push(event) }).then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  return { ...outcome, events };
}

const paths = ({ host }: ReturnType<typeof machine>): readonly string[] => Object.keys(host.snapshot());

describe('reset --all', () => {
  test('leaves nothing of the cluster, leaves everything else, and returns the proof', async () => {
    const used = machine();
    const { error, result } = await attempt(used);
    expect(error).toBeUndefined();
    const left = paths(used);
    for (const path of Object.keys(clusterFiles)) expect(left).not.toContain(path);
    for (const path of Object.keys(otherFiles)) expect(left).toContain(path);
    for (const folder of [
      '/etc/kubernetes/',
      '/var/lib/kubelet/',
      '/var/lib/etcd/',
      '/var/lib/cni/',
      '/var/lib/kubeadm/',
    ]) {
      expect(left).not.toContain(folder);
    }
    expect([...used.links.keys()]).toEqual(['eth0']);
    expect([...used.tables]).toEqual(['inet filter']);
    expect(used.sets.size).toBe(0);
    expect(JSON.stringify(used.rules)).not.toMatch(/KUBE-(?!SERVICES\\" -j ACCEPT)/);
    expect(result?.proof).toMatchObject({ clean: true });
    expect(result?.proof?.searches.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual(
      expect.arrayContaining([
        'kubelet absent',
        'iptables absent',
        'link absent',
        'kubeconfig absent',
        'directory absent',
      ]),
    );
  });

  test('names what it will remove before it asks, and a no changes nothing', async () => {
    const used = machine(['n']);
    const before = used.host.snapshot();
    const { error, events } = await attempt(used, { force: false });
    expect(error).toMatchObject({ code: 'refused' });
    const found = events.find((event) => event.type === 'leftovers-found');
    expect(found?.found.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'table nat of iptables-nft',
        'table ip kube-proxy',
        'cni0',
        'veth1',
        '/run/netns/cni-1',
        '/etc/cni/net.d/10-flannel.conflist',
        '/root/.kube/config',
        '/var/lib/kubelet',
      ]),
    );
    expect(used.host.asked).toHaveLength(1);
    expect(used.host.snapshot()).toEqual(before);
    expect(used.links.size).toBe(4);
  });

  test('in a dry run names each removal and changes nothing', async () => {
    const used = machine();
    const before = JSON.stringify([used.host.snapshot(), used.rules, [...used.links], [...used.tables]]);
    const { error, events, result } = await attempt(used, { dryRun: true });
    expect(error).toBeUndefined();
    expect(JSON.stringify([used.host.snapshot(), used.rules, [...used.links], [...used.tables]])).toBe(
      before,
    );
    expect(result?.proof).toBeUndefined();
    const would = events.filter(({ type }) => type.startsWith('would-'));
    expect(would).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          type: 'would-run',
          command: ['iptables-nft-restore', '--noflush', '-w', '10'],
          input: expect.stringContaining('-X KUBE-SERVICES'),
        }),
        { type: 'would-run', command: ['ip', 'link', 'delete', 'dev', 'cni0'] },
        { type: 'would-unmount', path: '/run/netns/cni-1' },
        { type: 'would-remove', path: '/root/.kube/config', what: 'file' },
        { type: 'would-remove', path: '/etc/cni/net.d/10-flannel.conflist', what: 'tree' },
        { type: 'would-remove', path: '/etc/kubernetes', what: 'tree' },
      ]),
    );
    expect(events.filter(({ type }) => type === 'leftovers-removed')).toEqual([]);
  });

  test('fails if something is left, names it, and succeeds after it is gone', async () => {
    const used = machine();
    const run: typeof used.host.exec.run = async (program, args, options) => {
      if (!args.includes('flannel.1')) return await used.host.exec.run(program, args, options);
      return { code: 2, stdout: '', stderr: 'RTNETLINK answers: Operation not permitted' };
    };
    const { error, events, result } = await attempt({
      ...used,
      host: { ...used.host, exec: { ...used.host.exec, run } },
    });
    expect(result).toBeUndefined();
    expect(error).toMatchObject({
      code: 'leftovers',
      message: expect.stringContaining('network links: flannel.1'),
      details: { left: [{ kind: 'link', things: [expect.objectContaining({ name: 'flannel.1' })] }] },
    });
    expect(events).toContainEqual(
      expect.objectContaining({
        code: 'leftovers-not-removed',
        message: expect.stringContaining('not permitted'),
      }),
    );
    expect(used.links.has('cni0')).toBe(false);
    expect((await attempt(used)).result?.proof?.clean).toBe(true);
    expect(paths(used)).not.toContain('/var/lib/kubeadm/');
  });

  test('knows the kubeconfigs of the cluster after it was cut off', async () => {
    const used = machine();
    const stop = new AbortController();
    used.host.gate.onWrite(
      ({ target }) => target === '/etc/kubernetes/admin.conf' && stop.abort(new Error('SIGTERM')),
    );
    const request = { fields: { criSocket: 'unix:///run/x.sock' }, force: true, all: true };
    await expect(runReset(used.host, request, { signal: stop.signal })).rejects.toBeInstanceOf(KubeadmError);
    expect(paths(used)).not.toContain('/etc/kubernetes/admin.conf');
    expect(paths(used)).toContain('/root/.kube/config');
    expect((await attempt(used)).error).toBeUndefined();
    expect(paths(used)).not.toContain('/root/.kube/config');
  });

  test('fails if the container runtime does not answer, because nothing then shows that no Pod is left', async () => {
    const used = machine();
    used.host.disk.put({ '/run/x.sock': { other: true } });
    used.host.runtime.reachable = false;
    const { error } = await attempt(used);
    expect(error).toMatchObject({
      code: 'leftovers',
      message: expect.stringContaining('Pods could not be looked for'),
    });
  });

  test('is refused without the phase that removes the Pods', async () => {
    const used = machine();
    const before = used.host.snapshot();
    const { error } = await attempt(used, { skip: ['CleanupNode'] });
    expect(error).toMatchObject({
      code: 'usage',
      message: expect.stringContaining('--all needs the phase cleanup-node'),
    });
    expect(used.host.snapshot()).toEqual(before);
  });
});

test('a reset without --all leaves rules, links, CNI files and kubeconfigs, as upstream', async () => {
  const used = machine();
  const { error, result } = await attempt(used, { all: false });
  expect(error).toBeUndefined();
  expect(result).toEqual({ phases: expect.not.arrayContaining(['remove-leftovers', 'prove-absence']) });
  expect(used.links.size).toBe(4);
  expect(used.tables.size).toBe(2);
  expect(paths(used)).toEqual(
    expect.arrayContaining(['/etc/cni/net.d/10-flannel.conflist', '/root/.kube/config']),
  );
});

test('the command line prints the list before the question, and the proof at the end', async () => {
  const used = machine();
  const asked: string[] = [];
  const output = { text: '' };
  const host = {
    ...used.host,
    prompt: {
      ask: async () => {
        asked.push(output.text);
        return 'y';
      },
    },
  };
  const { code, stdout } = await runCommand(
    host,
    ['reset', '--all', '--cri-socket', 'unix:///run/x.sock'],
    undefined,
    {
      output: {
        stdout: (text: string) => {
          output.text += text;
        },
        stderr: () => undefined,
      },
    },
  );
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(asked).toEqual([expect.stringContaining('[reset]   network links:\n')]);
  expect(output.text).toContain(
    '[reset] Nothing of the cluster is left on this machine. Reset has looked for:\n',
  );
  expect(output.text).toContain('[reset]   a running service kubelet: absent\n');
  expect(output.text).not.toContain('leaves the configuration of CNI plugins');
});
