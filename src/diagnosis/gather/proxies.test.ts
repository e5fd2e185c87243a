import { expect, test } from 'vitest';
import { NetError } from '../../errors.ts';
import { createMemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { gatherProxies } from './proxies.ts';

const criSocket = 'unix:///run/containerd/containerd.sock';
const endpoint = { server: 'https://10.0.0.5:6443' };
const pids: Readonly<Record<string, string>> = { kubelet: '11', containerd: '12' };

const look = async (options: MemoryHostOptions) =>
  await gatherProxies(
    createMemoryHost({
      programs: { systemctl: ([, unit = '']) => ({ stdout: `MainPID=${pids[unit]}\n` }) },
      ...options,
    }),
    { criSocket, endpoint },
  );

test('the look at proxies has those of units and static Pods, without users and passwords', async () => {
  const found = await look({
    files: {
      '/proc/11/environ':
        'https_proxy=http://me:hunter2@10.0.0.9:3128\0NO_PROXY=10.0.0.0/8\0SECRET=hunter2\0',
      '/proc/12/environ': 'HTTP_PROXY=http://10.0.0.9:3128\0',
      '/etc/kubernetes/manifests/kube-scheduler.yaml':
        'spec:\n  containers:\n  - command: [kube-scheduler]\n    env:\n    - name: HTTPS_PROXY\n      value: tok3n@10.0.0.9:3128\n    - name: OTHER\n      valueFrom: {}\n',
    },
  });
  expect(found).toEqual([
    { program: 'kubelet', proxy: 'http://10.0.0.9:3128', noProxy: '10.0.0.0/8' },
    { program: 'kube-scheduler', proxy: 'http://10.0.0.9:3128', noProxy: '' },
  ]);
  expect(JSON.stringify(found)).not.toMatch(/hunter2|tok3n/);
});

test('a proxy whose password has a slash is not a valid URL, and its password is not in the facts', async () => {
  const [found] = await look({
    files: { '/proc/11/environ': 'HTTPS_PROXY=http://me:hun/ter2@10.0.0.9:3128\0' },
  });
  expect(found?.proxy).toBe('http://10.0.0.9:3128');
});

test('kubeadm asks the endpoint through its own proxy, unless NO_PROXY has it', async () => {
  const own = async (noProxy: string) =>
    await look({
      environment: { HTTPS_PROXY: 'http://10.0.0.9:3128', NO_PROXY: noProxy },
      http: {
        'https://10.0.0.5:6443/livez': ({ useProxy }) => {
          if (useProxy === true) throw new NetError('the proxy refused it', 'ECONNREFUSED');
          return { status: 200, body: 'ok' };
        },
      },
    });
  const proxy = { program: 'kubeadm', proxy: 'http://10.0.0.9:3128' };
  expect(await own('')).toEqual([{ ...proxy, noProxy: '', error: 'the proxy refused it' }]);
  expect(await own('10.0.0.5')).toEqual([{ ...proxy, noProxy: '10.0.0.5' }]);
});

test('a machine without proxies has no facts about them, and nothing is asked', async () => {
  const host = createMemoryHost();
  expect(await gatherProxies(host, { criSocket, endpoint })).toEqual([]);
  expect(host.machine.requests).toEqual([]);
});
