import { expect, test } from 'vitest';
import type { ContainerStatus } from '../clients/cri/cri-client.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { containerEvidence, describeEvidence } from './container-reports.ts';

const criSocket = 'unix:///var/run/containerd/containerd.sock';

function container(name: string, attempt: number, rest: Partial<ContainerStatus>): ContainerStatus {
  const logPath = `/var/log/pods/${name}/${attempt}.log`;
  const times = { startedAt: attempt, finishedAt: 0 };
  return {
    id: `${name}-${attempt}`,
    podSandboxId: 's',
    name,
    attempt,
    state: 'running',
    ...times,
    logPath,
    ...rest,
  };
}

test('the evidence names the newest container, its exit code and the end of its log', async () => {
  const log = [
    '2026-01-01T00:00:00.1Z stdout F first',
    '2026-01-01T00:00:00.2Z stderr F token abcdef.0123456789abcdef refused',
    `2026-01-01T00:00:00.3Z stderr F ${'Ab0/'.repeat(16)}==`,
    '2026-01-01T00:00:00.4Z stderr F panic: no space left',
    '',
  ];
  const host = createMemoryHost({ files: { '/var/log/pods/etcd/2.log': log.join('\n') } });
  const add = (status: ContainerStatus) => host.runtime.containers.set(status.id, status);
  add(container('etcd', 1, { state: 'exited', exitCode: 1 }));
  add(container('etcd', 2, { state: 'exited', exitCode: 137, reason: 'OOMKilled' }));
  add(container('etcd', 3, { state: 'created' }));
  add(container('kube-apiserver', 0, {}));
  const components = ['etcd', 'kube-apiserver', 'kube-scheduler'];
  const evidence = await containerEvidence(host, { criSocket, components, lines: 3 });
  expect(evidence?.map(describeEvidence)).toEqual([
    'etcd: container created, restarted 3 times, last exit code 137 (OOMKilled)\n' +
      '    token abcdef.<secret> refused\n    <secret>\n    panic: no space left',
    undefined,
    'kube-scheduler: the container runtime has no such container',
  ]);
});

test('the evidence shows no secret that the runtime repeats', async () => {
  const host = createMemoryHost();
  const words = { reason: 'R abcdef.0123456789abcdef', message: 'Bearer abcDEF123.456-789' };
  host.runtime.containers.set('e', container('etcd', 1, { state: 'exited', exitCode: 2, ...words }));
  const [etcd] = (await containerEvidence(host, { criSocket, components: ['etcd'] })) ?? [];
  expect(etcd).toMatchObject({ reason: 'R abcdef.<secret>', message: 'Bearer <secret>' });
});

test('the evidence is empty if the runtime does not answer, and has no log if the container has none', async () => {
  const host = createMemoryHost();
  host.runtime.containers.set('e', container('etcd', 1, { state: 'exited', exitCode: 2 }));
  const [etcd] = (await containerEvidence(host, { criSocket, components: ['etcd'] })) ?? [];
  expect(etcd).toMatchObject({ exitCode: 2, log: [] });
  host.runtime.reachable = false;
  expect(await containerEvidence(host, { criSocket, components: ['etcd'] })).toBeUndefined();
});
