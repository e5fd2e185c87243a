/** Clusters that differ from the default, each created and tested on its own node. */
import { expect, test } from 'vitest';

import { kubectl, proveCluster } from '../../lab/cluster.ts';
import {
  configFile,
  expectWorkingCluster,
  nodeName,
  runKubeadm,
  withNode,
  writeConfig,
} from '../support/node.ts';

const pki = '/etc/kubernetes/pki';

test('init makes a cluster with ECDSA-P384 for every key', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node, { cluster: { encryptionAlgorithm: 'ECDSA-P384' } });
    await runKubeadm(node, ['init', '--config', configFile]);
    const keys = (await node.mustExec(['find', pki, '-name', '*.key'])).trim().split('\n');
    expect(keys.length).toBe(11);
    for (const key of keys) {
      expect(await node.mustExec(['openssl', 'pkey', '-in', key, '-noout', '-text'])).toContain('secp384r1');
    }
    await expectWorkingCluster(lab, node);
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

test('init makes a cluster with a rootless control plane', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node, { cluster: { featureGates: { RootlessControlPlane: true } } });
    await runKubeadm(node, ['init', '--config', configFile]);
    await expectWorkingCluster(lab, node);
    for (const program of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']) {
      const script =
        'for p in $(pidof "$1"); do sed -n "s/^Uid:\\s*\\([0-9]*\\).*/\\1/p" /proc/$p/status; done';
      const uid = (await node.mustExec(['sh', '-c', script, 'uid', program])).trim();
      expect(Number(uid), `${program} runs as ${uid}`).toBeGreaterThan(0);
    }
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
