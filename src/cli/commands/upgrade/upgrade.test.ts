import { describe, expect, test } from 'vitest';
import { type ControlPlane, controlPlane } from '../../../phases/upgrade/machine.fixture.ts';
import { run as runLine } from '../../command.fixture.ts';

async function run({ host }: ControlPlane, line: string) {
  return await runLine(host, line.split(' '));
}

describe('upgrade plan', () => {
  test('prints the components, the command and the configurations', async () => {
    const { code, stderr, stdout } = await run(await controlPlane(), 'upgrade plan v1.36.2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const separator = '_'.repeat(69);
    expect(stdout.slice(stdout.indexOf('Components that'))).toBe(
      `Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':
COMPONENT   NODE      CURRENT   TARGET
kubelet     cp1       v1.35.4   v1.36.2

Upgrade to the latest version in the v1.35 series:

COMPONENT                 NODE      CURRENT   TARGET
kube-apiserver            cp1       v1.35.4   v1.36.2
kube-controller-manager   cp1       v1.35.4   v1.36.2
kube-scheduler            cp1       v1.35.4   v1.36.2
kube-proxy                          1.35.4    v1.36.2
CoreDNS                             v1.14.2   v1.14.2
etcd                      cp1       3.6.8-0   3.6.8-0

You can now apply the upgrade by executing the following command:

\tkubeadm upgrade apply v1.36.2

${separator}


The configurations of components in the cluster have these API versions. One with "yes" in the last column
must be changed by hand to its preferred version, or be reset to the defaults, before an upgrade.

API GROUP                 CURRENT VERSION   PREFERRED VERSION   MANUAL UPGRADE REQUIRED
kubeproxy.config.k8s.io   v1alpha1          v1alpha1            no
kubelet.config.k8s.io     v1beta1           v1beta1             no
${separator}

`,
    );
  });

  test('prints only the object with -o json', async () => {
    const { code, stdout } = await run(await controlPlane(), 'upgrade plan v1.36.2 -o json');
    expect(code).toBe(0);
    const plan = JSON.parse(stdout);
    expect(Object.keys(plan)).toEqual(['kind', 'apiVersion', 'availableUpgrades', 'configVersions']);
    expect(plan.availableUpgrades[0].components[0]).toEqual({
      name: 'kubelet',
      currentVersion: 'v1.35.4',
      newVersion: 'v1.36.2',
      nodeName: 'cp1',
    });
  });

  test.each(['', ' -o json', ' -o yaml'])(
    'prints no plan for the newest version, with "%s"',
    async (output) => {
      const live = await controlPlane({ version: 'v1.36.2' });
      const { code, stdout } = await run(live, `upgrade plan v1.36.2${output}`);
      expect(code).toBe(0);
      expect(stdout).not.toContain('kubeadm upgrade apply');
      const line = '[upgrade/plan] The cluster has the newest version that it can be upgraded to\n';
      if (output === '') expect(stdout).toContain(line);
      else expect(stdout).toBe('');
    },
  );

  test('names an upgrade that did not end', async () => {
    const live = await controlPlane();
    const record = {
      format: 2,
      command: 'upgrade',
      subcommand: 'apply',
      startedAt: '2026-01-01T00:00:00.000Z',
      version: 'v1.36.2',
      certificatesDir: '/etc/kubernetes/pki',
      nodeName: 'cp1',
      criSocket: 'unix:///run/x.sock',
      advertiseAddress: '10.0.0.5',
      backups: { manifests: '/m', etcd: '/e', kubelet: '/k' },
      swapping: { 'kube-scheduler': 'abc' },
      fingerprints: {},
    };
    live.host.disk.put({ '/var/lib/kubeadm/unfinished-run.json': JSON.stringify(record) });
    const { stderr } = await run(live, 'upgrade plan v1.36.2');
    expect(stderr).toContain(
      "The 'kubeadm upgrade apply' to v1.36.2 of 2026-01-01T00:00:00.000Z did not end while it replaced kube-scheduler.",
    );
  });

  test('fails for a cluster whose control plane is not ready', async () => {
    const live = await controlPlane();
    const status = { conditions: [{ type: 'Ready', status: 'Unknown' }] };
    live.host.api.patch({ apiVersion: 'v1', kind: 'Node', name: 'cp1' }, 'merge', { status });
    const { code, stderr } = await run(live, 'upgrade plan v1.36.2');
    expect(code).toBe(1);
    expect(stderr).toContain(
      '[ERROR ControlPlaneNodesReady]: there are NotReady control-planes in the cluster: cp1',
    );
  });

  test('explains the parts of a Corefile that cannot be migrated', async () => {
    const live = await controlPlane();
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', name: 'coredns', namespace: 'kube-system' };
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      name: 'coredns',
      namespace: 'kube-system',
    };
    live.host.api.patch(ref, 'merge', { data: { Corefile: '.:53 {\n  template\n  forward . 1.1.1.1\n}\n' } });
    const old = JSON.stringify(live.host.api.get(deployment)).replace('coredns:v1.14.2', 'coredns:v1.13.1');
    live.host.api.put(JSON.parse(old));
    const { code, stderr } = await run(live, 'upgrade plan v1.36.2');
    expect(code).toBe(1);
    expect(stderr).toContain('[ERROR CoreDNSUnsupportedPlugins]');
    expect(stderr).toContain('the plugin "template" is not known to the migration to CoreDNS 1.14.2');
    expect(
      (await run(live, 'upgrade plan v1.36.2 --ignore-preflight-errors=CoreDNSUnsupportedPlugins')).code,
    ).toBe(0);
  });
});

