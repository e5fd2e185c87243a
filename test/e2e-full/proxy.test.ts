/** A machine that reaches the cluster and the server of Kubernetes' releases only through a proxy. */
import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { createLab } from '../../lab/index.ts';
import { configFile, kubeadm, nodeName, runKubeadm, writeConfig } from '../support/node.ts';
import { inBackground, proxyPort, proxyTargets, startProxy } from '../support/proxy.ts';

const certificates = `set -e; mkdir -p /root/tls/release; cd /root/tls
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj /CN=company-ca \
  -addext basicConstraints=critical,CA:TRUE
openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj /CN=dl.k8s.io
printf 'subjectAltName=DNS:dl.k8s.io\\nextendedKeyUsage=serverAuth\\n' > ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.crt
printf v1.36.1 > release/stable-1.txt; printf v1.36.1 > release/stable-1.36.txt`;

test('kubeadm looks up a release and calls the API of a cluster through a proxy', async () => {
  const components = await ensureComponents();
  const lab = await createLab({
    components,
    nodes: [
      { name: nodeName, kubeadm },
      { name: 'proxy', kind: 'host' },
      { name: 'client', kubeadm },
    ],
  });
  try {
    const [node, proxy, client] = [lab.node(nodeName), lab.node('proxy'), lab.node('client')];
    await writeConfig(lab, node);
    await runKubeadm(node, ['init', '--config', configFile, '--skip-phases', 'addon']);

    await proxy.mustExec(['sh', '-c', certificates]);
    await inBackground(
      proxy,
      'sh -c "cd /root/tls && exec openssl s_server -WWW -accept 8443 -cert server.crt -key server.key"',
    );
    await startProxy(proxy, '127.0.0.1:8443');

    // The client trusts the company's CA, and reaches the control plane only through the proxy.
    const { ipv4 = '' } = node.addresses;
    await client.mustExec(['ip', 'route', 'add', 'unreachable', `${ipv4}/32`]);
    const ca = await proxy.readFile('/root/tls/ca.crt');
    await client.writeFile('/root/ca.crt', ca);
    await client.mustExec(['sh', '-c', 'cat /root/ca.crt >> /etc/ssl/certs/ca-certificates.crt']);
    await client.writeFile('/root/admin.conf', await node.readFile('/etc/kubernetes/admin.conf'), 0o600);
    const through = async (variables: readonly string[], args: readonly string[]) =>
      await client.exec(['env', ...variables, 'kubeadm', ...args], { timeoutMs: 120_000 });
    const url = `http://${proxy.addresses.ipv4}:${proxyPort}`;
    const create = ['token', 'create', '--kubeconfig', '/root/admin.conf'];

    const direct = await through([], create);
    expect(direct.code).toBe(1);
    expect(direct.stderr).toMatch(/unreachable|no route/i);

    const created = await through([`HTTPS_PROXY=${url}`], create);
    expect(created.code, created.stderr).toBe(0);
    expect(created.stdout).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}\n$/);
    expect(await runKubeadm(node, ['token', 'list'])).toContain(created.stdout.trim());

    await client.mustExec([
      'sed',
      '-i',
      `s#^    server:#    proxy-url: ${url}\\n    server:#`,
      '/root/admin.conf',
    ]);
    const again = await through([], create);
    expect(again.code, again.stderr).toBe(0);

    const images = await through([`HTTPS_PROXY=${url}`], ['config', 'images', 'list']);
    expect(images.code, images.stderr).toBe(0);
    expect(images.stdout).toContain('registry.k8s.io/kube-apiserver:v1.36.1\n');

    const targets = (await proxy.readFile(proxyTargets)).trim().split('\n');
    expect(targets.filter((target) => target === `${ipv4}:6443`).length).toBeGreaterThanOrEqual(2);
    expect(targets).toContain('dl.k8s.io:443');
  } finally {
    await lab.delete();
  }
});
