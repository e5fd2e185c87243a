import { describe, expect, test } from 'vitest';
import { typedForm } from '../patches/typed.ts';
import { etcdPod } from './etcd.ts';
import { kubeControllerManagerPod } from './kube-controller-manager.ts';
import { kubeSchedulerPod } from './kube-scheduler.ts';
import { inputWith, localEtcd, plainCluster, plainInput } from './manifest-input.fixture.ts';
import type { Pod } from './pod.ts';
import { mergeEnvironment, proxyEnvironment } from './static-pod.ts';

const containerOf = (pod: Pod) => pod.spec.containers[0];

test.each([
  ['kube-controller-manager', kubeControllerManagerPod(plainInput)],
  ['kube-scheduler', kubeSchedulerPod(plainInput)],
  ['etcd', etcdPod(plainInput, localEtcd)],
])('%s has the form that a typed client would write', (_name, pod) => {
  expect(typedForm('Pod', pod)).toEqual(pod);
});

describe('kubeControllerManagerPod', () => {
  test('has these arguments for a plain cluster', () => {
    expect(containerOf(kubeControllerManagerPod(plainInput))?.command).toEqual([
      'kube-controller-manager',
      '--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf',
      '--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf',
      '--bind-address=127.0.0.1',
      '--client-ca-file=/etc/kubernetes/pki/ca.crt',
      '--cluster-name=kubernetes',
      '--cluster-signing-cert-file=/etc/kubernetes/pki/ca.crt',
      '--cluster-signing-key-file=/etc/kubernetes/pki/ca.key',
      '--controllers=*,bootstrapsigner,tokencleaner',
      '--kubeconfig=/etc/kubernetes/controller-manager.conf',
      '--leader-elect=true',
      '--requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.crt',
      '--root-ca-file=/etc/kubernetes/pki/ca.crt',
      '--service-account-private-key-file=/etc/kubernetes/pki/sa.key',
      '--use-service-account-credentials=true',
    ]);
  });

  test('gives nodes their part of the pod network, and signs nothing without the key of the CA', () => {
    const networking = { ...plainCluster.networking, podSubnet: '10.244.0.0/16' };
    const command = containerOf(
      kubeControllerManagerPod(inputWith({ networking }, { externalCA: true })),
    )?.command;
    expect(command).toEqual(
      expect.arrayContaining([
        '--allocate-node-cidrs=true',
        '--cluster-cidr=10.244.0.0/16',
        '--service-cluster-ip-range=10.96.0.0/12',
        '--cluster-signing-cert-file=',
        '--cluster-signing-key-file=',
      ]),
    );
  });

  test('is probed where it listens, without readiness', () => {
    const extraArgs = [{ name: 'bind-address', value: '::' }];
    const controllerManager = { ...plainCluster.controllerManager, extraArgs };
    const container = containerOf(kubeControllerManagerPod(inputWith({ controllerManager })));
    expect(container?.readinessProbe).toBeUndefined();
    expect(container?.livenessProbe.httpGet).toEqual({
      path: '/healthz',
      port: 'probe-port',
      scheme: 'HTTPS',
    });
    expect(container?.ports[0]?.containerPort).toBe(10257);
  });
});

describe('kubeSchedulerPod', () => {
  test('has these arguments and its kubeconfig alone', () => {
    const pod = kubeSchedulerPod(plainInput);
    expect(containerOf(pod)?.command).toEqual([
      'kube-scheduler',
      '--authentication-kubeconfig=/etc/kubernetes/scheduler.conf',
      '--authorization-kubeconfig=/etc/kubernetes/scheduler.conf',
      '--bind-address=127.0.0.1',
      '--kubeconfig=/etc/kubernetes/scheduler.conf',
      '--leader-elect=true',
    ]);
    expect(pod.spec.volumes).toEqual([
      { name: 'kubeconfig', hostPath: { path: '/etc/kubernetes/scheduler.conf', type: 'FileOrCreate' } },
    ]);
  });

  test('waits as long as the health check does, in steps of ten seconds', () => {
    const pod = kubeSchedulerPod({ ...plainInput, healthCheckTimeout: 95_000 });
    expect(containerOf(pod)?.startupProbe.failureThreshold).toBe(10);
  });
});

