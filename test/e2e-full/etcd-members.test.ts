/** An external etcd with three members, one of which is unusable and counts as down. */
import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { expectedPods } from '../../lab/cluster.ts';
import { createLab } from '../../lab/index.ts';
import { attempt } from '../support/interop.ts';
import {
  configFile,
  expectWorkingCluster,
  kubeadm,
  nodeName,
  runKubeadm,
  writeConfig,
} from '../support/node.ts';

const members = [1, 2, 3] as const;

/** Member 1 has a serving certificate of an untrusted CA. */
function certificates(address: string): string {
  return `set -e; mkdir -p /root/etcd; cd /root/etcd
for ca in ca other; do
  openssl req -x509 -newkey rsa:2048 -nodes -keyout $ca.key -out $ca.crt -days 2 -subj /CN=etcd-$ca \
    -addext basicConstraints=critical,CA:TRUE
done
sign() {
  openssl req -newkey rsa:2048 -nodes -keyout $1.key -out $1.csr -subj /CN=$1
  printf 'subjectAltName=IP:${address},IP:127.0.0.1\\nextendedKeyUsage=serverAuth,clientAuth\\n' > ext
  openssl x509 -req -in $1.csr -CA $2.crt -CAkey $2.key -CAcreateserial -days 2 -extfile ext -out $1.crt
}
sign server ca; sign foreign other; sign client ca`;
}

function startMember(address: string, number: number): string {
  const peers = members.map((each) => `m${each}=http://127.0.0.1:${2380 + each * 10}`).join(',');
  const client = `https://${address}:${2379 + number * 10}`;
  const peer = `http://127.0.0.1:${2380 + number * 10}`;
  const served = number === 1 ? 'foreign' : 'server';
  return (
    `cd /root/etcd; setsid etcd --name m${number} --data-dir /root/etcd/data${number} ` +
    `--cert-file ${served}.crt --key-file ${served}.key --client-cert-auth --trusted-ca-file ca.crt ` +
    `--listen-client-urls ${client} --advertise-client-urls ${client} --listen-peer-urls ${peer} ` +
    `--initial-advertise-peer-urls ${peer} --initial-cluster ${peers} > m${number}.log 2>&1 < /dev/null &`
  );
}

test('init and reset succeed if one external etcd member has a certificate of another CA', async () => {
  const components = await ensureComponents();
  const lab = await createLab({
    components,
    nodes: [
      { name: nodeName, kubeadm },
      { name: 'etcd', kind: 'host' },
    ],
  });
  try {
    const [node, host] = [lab.node(nodeName), lab.node('etcd')];
    const address = host.addresses.ipv4 ?? '';
    await host.mustExec(['sh', '-c', certificates(address)]);
    await host.copyIn(components.programs.etcd, '/usr/bin/etcd');
    for (const number of members) await host.mustExec(['sh', '-c', startMember(address, number)]);
    for (const name of ['ca.crt', 'client.crt', 'client.key']) {
      await node.writeFile(`/etc/etcd-client/${name}`, await host.readFile(`/root/etcd/${name}`), 0o600);
    }
    const external = {
      endpoints: members.map((number) => `https://${address}:${2379 + number * 10}`),
      caFile: '/etc/etcd-client/ca.crt',
      certFile: '/etc/etcd-client/client.crt',
      keyFile: '/etc/etcd-client/client.key',
    };
    await writeConfig(lab, node, { cluster: { etcd: { external } } });
    const refused = await attempt(node, 'kubeadm', `init --config ${configFile}`);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`[ERROR ExternalEtcdVersion]`);
    expect(refused.stderr).toContain(`https://${address}:2389`);
    expect(refused.stderr).not.toMatch(/:2399|:2409/);
    const ignore = '--ignore-preflight-errors=ExternalEtcdVersion';
    const run = await attempt(node, 'kubeadm', `init --config ${configFile} ${ignore}`);
    expect(run.code, run.stdout + run.stderr).toBe(0);
    const pods = expectedPods(nodeName).filter((name) => !name.startsWith('etcd-'));
    await expectWorkingCluster(lab, node, pods);
    // Data of an etcd that kubeadm did not create must stay unchanged.
    await node.mustExec(['sh', '-c', 'mkdir -p /var/lib/etcd/other && touch /var/lib/etcd/other/file']);
    await runKubeadm(node, ['reset', '-f']);
    await node.mustExec(['test', '-e', '/var/lib/etcd/other/file']);
  } finally {
    await lab.delete();
  }
});
