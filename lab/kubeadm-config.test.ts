import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';

import { joinDocument, kubeadmConfig, yamlDocument } from './kubeadm-config.ts';
import { adaptations } from './machine.ts';

const lab = adaptations({ sysResource: false, cgroupVersion: 1 });

function documents(text: string): readonly unknown[] {
  return parseAllDocuments(text).map((document): unknown => document.toJS());
}

test('the configuration of a lab has four documents with the adaptations to the machine', () => {
  const text = kubeadmConfig(lab, {
    addresses: { ipv4: '10.88.0.10', ipv6: undefined },
    kubernetes: 'v1.36.2',
  });
  expect(documents(text)).toMatchObject([
    {
      kind: 'InitConfiguration',
      localAPIEndpoint: { advertiseAddress: '10.88.0.10' },
      nodeRegistration: { ignorePreflightErrors: ['SystemVerification'], imagePullPolicy: 'IfNotPresent' },
    },
    {
      kind: 'ClusterConfiguration',
      kubernetesVersion: 'v1.36.2',
      networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12' },
    },
    { kind: 'KubeletConfiguration', failCgroupV1: false, oomScoreAdj: 0 },
    { kind: 'KubeProxyConfiguration', oomScoreAdj: 0, conntrack: { maxPerCore: 0 } },
  ]);
});

test('the configuration of a dual-stack lab has both families, IPv4 first', () => {
  const text = kubeadmConfig(lab, { addresses: { ipv4: '10.88.0.10', ipv6: 'fd00:88::a' } });
  expect(documents(text)).toMatchObject([
    { nodeRegistration: { kubeletExtraArgs: [{ name: 'node-ip', value: '10.88.0.10,fd00:88::a' }] } },
    { networking: { podSubnet: '10.244.0.0/16,fd00:10:244::/48' } },
    {},
    {},
  ]);
});

test('the configuration of an IPv6 lab has IPv6 networks and addresses alone', () => {
  const text = kubeadmConfig(lab, { addresses: { ipv4: undefined, ipv6: 'fd00:88::a' } });
  expect(documents(text)).toMatchObject([
    { localAPIEndpoint: { advertiseAddress: 'fd00:88::a' } },
    { networking: { podSubnet: 'fd00:10:244::/48', serviceSubnet: 'fd00:10:96::/112' } },
    {},
    {},
  ]);
});

test('the fields of the caller replace those of the lab', () => {
  const text = kubeadmConfig(lab, {
    addresses: { ipv4: '10.88.0.10', ipv6: undefined },
    cluster: { networking: { podSubnet: '10.1.0.0/16' }, clusterName: 'other' },
    kubelet: { maxPods: 7 },
  });
  expect(documents(text)).toMatchObject([
    {},
    { networking: { podSubnet: '10.1.0.0/16' }, clusterName: 'other' },
    { maxPods: 7, failCgroupV1: false },
    {},
  ]);
});

test('any plain data is read back from the configuration as it was written', () => {
  const value = fc.jsonValue({ noUnicodeString: false, maxDepth: 4 });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), value), (document) => {
      const expected: unknown = JSON.parse(JSON.stringify(document));
      expect(parse(yamlDocument(document), { uniqueKeys: false })).toEqual(expected);
    }),
  );
});

test('a joining control plane advertises its own address, and a worker has no control plane', () => {
  const addresses = { ipv4: '10.88.0.11', ipv6: 'fd00:88::b' };
  const discovery = { file: { kubeConfigPath: '/root/discovery.conf' } };
  expect(joinDocument(lab, { addresses, discovery, controlPlane: { certificateKey: 'k' } })).toEqual({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'JoinConfiguration',
    discovery,
    nodeRegistration: {
      imagePullPolicy: 'IfNotPresent',
      ignorePreflightErrors: ['SystemVerification'],
      kubeletExtraArgs: [{ name: 'node-ip', value: '10.88.0.11,fd00:88::b' }],
    },
    controlPlane: { localAPIEndpoint: { advertiseAddress: '10.88.0.11' }, certificateKey: 'k' },
  });
  expect(yamlDocument(joinDocument(lab, { addresses, discovery }))).not.toContain('controlPlane');
});