describe('etcdPod', () => {
  test('has these arguments, annotations and mounts for a plain cluster', () => {
    const pod = etcdPod(plainInput, localEtcd);
    expect(containerOf(pod)?.command).toEqual([
      'etcd',
      '--advertise-client-urls=https://192.0.2.10:2379',
      '--cert-file=/etc/kubernetes/pki/etcd/server.crt',
      '--client-cert-auth=true',
      '--data-dir=/var/lib/etcd',
      '--feature-gates=InitialCorruptCheck=true',
      '--initial-advertise-peer-urls=https://192.0.2.10:2380',
      '--initial-cluster=cp1=https://192.0.2.10:2380',
      '--key-file=/etc/kubernetes/pki/etcd/server.key',
      '--listen-client-urls=https://127.0.0.1:2379,https://192.0.2.10:2379',
      '--listen-metrics-urls=http://127.0.0.1:2381',
      '--listen-peer-urls=https://192.0.2.10:2380',
      '--name=cp1',
      '--peer-cert-file=/etc/kubernetes/pki/etcd/peer.crt',
      '--peer-client-cert-auth=true',
      '--peer-key-file=/etc/kubernetes/pki/etcd/peer.key',
      '--peer-trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt',
      '--snapshot-count=10000',
      '--trusted-ca-file=/etc/kubernetes/pki/etcd/ca.crt',
      '--watch-progress-notify-interval=5s',
    ]);
    expect(pod.metadata.annotations).toEqual({
      'kubeadm.kubernetes.io/etcd.advertise-client-urls': 'https://192.0.2.10:2379',
    });
    expect(containerOf(pod)?.volumeMounts).toEqual([
      { name: 'etcd-data', mountPath: '/var/lib/etcd' },
      { name: 'etcd-certs', mountPath: '/etc/kubernetes/pki/etcd' },
    ]);
    expect(pod.spec.volumes.map(({ name }) => name)).toEqual(['etcd-certs', 'etcd-data']);
  });

  test('joins the members that are there', () => {
    const members = [
      { name: 'cp1', peerURL: 'https://192.0.2.10:2380' },
      { name: 'cp2', peerURL: 'https://192.0.2.11:2380' },
    ];
    expect(containerOf(etcdPod(plainInput, localEtcd, members))?.command).toEqual(
      expect.arrayContaining([
        '--initial-cluster=cp1=https://192.0.2.10:2380,cp2=https://192.0.2.11:2380',
        '--initial-cluster-state=existing',
      ]),
    );
  });

  test.each([
    ['https://[fd00::9]:999,http://192.0.2.1:1', 'fd00::9', 999, 'HTTPS'],
    ['http://0.0.0.0:2381', '0.0.0.0', 2381, 'HTTP'],
    ['https://localhost', 'localhost', 2381, 'HTTPS'],
    ['localhost:2381', '127.0.0.1', 2381, 'HTTP'],
    ['http://host:70000', 'host', 2381, 'HTTP'],
    ['', '127.0.0.1', 2381, 'HTTP'],
  ])('is probed where listen-metrics-urls %j says', (value, host, port, scheme) => {
    const extraArgs = [{ name: 'listen-metrics-urls', value }];
    const container = containerOf(etcdPod(plainInput, { ...localEtcd, extraArgs }));
    expect(container?.livenessProbe.httpGet).toMatchObject({ host, scheme });
    expect(container?.ports[0]?.containerPort).toBe(port);
  });
});

describe('environment', () => {
  test('takes every variable of a proxy that has a value', () => {
    const environment = { HTTP_PROXY: 'http://p', no_proxy: 'a,b', All_Proxy: '', PROXY: 'x', PATH: '/bin' };
    expect(proxyEnvironment(environment)).toEqual([
      { name: 'HTTP_PROXY', value: 'http://p' },
      { name: 'no_proxy', value: 'a,b' },
    ]);
  });

  test('lets later lists win, sorts, and prints no empty value', () => {
    const first = [
      { name: 'B', value: '1' },
      { name: 'C', value: '' },
    ];
    expect(
      mergeEnvironment(first, [
        { name: 'B', value: '2' },
        { name: 'A', value: '0' },
      ]),
    ).toEqual([{ name: 'A', value: '0' }, { name: 'B', value: '2' }, { name: 'C' }]);
  });
});
