import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { expectedPods } from '../../lab/cluster.ts';
import { createLab } from '../../lab/index.ts';
import {
  configFile,
  expectWorkingCluster,
  kubeadm,
  nodeName,
  runKubeadm,
  writeConfig,
} from '../support/node.ts';

const certificates = (address: string): string => `set -e; mkdir -p /root/etcd; cd /root/etcd
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 30 -subj /CN=etcd-ca \
  -addext basicConstraints=critical,CA:TRUE
for name in server client; do
  openssl req -newkey rsa:2048 -nodes -keyout $name.key -out $name.csr -subj /CN=$name
  printf 'subjectAltName=IP:${address},DNS:etcd\\nextendedKeyUsage=serverAuth,clientAuth\\n' > ext
  openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile ext -out $name.crt
done`;

test('init and reset with an external etcd over TLS on another machine', async () => {
  const components = await ensureComponents();
  const lab = await createLab({
    components,
    nodes: [
      { name: nodeName, kubeadm },
      { name: 'etcd', kind: 'host' },
    ],
  });
  try {
    const node = lab.node(nodeName);
    const host = lab.node('etcd');
    const address = host.addresses.ipv4 ?? '';
    const url = `https://${address}:2379`;
    await host.mustExec(['sh', '-c', certificates(address)]);
    await host.copyIn(components.programs.etcd, '/usr/bin/etcd');
    const start =
      'cd /root/etcd; setsid etcd --data-dir /root/etcd/data --cert-file server.crt --key-file server.key ' +
      `--client-cert-auth --trusted-ca-file ca.crt --listen-client-urls ${url} --advertise-client-urls ${url} ` +
      '> etcd.log 2>&1 < /dev/null &';
    await host.mustExec(['sh', '-c', start]);
    for (const name of ['ca.crt', 'client.crt', 'client.key']) {
      await node.writeFile(`/etc/etcd-client/${name}`, await host.readFile(`/root/etcd/${name}`), 0o600);
    }
    const external = {
      endpoints: [url],
      caFile: '/etc/etcd-client/ca.crt',
      certFile: '/etc/etcd-client/client.crt',
      keyFile: '/etc/etcd-client/client.key',
    };
    await writeConfig(lab, node, { cluster: { etcd: { external } } });
    await runKubeadm(node, ['init', '--config', configFile]);
    expect((await node.exec(['ls', '/etc/kubernetes/manifests/etcd.yaml'])).code).not.toBe(0);
    const pods = expectedPods(nodeName).filter((name) => !name.startsWith('etcd-'));
    await expectWorkingCluster(lab, node, pods);
    const log = await host.readFile('/root/etcd/etcd.log');
    expect(log).not.toContain('panic');
  } finally {
    await lab.delete();
  }
});
