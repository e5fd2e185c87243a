import { describe, expect, test } from 'vitest';
import { createMemoryHost } from '../host/memory/index.ts';
import { componentEndpoints } from './health.ts';

function manifest(command: readonly string[], first = 'sidecar'): string {
  const quoted = command.map((text) => `    - ${JSON.stringify(text)}\n`).join('');
  return `apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: a\n    command: [${first}]\n  - name: b\n    command:\n${quoted}`;
}

function hostWith(commands: Readonly<Record<string, readonly string[]>>) {
  const files = Object.entries(commands).map(([name, command]) => [
    `/etc/kubernetes/manifests/${name}.yaml`,
    manifest([name, ...command]),
  ]);
  return createMemoryHost({ files: Object.fromEntries(files) });
}

const plain = { 'kube-apiserver': [], 'kube-controller-manager': [], 'kube-scheduler': [] };

describe('componentEndpoints', () => {
  test('uses the advertise address and the default ports if the manifests have no flags', async () => {
    const found = await componentEndpoints(hostWith(plain), 'fd00::10');
    expect(found.map(({ url }) => url)).toEqual([
      'https://[fd00::10]:6443/livez',
      'https://127.0.0.1:10257/healthz',
      'https://127.0.0.1:10259/livez',
    ]);
  });

  test('reads the last flag in the manifests, with an equals sign or a space', async () => {
    const host = hostWith({
      'kube-apiserver': ['--advertise-address=10.0.0.1', '--secure-port=1', '--secure-port=7443'],
      'kube-controller-manager': ['--bind-address 10.0.0.2'],
      'kube-scheduler': ['-bind-address=::1', '--secure-port=20259'],
    });
    expect((await componentEndpoints(host, '10.11.0.10')).map(({ url }) => url)).toEqual([
      'https://10.0.0.1:7443/livez',
      'https://10.0.0.2:10257/healthz',
      'https://[::1]:20259/livez',
    ]);
  });

  test('names a manifest that is missing or belongs to another component', async () => {
    const { 'kube-scheduler': _, ...two } = plain;
    await expect(componentEndpoints(hostWith(two), '')).rejects.toThrow('manifests/kube-scheduler.yaml');
    const host = hostWith(plain);
    await host.files.write('/etc/kubernetes/manifests/kube-scheduler.yaml', manifest(['other']), {
      mode: 0o600,
    });
    await expect(componentEndpoints(host, '')).rejects.toThrow('starts with "kube-scheduler"');
  });
});
