/** The executable ignores all settings and programs in its working directory. */
import { expect, test } from 'vitest';

import { execKubeadm } from '../support/events.ts';
import { fileList, withNode } from '../support/node.ts';

test('a working directory with a preload, a .env and programs has no effect on kubeadm', async () => {
  await withNode(async (_lab, node) => {
    const trap = 'require("node:fs").writeFileSync("/root/obeyed", "preload");\n';
    await node.writeFile('/srv/hostile/trap.js', trap);
    await node.writeFile('/srv/hostile/bunfig.toml', 'preload = ["./trap.js"]\n');
    await node.writeFile('/srv/hostile/package.json', '{"type": "commonjs", "main": "./trap.js"}\n');
    const settings =
      'NODE_OPTIONS=--require=./trap.js\nBUN_OPTIONS=--preload=./trap.js\nKUBECONFIG=/srv/hostile/x\n';
    await node.writeFile('/srv/hostile/.env', settings);
    for (const name of ['systemctl', 'kubelet', 'crictl', 'mount', 'modprobe', 'ip', 'conntrack']) {
      await node.writeFile(`/srv/hostile/${name}`, `#!/bin/sh\necho ${name} >> /root/obeyed\n`, 0o755);
    }
    const before = await fileList(node, ['/srv/hostile', '/etc/kubernetes']);
    const inFolder = async (command: string) =>
      await execKubeadm(node, command.split(' '), {
        timeoutMs: 60_000,
        under: ['sh', '-c', 'cd /srv/hostile && PATH=/srv/hostile:$PATH exec "$@"', 'in-folder'],
      });

    const version = await inFolder('version -o short');
    expect(version).toMatchObject({ code: 0, stdout: 'v1.36.2\n', stderr: '' });
    const images = await inFolder('config images list --kubernetes-version v1.36.2');
    expect(images.stdout).toContain('registry.k8s.io/kube-apiserver:v1.36.2\n');
    await inFolder('init phase preflight --kubernetes-version v1.36.2');
    await inFolder('reset -f');
    expect((await node.exec(['cat', '/root/obeyed'])).stdout).toBe('');
    expect(await fileList(node, ['/srv/hostile', '/etc/kubernetes'])).toBe(before);
  });
});
