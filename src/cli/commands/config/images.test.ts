import { describe, expect, test } from 'vitest';

import { createMemoryHost } from '../../../host/memory/index.ts';
import { configuration, run } from '../../command.fixture.ts';

const socket = 'unix:///run/x.sock';
const version = ['--kubernetes-version', 'v1.36.2'];
const list = async (...argv: string[]) =>
  await run(createMemoryHost(), ['config', 'images', 'list', ...version, ...argv]);

describe('config images list', () => {
  test('prints one line for each image, or an object in the format of -o, in upper or lower case', async () => {
    const { stdout } = await list();
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(7);
    expect(lines[0]).toBe('registry.k8s.io/kube-apiserver:v1.36.2');
    const json = await list('-o', 'JSON');
    expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'Images', images: lines });
    expect((await list('--output=yaml')).stdout).toContain('\nkind: Images\n');
  });

  test('refuses an unknown format, and names the allowed ones', async () => {
    const { code, stdout, stderr } = await list('-o', 'xml');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      '"xml", allowed formats are: go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,kyaml,template,templatefile,text,yaml',
    );
  });
});

test('a malformed feature gate is refused beside a configuration file', async () => {
  const host = createMemoryHost({ files: { '/kubeadm.yaml': configuration } });
  const line = ['config', 'images', 'list', '--config', '/kubeadm.yaml', '--feature-gates'];
  expect((await run(host, [...line, 'RootlessControlPlane=true'])).code).toBe(0);
  const { code, stderr } = await run(host, [...line, 'Bogus=true']);
  expect(code).toBe(1);
  expect(stderr).toContain('unrecognized feature-gate key: Bogus');
});

describe('config images pull', () => {
  test('pulls and reports each image, also one that is present', async () => {
    const host = createMemoryHost();
    host.runtime.images.add('registry.k8s.io/kube-proxy:v1.36.2');
    const { code, stdout } = await run(host, [
      'config',
      'images',
      'pull',
      ...version,
      '--cri-socket',
      socket,
    ]);
    expect(code).toBe(0);
    expect(stdout).toContain('[config/images] Pulled registry.k8s.io/kube-proxy:v1.36.2\n');
    expect(host.runtime.calls.filter((call) => call.startsWith('pullImage'))).toHaveLength(7);
  });

  test('continues after an image that cannot be pulled, and ends with an error that names it', async () => {
    const host = createMemoryHost();
    host.runtime.pullErrors.set('registry.k8s.io/kube-apiserver:v1.36.2', 'manifest unknown');
    const { code, stderr } = await run(host, [
      'config',
      'images',
      'pull',
      ...version,
      '--cri-socket',
      socket,
    ]);
    expect(code).toBe(1);
    expect(stderr).toContain('failed to pull image registry.k8s.io/kube-apiserver:v1.36.2: ');
    expect(host.runtime.images.size).toBe(6);
  });
});
