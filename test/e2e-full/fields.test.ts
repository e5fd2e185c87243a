import { expect, test } from 'vitest';

import { expectedPods, kubectl, proveCluster } from '../../lab/cluster.ts';
import { configFile, expectWorkingCluster, runKubeadm, withNode, writeConfig } from '../support/node.ts';

const token = 'abcdef.0123456789abcdef';
const days = (count: number): string => `${count * 24}h0m0s`;

/** Other scenarios cover external etcd, rootless, patches and feature gates. */
test('init with every field of the configuration away from its default', async () => {
  await withNode(async (lab, node) => {
    const argument = (name: string, value: string) => [{ name, value }];
    const environment = [{ name: 'FROM_CONFIG', value: 'yes' }];
    const component = { extraArgs: argument('v', '1'), extraEnvs: environment };
    await writeConfig(lab, node, {
      init: {
        bootstrapTokens: [
          { token, ttl: '2h0m0s', description: 'ours', usages: ['signing', 'authentication'] },
        ],
        localAPIEndpoint: { advertiseAddress: node.addresses.ipv4, bindPort: 7443 },
        nodeRegistration: {
          name: 'other',
          // Upstream's suite expects the first one.
          taints: [
            { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
            { key: 'ours', value: 'yes', effect: 'PreferNoSchedule' },
          ],
          kubeletExtraArgs: argument('node-labels', 'ours=yes'),
          imagePullPolicy: 'Never',
          imagePullSerial: false,
          ignorePreflightErrors: lab.adaptations.ignorePreflightErrors,
        },
        timeouts: { controlPlaneComponentHealthCheck: '3m0s', kubernetesAPICall: '2m0s' },
      },
      cluster: {
        clusterName: 'ours',
        certificatesDir: '/etc/kubernetes/certificates',
        controlPlaneEndpoint: 'cp:7443',
        encryptionAlgorithm: 'ECDSA-P256',
        certificateValidityPeriod: days(30),
        caCertificateValidityPeriod: days(60),
        networking: { dnsDomain: 'ours.test', podSubnet: '10.50.0.0/16', serviceSubnet: '10.60.0.0/16' },
        apiServer: {
          ...component,
          certSANs: ['api.ours.test'],
          extraVolumes: [
            { name: 'ours', hostPath: '/srv', mountPath: '/srv', readOnly: true, pathType: 'Directory' },
          ],
        },
        controllerManager: component,
        scheduler: component,
        etcd: {
          local: {
            ...component,
            extraArgs: argument('snapshot-count', '5000'),
            dataDir: '/var/lib/etcd-ours',
            serverCertSANs: ['etcd.ours.test'],
            peerCertSANs: ['peer.ours.test'],
          },
        },
      },
    });
    await runKubeadm(node, ['init', '--config', configFile]);
    await expectWorkingCluster(lab, node, expectedPods('other'));
    await proveCluster(node, { dnsDomain: 'ours.test' });
    const info: unknown = JSON.parse(await kubectl(node, ['get', 'node', 'other', '-o', 'json']));
    expect(info).toMatchObject({
      metadata: { labels: { ours: 'yes' } },
      spec: { taints: expect.arrayContaining([{ key: 'ours', value: 'yes', effect: 'PreferNoSchedule' }]) },
    });
    for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']) {
      const pod = await kubectl(node, ['-n', 'kube-system', 'get', 'pod', `${name}-other`, '-o', 'json']);
      expect(pod).toContain('FROM_CONFIG');
    }
    const text = await node.mustExec([
      ...['openssl', 'x509', '-noout', '-text', '-in', '/etc/kubernetes/certificates/apiserver.crt'],
    ]);
    expect(text).toContain('DNS:api.ours.test');
    expect(text).toContain('prime256v1');
    expect(await node.mustExec(['ls', '/var/lib/etcd-ours'])).toContain('member');
    expect(await kubectl(node, ['-n', 'kube-system', 'get', 'secret', 'bootstrap-token-abcdef'])).toContain(
      'abcdef',
    );
    expect(await kubectl(node, ['config', 'view'])).toContain('https://cp:7443');
  });
});
