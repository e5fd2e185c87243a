import { expect, test } from 'vitest';

import { ownRelease } from '../../releases/index.ts';
import { defaultCluster } from '../v1beta4/defaults.ts';
import { componentConfigHash } from './checksum.ts';
import { type ComponentKind, clusterDns, complete, defaultKubelet, defaultKubeProxy } from './index.ts';

const completed = (kind: ComponentKind, data: Readonly<Record<string, unknown>>) =>
  complete(kind, data, ownRelease.componentTypes);

const cluster = defaultCluster({ networking: { serviceSubnet: 'fd00:1::/112', podSubnet: '10.1.0.0/16' } });

test('a zero field is printed unless it is omitempty in Go', () => {
  const kubelet = completed('KubeletConfiguration', {});
  expect(kubelet).toMatchObject({
    authentication: { anonymous: {}, webhook: { cacheTTL: '0s' }, x509: {} },
    authorization: { webhook: { cacheAuthorizedTTL: '0s', cacheUnauthorizedTTL: '0s' } },
    containerRuntimeEndpoint: '',
    syncFrequency: '0s',
    memorySwap: {},
    crashLoopBackOff: {},
    logging: {
      flushFrequency: 0,
      verbosity: 0,
      options: { json: { infoBufferSize: '0' }, text: { infoBufferSize: '0' } },
    },
  });
  for (const field of ['maxPods', 'clusterDNS', 'featureGates', 'staticPodPath', 'healthzPort']) {
    expect(kubelet).not.toHaveProperty(field);
  }
  expect(completed('KubeProxyConfiguration', {})).toMatchObject({
    mode: '',
    conntrack: { maxPerCore: null, min: null, tcpEstablishedTimeout: null, udpTimeout: '0s' },
    ipvs: { excludeCIDRs: null, syncPeriod: '0s', strictARP: false },
    nodePortAddresses: null,
    oomScoreAdj: null,
  });
});

test('values do not change, except for durations, which get their normal form', () => {
  expect(
    completed('KubeletConfiguration', {
      maxPods: 5,
      syncFrequency: '90s',
      imageMinimumGCAge: '1.5h',
      registerWithTaints: [{ key: 'a', value: '' }],
    }),
  ).toMatchObject({
    maxPods: 5,
    syncFrequency: '1m30s',
    imageMinimumGCAge: '1h30m0s',
    registerWithTaints: [{ key: 'a', effect: '' }],
  });
});

test('kubeadm sets its defaults, and warns of each different value with its path and both values', () => {
  const { data, findings } = defaultKubelet(
    {
      clusterDomain: 'x',
      clusterDNS: [],
      rotateCertificates: false,
      readOnlyPort: 10,
      authentication: { anonymous: { enabled: true } },
    },
    cluster,
  );
  expect(data).toMatchObject({
    staticPodPath: '/etc/kubernetes/manifests',
    clusterDomain: 'x',
    clusterDNS: [],
    rotateCertificates: true,
    cgroupDriver: 'systemd',
    authentication: {
      anonymous: { enabled: true },
      webhook: { enabled: true },
      x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
    },
  });
  expect(findings.map(({ place }) => place.path)).toEqual([
    'clusterDNS',
    'clusterDomain',
    'authentication.anonymous.enabled',
    'readOnlyPort',
  ]);
  expect(findings[1]?.message).toBe(
    'the recommended value for "clusterDomain" in "KubeletConfiguration" is cluster.local; the provided value is x',
  );
});

test('kube-proxy binds to the family of the advertise address', () => {
  const bind = (advertiseAddress: string) =>
    defaultKubeProxy({}, cluster, { advertiseAddress, bindPort: 6443 }).data;
  expect(bind('10.0.0.5')).toEqual({
    bindAddress: '0.0.0.0',
    clusterCIDR: '10.1.0.0/16',
    clientConnection: { kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf' },
  });
  expect(bind('fd00::5').bindAddress).toBe('::');
  expect(bind('').bindAddress).toBe('::');
});

test.each([
  ['10.96.0.0/12', '10.96.0.10'],
  ['fd00:1::/112,10.0.0.0/16', 'fd00:1::a'],
  ['nonsense', '10.96.0.10'],
])('DNS of %s is %s', (subnet, address) => {
  expect(clusterDns(subnet)).toBe(address);
});

test('the hash covers the values by sorted key, text before binary data', () => {
  const expected = 'sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb';
  expect(componentConfigHash({ kubelet: 'a' })).toBe(expected);
  expect(componentConfigHash({ b: '', a: 'a' })).toBe(expected);
  expect(componentConfigHash({}, { x: 'YQ==' })).toBe(expected);
  expect(componentConfigHash({ b: 'a', a: 'b' })).toBe(componentConfigHash({ x: 'ba' }));
});