describe('upgrade diff', () => {
  test('prints the differences of the manifests with the wanted context', async () => {
    const live = await controlPlane();
    const { code, stderr, stdout } = await run(live, 'upgrade diff v1.36.2');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`--- /etc/kubernetes/manifests/kube-scheduler.yaml
+++ new manifest
@@ -18 +18 @@
-    image: registry.k8s.io/kube-scheduler:v1.35.4
+    image: registry.k8s.io/kube-scheduler:v1.36.2
`);
    const wide = await run(live, 'upgrade diff v1.36.2 -c 1');
    expect(wide.stdout).toContain('@@ -17,3 +17,3 @@');
  });

  test('prints no difference for the version of the cluster', async () => {
    const { code, stdout } = await run(await controlPlane(), 'upgrade diff');
    expect(code).toBe(0);
    expect(stdout).not.toContain('---');
  });

  test('names the missing manifest, and a text that is not a version', async () => {
    const live = await controlPlane();
    expect((await run(live, 'upgrade diff stable')).stderr).toContain(
      '"stable" is not a version of Kubernetes',
    );
    await live.host.files.remove('/etc/kubernetes/manifests/kube-scheduler.yaml');
    expect((await run(live, 'upgrade diff v1.36.2')).stderr).toContain(
      'read /etc/kubernetes/manifests/kube-scheduler.yaml: no such file or directory',
    );
  });
});

describe('the command line of upgrade apply', () => {
  test('ends with upstream’s line of success', async () => {
    const { code, stdout } = await run(await controlPlane(), 'upgrade apply v1.36.2 -y');
    expect(code).toBe(0);
    expect(stdout).toContain(
      '\n[upgrade] SUCCESS! A control plane node of your cluster was upgraded to "v1.36.2".\n',
    );
  });

  test('ends a dry run with a line of its own', async () => {
    const { code, stdout } = await run(await controlPlane(), 'upgrade apply v1.36.2 --dry-run');
    expect(code).toBe(0);
    expect(stdout).toContain('[upgrade/successful] Finished dryrunning successfully!\n');
    expect(stdout).not.toContain('SUCCESS!');
  });

  test('runs a single phase with the version', async () => {
    const live = await controlPlane();
    const { code, stderr } = await run(live, 'upgrade apply phase control-plane v1.36.2');
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(live.manifest('kube-apiserver')).toContain('kube-apiserver:v1.36.2');
  });

  test('refuses other flags beside a configuration', async () => {
    const live = await controlPlane();
    live.host.disk.put({ '/u.yaml': 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: UpgradeConfiguration\n' });
    const { stderr } = await run(live, 'upgrade apply v1.36.2 --config /u.yaml --force --patches /p');
    expect(stderr).toContain("can not mix '--config' with arguments [force patches]");
  });
});
