import { describe, expect, test } from 'vitest';
import { etcdPod } from './etcd.ts';
import { kubeControllerManagerPod } from './kube-controller-manager.ts';
import { kubeSchedulerPod } from './kube-scheduler.ts';
import { inputWith, localEtcd, plainCluster, plainInput } from './manifest-input.fixture.ts';
import type { Pod } from './pod.ts';
import { mergeEnvironment, proxyEnvironment } from './static-pod.ts';

const containerOf = (pod: Pod) => pod.spec.containers[0];

describe('kubeControllerManagerPod', () => {
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

  test('is probed at the address at which it listens, without readiness', () => {
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
  test('waits as long as the health check does, in steps of ten seconds', () => {
    const pod = kubeSchedulerPod({ ...plainInput, healthCheckTimeout: 95_000 });
    expect(containerOf(pod)?.startupProbe.failureThreshold).toBe(10);
  });
});

describe('etcdPod', () => {
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

  test('is the first member of a new cluster if there is no other one', () => {
    const own = { name: 'cp1', peerURL: 'https://192.0.2.10:2380' };
    expect(etcdPod(plainInput, localEtcd, [own])).toEqual(etcdPod(plainInput, localEtcd));
  });

  test.each([
    ['https://[fd00::9]:999,http://192.0.2.1:1', 'fd00::9', 999, 'HTTPS'],
    ['http://0.0.0.0:2381', '0.0.0.0', 2381, 'HTTP'],
    ['https://localhost', 'localhost', 2381, 'HTTPS'],
    ['localhost:2381', '127.0.0.1', 2381, 'HTTP'],
    ['http://host:70000', 'host', 2381, 'HTTP'],
    ['', '127.0.0.1', 2381, 'HTTP'],
  ])('is probed at the first of the listen-metrics-urls %j', (value, host, port, scheme) => {
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
