import { expect, test } from 'vitest';

import { kubectl } from '../../lab/cluster.ts';
import { installPodNetwork, type LabNode } from '../../lab/index.ts';
import { sleep } from '../../lab/run.ts';
import { runDoctor } from '../support/doctor.ts';
import { argument, prepare } from '../support/faulty-node.ts';
import { configFile, fileList, runKubeadm, withNode, writeConfig } from '../support/node.ts';

const folders = [
  '/etc/kubernetes',
  '/etc/systemd/system',
  '/var/lib/kubeadm',
  '/root',
  '/var/lib/kubelet/config.yaml',
];

/** The three faults of this test. */
const faults = `set -e
sed -i 's/^    - kube-scheduler$/    - kube-scheduler\\n    - --nonsense=x/' /etc/kubernetes/manifests/kube-scheduler.yaml
openssl ecparam -name prime256v1 -genkey -noout -out /etc/kubernetes/pki/apiserver-kubelet-client.key`;
const maskKubelet =
  'systemctl stop kubelet; rm -f /etc/systemd/system/kubelet.service; systemctl mask kubelet; systemctl daemon-reload';

test('doctor finds nothing on a healthy control plane, changes nothing, and names three faults at once, the root first', async () => {
  await withNode(async (lab, node) => {
    await writeConfig(lab, node);
    expect((await runDoctor(node)).report).toMatchObject({ role: 'none' });
    await runKubeadm(node, ['init', '--config', configFile]);
    await installPodNetwork(lab);
    await kubectl(node, ['wait', '--for=condition=Ready', 'node', '--all', '--timeout=60s']);
    const before = await fileList(node, folders);
    expect((await runDoctor(node)).report).toMatchObject({
      healthy: true,
      role: 'control-plane',
      problems: [],
    });
    expect(await fileList(node, folders)).toBe(before);
    await node.mustExec(['sh', '-c', faults]);
    await until(async () =>
      (await runDoctor(node)).report.problems.some(({ name }) => name === 'unknown-flag'),
    );
    await node.mustExec(['sh', '-c', maskKubelet]);
    const { problems } = (await runDoctor(node)).report;
    expect(problems).toMatchObject([
      { name: 'certificate-key-mismatch', component: 'apiserver-kubelet-client' },
      { name: 'kubelet-masked', since: expect.any(String) },
      { name: 'unknown-flag', component: 'kube-scheduler', since: expect.any(String) },
    ]);
  });
});

/** The kubelet looks at the manifests every 20 s. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error('doctor does not name the scheduler');
    await sleep(1000);
  }
}

const token = 'abcdef.0123456789abcdef';
const certificateKey = '5c1f'.repeat(16);

test('the evidence of a failed init has no secret', async () => {
  await withNode(async (lab, node) => {
    await prepare(lab, node, {
      fields: {
        init: { bootstrapTokens: [{ token }], certificateKey },
        cluster: { apiServer: { extraArgs: argument('nonsense', `token=${token}`) } },
      },
    });
    const { code, stderr } = await node.exec(['kubeadm', 'init', '--upload-certs', '--config', configFile], {
      timeoutMs: 120_000,
    });
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /kube-apiserver does not know the flag --nonsense.*kubeadm-evidence\.txt/s,
      ),
    });
    const evidence = await node.mustExec(['cat', '/var/log/kubeadm-evidence.txt']);
    expect(evidence).toContain('unknown flag: --nonsense');
    for (const secret of [token.split('.')[1] ?? '', certificateKey, ...(await privateKeys(node))]) {
      expect(evidence.includes(secret)).toBe(false);
      expect(stderr.includes(secret)).toBe(false);
    }
    expect(await node.mustExec(['stat', '-c', '%a %U', '/var/log/kubeadm-evidence.txt'])).toBe('600 root\n');
  });
});

/** One line of each private key on the node, as PEM and as the base64 of a kubeconfig. */
async function privateKeys(node: LabNode): Promise<readonly string[]> {
  const script =
    'cat $(find /etc/kubernetes/pki -name "*.key"); sed -n "s/.*client-key-data: //p" /etc/kubernetes/*.conf | while read k; do echo "$k"; echo "$k" | base64 -d; done';
  const lines = (await node.mustExec(['sh', '-c', script]))
    .split('\n')
    .filter((line) => line.length >= 40 && !line.startsWith('-----'));
  if (lines.length < 30) throw new Error('the private keys were not found');
  return lines.map((line) => line.slice(0, 64));
}
