/** Clusters that differ from the default, each created and tested on its own node. */
import { expect, test } from 'vitest';

import { kubectl, proveCluster } from '../../lab/cluster.ts';
import type { LabNode } from '../../lab/index.ts';
import { restartControlPlane } from '../support/interop.ts';
import {
  configFile,
  expectWorkingCluster,
  nodeName,
  runKubeadm,
  runSuite,
  withNode,
  writeConfig,
} from '../support/node.ts';
import { upgradeToSame } from '../support/upgrade.ts';

const pki = '/etc/kubernetes/pki';

/** Expects keys of the curve P-384 in all files, and in the kubeconfigs of kubeadm. */
async function expectEllipticKeys(node: LabNode): Promise<void> {
  const keys = (await node.mustExec(['find', pki, '-name', '*.key'])).trim().split('\n');
  expect(keys.length).toBe(11);
  const show = 'openssl pkey -in "$1" -noout -text';
  const ofConfig = `sed -n 's/.*client-key-data: //p' "$1" | base64 -d | openssl pkey -noout -text`;
  const configs = ['admin', 'super-admin', 'controller-manager', 'scheduler'];
  for (const [path, script] of [
    ...keys.map((key) => [key, show] as const),
    ...configs.map((name) => [`/etc/kubernetes/${name}.conf`, ofConfig] as const),
  ]) {
    expect(await node.mustExec(['sh', '-c', script, 'show', path]), path).toContain('secp384r1');
  }
}

test('init makes a cluster with ECDSA-P384 for every key, and renews them', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node, { cluster: { encryptionAlgorithm: 'ECDSA-P384' } });
    await runKubeadm(node, ['init', '--config', configFile]);
    await expectEllipticKeys(node);
    await expectWorkingCluster(lab, node);
    await runKubeadm(node, ['certs', 'renew', 'all']);
    await expectEllipticKeys(node);
    await restartControlPlane(node);
    await runSuite(node);
  });
});

test('init makes a cluster with IPv6 only', async () => {
  await withNode(
    async (lab, node) => {
      await writeConfig(lab, node);
      await runKubeadm(node, ['init', '--config', configFile]);
      await expectWorkingCluster(lab, node);
      const address = await kubectl(node, [
        'get',
        'service',
        'kubernetes',
        '-o',
        'jsonpath={.spec.clusterIP}',
      ]);
      expect(address).toBe('fd00:10:96::1');
      await proveCluster(node);
    },
    { network: { ipv4: false, ipv6: true } },
  );
});

test('init makes a dual-stack cluster', async () => {
  await withNode(
    async (lab, node) => {
      await writeConfig(lab, node);
      await runKubeadm(node, ['init', '--config', configFile]);
      await expectWorkingCluster(lab, node);
      const ranges = await kubectl(node, ['get', 'node', nodeName, '-o', 'jsonpath={.spec.podCIDRs}']);
      expect(JSON.parse(ranges)).toEqual([
        expect.stringMatching(/^10\.244\./),
        expect.stringMatching(/^fd00:10:244:/),
      ]);
      await proveCluster(node);
    },
    { network: { ipv6: true } },
  );
});

async function expectNoRoot(node: LabNode): Promise<void> {
  for (const program of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']) {
    const script =
      'for p in $(pidof "$1"); do sed -n "s/^Uid:\\s*\\([0-9]*\\).*/\\1/p" /proc/$p/status; done';
    const uid = (await node.mustExec(['sh', '-c', script, 'uid', program])).trim();
    expect(Number(uid), `${program} runs as ${uid}`).toBeGreaterThan(0);
  }
}

test('init makes a cluster with a rootless control plane, and an upgrade keeps it so', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node, { cluster: { featureGates: { RootlessControlPlane: true } } });
    await runKubeadm(node, ['init', '--config', configFile]);
    await expectWorkingCluster(lab, node);
    await expectNoRoot(node);
    await upgradeToSame({ controlPlanes: [node], workers: [], kubernetes: 'v1.36.2' });
    await expectNoRoot(node);
    await runSuite(node);
  });
});

/** The controller manager signs with one certificate. The root is not in ca.crt, and clients trust the CA below it. */
test('init makes a cluster with a given CA that another CA signed', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    const script = `set -e; mkdir -p ${pki} /root/ca; cd /root/ca
ca() { printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign,cRLSign,digitalSignature\\nsubjectKeyIdentifier=hash\\nsubjectAltName=DNS:kubernetes\\n'; }
openssl req -x509 -newkey rsa:2048 -nodes -keyout root.key -out root.crt -days 3650 -subj /CN=the-root \
  -addext basicConstraints=critical,CA:TRUE
openssl req -newkey rsa:2048 -nodes -keyout ca.key -out ca.csr -subj /CN=kubernetes
ca > ext; openssl x509 -req -in ca.csr -CA root.crt -CAkey root.key -CAcreateserial -days 3650 -extfile ext -out ca.crt
install -m 644 ca.crt ${pki}/ca.crt; install -m 600 ca.key ${pki}/ca.key; sha256sum ${pki}/ca.*`;
    await node.mustExec(['sh', '-c', script]);
    const before = await node.mustExec(['sh', '-c', `sha256sum ${pki}/ca.*`]);
    await runKubeadm(node, ['init', '--config', configFile]);
    expect(await node.mustExec(['sh', '-c', `sha256sum ${pki}/ca.*`])).toBe(before);
    const chain = await node.mustExec([
      ...['openssl', 'verify', '-CAfile', '/root/ca/root.crt', '-untrusted', '/root/ca/ca.crt'],
      `${pki}/apiserver.crt`,
    ]);
    expect(chain).toContain(': OK');
    await expectWorkingCluster(lab, node);
  });
});
