/** Image pulls by preflight from real registries with TLS: one that works, and three with problems. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { createLab, type Lab, type LabNode } from '../../lab/index.ts';
import { execKubeadm } from '../support/events.ts';
import { configFile, kubeadm, writeConfig } from '../support/node.ts';

const settings = `version: 0.1
storage: {filesystem: {rootdirectory: /root/images}}
http: {addr: ":5000", tls: {certificate: /root/tls.crt, key: /root/tls.key}}
`;
/** Port 5001 fails permanently after 3 MB in total (containerd resumes a download). Port 5002 is limited to 30 MB/s. */
const proxy = `const net = require('node:net');
const serve = (port, handle) => net.createServer((client) => {
  const server = net.connect(5000, '127.0.0.1');
  for (const socket of [client, server]) socket.on('error', () => { client.destroy(); server.destroy(); });
  client.pipe(server);
  handle(server, client);
}).listen(port);
let sent = 0;
serve(5001, (server, client) => {
  server.on('end', () => client.end());
  server.on('data', (data) => {
    sent += data.length;
    if (sent > 3e6) { client.destroy(); server.destroy(); } else client.write(data);
  });
});
serve(5002, async (server, client) => {
  try {
    for await (const data of server) {
      client.write(data);
      await new Promise((resolve) => setTimeout(resolve, Math.ceil(data.length / 30000)));
    }
  } catch {}
  client.end();
});
`;

let lab: Lab;
let node: LabNode;

beforeAll(async () => {
  const components = await ensureComponents();
  lab = await createLab({
    components,
    nodes: [
      { name: 'source', kubeadm },
      { name: 'cp', kubeadm, images: false },
      { name: 'registry', kind: 'host' },
    ],
  });
  node = lab.node('cp');
  const registry = lab.node('registry');
  const folder = await mkdtemp(path.join(tmpdir(), 'registry-'));
  try {
    execFileSync('apt-get', ['download', '-qq', 'docker-registry'], { cwd: folder, stdio: 'pipe' });
    const archive = (await readdir(folder)).find((name) => name.endsWith('.deb')) ?? '';
    execFileSync('dpkg', ['-x', archive, 'x'], { cwd: folder });
    await registry.copyIn(path.join(folder, 'x/usr/bin/docker-registry'), '/usr/bin/docker-registry');
  } finally {
    await rm(folder, { recursive: true });
  }
  await registry.copyIn(process.execPath, '/usr/bin/proxy-node');
  await registry.writeFile('/root/config.yml', settings);
  await registry.writeFile('/root/proxy.js', proxy);
  const script = `set -e; cd /root
openssl req -x509 -newkey rsa:2048 -nodes -keyout tls.key -out tls.crt -days 30 -subj /CN=registry \
  -addext subjectAltName=DNS:registry
setsid docker-registry serve config.yml > registry.log 2>&1 < /dev/null &
setsid proxy-node proxy.js > proxy.log 2>&1 < /dev/null &`;
  await registry.mustExec(['sh', '-c', script]);
  const certificate = await registry.readFile('/root/tls.crt');
  for (const port of [5000, 5001, 5002]) {
    const text = `server = "https://registry:${port}"\n[host."https://registry:${port}"]\nca = "/etc/registry.crt"\n`;
    for (const one of [node, lab.node('source')]) {
      await one.writeFile('/etc/registry.crt', certificate);
      await one.writeFile(`/etc/containerd/certs.d/registry:${port}/hosts.toml`, text);
    }
  }
  const source = lab.node('source');
  const list = async (...args: readonly string[]): Promise<readonly string[]> =>
    (
      await source.mustExec([
        'kubeadm',
        'config',
        'images',
        'list',
        '--kubernetes-version',
        'v1.36.2',
        ...args,
      ])
    )
      .trim()
      .split('\n');
  const targets = await list('--image-repository', 'registry:5000');
  for (const [index, image] of (await list()).entries()) {
    const target = targets[index] ?? '';
    await source.mustExec(['ctr', '-n', 'k8s.io', 'images', 'tag', '--force', image, target]);
    const push = ['ctr', '-n', 'k8s.io', 'images', 'push', '--hosts-dir', '/etc/containerd/certs.d', target];
    await source.mustExec(push, { timeoutMs: 120_000 });
  }
});

afterAll(async () => {
  await lab.delete();
});

async function pull(port: number, fields: Readonly<Record<string, unknown>> = {}) {
  const init = {
    nodeRegistration: {
      imagePullPolicy: 'Always',
      ignorePreflightErrors: lab.adaptations.ignorePreflightErrors,
    },
  };
  await writeConfig(lab, node, { init, cluster: { imageRepository: `registry:${port}`, ...fields } });
  // Removes layers of an earlier pull, so that the next one downloads them again.
  const clean =
    'for i in $(ctr -n k8s.io images list -q); do ctr -n k8s.io images rm --sync "$i" > /dev/null; done; ctr -n k8s.io content ls -q';
  expect(await node.mustExec(['sh', '-c', `${clean} | grep sha256: || true`])).toBe('');
  const result = await execKubeadm(node, ['init', 'phase', 'preflight', '--config', configFile], {
    timeoutMs: 240_000,
  });
  const images = await node.mustExec(['ctr', '-n', 'k8s.io', 'images', 'list', '-q']);
  return { ...result, images };
}

test('preflight fails on a registry that breaks off', async () => {
  const { code, stderr } = await pull(5001);
  expect(code).toBe(1);
  expect(stderr).toMatch(/\[ERROR ImagePull\]: .*registry:5001\//);
});

test('preflight fails on a tag that the registry does not have', async () => {
  const { code, stderr } = await pull(5000, { dns: { imageTag: 'v0.0.0' } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/\[ERROR ImagePull\]: .*registry:5000\/coredns:v0\.0\.0/);
});

test('preflight pulls from a slow registry', async () => {
  const { code, stderr, images } = await pull(5002);
  expect(code, stderr).toBe(0);
  expect(images).toContain('registry:5002/kube-apiserver:v1.36.2\n');
});

test('preflight pulls from a registry that works', async () => {
  const { code, stderr, images } = await pull(5000);
  expect(code, stderr).toBe(0);
  for (const name of ['kube-apiserver', 'kube-proxy', 'etcd', 'coredns']) {
    expect(images).toContain(`registry:5000/${name}:`);
  }
});
