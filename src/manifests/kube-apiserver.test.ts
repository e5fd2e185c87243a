import { describe, expect, test } from 'vitest';
import { authorizationModeFindings, kubeApiserverPod } from './kube-apiserver.ts';
import { inputWith, plainCluster, plainInput } from './manifest-input.fixture.ts';

const command = (input = plainInput) => kubeApiserverPod(input).spec.containers[0]?.command ?? [];
const withArgs = (extraArgs: readonly { name: string; value: string }[]) =>
  inputWith({ apiServer: { ...plainCluster.apiServer, extraArgs } });

describe('kubeApiserverPod', () => {
  test('an IPv6 node asks etcd over IPv6, and an unspecified address is not in the probes', () => {
    const ipv6 = { ...plainInput, endpoint: { advertiseAddress: 'fd00::5', bindPort: 6443 } };
    expect(command(ipv6)).toContain('--etcd-servers=https://[::1]:2379');
    expect(kubeApiserverPod(ipv6).metadata.annotations).toEqual({
      'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': '[fd00::5]:6443',
    });
    const everywhere = { ...plainInput, endpoint: { advertiseAddress: '0.0.0.0', bindPort: 443 } };
    const container = kubeApiserverPod(everywhere).spec.containers[0];
    expect(container?.livenessProbe.httpGet).not.toHaveProperty('host');
    expect(container?.ports[0]?.containerPort).toBe(443);
  });

  test('an external etcd gives its endpoints and files to the flags, and their folders are mounted', () => {
    const external = {
      endpoints: ['https://a:2379', 'https://b:2379'],
      httpEndpoints: [],
      caFile: '/srv/etcd/ca/ca.crt',
      certFile: '/srv/etcd/client.crt',
      keyFile: '/etc/kubernetes/pki/client.key',
    };
    const input = inputWith({ etcd: { external } });
    expect(command(input)).toEqual(
      expect.arrayContaining([
        '--etcd-servers=https://a:2379,https://b:2379',
        '--etcd-cafile=/srv/etcd/ca/ca.crt',
        '--etcd-certfile=/srv/etcd/client.crt',
        '--etcd-keyfile=/etc/kubernetes/pki/client.key',
      ]),
    );
    const volumes = kubeApiserverPod(input).spec.volumes;
    expect(volumes.filter(({ name }) => name.startsWith('etcd'))).toEqual([
      { name: 'etcd-certs-0', hostPath: { path: '/srv/etcd', type: 'DirectoryOrCreate' } },
    ]);
    const plain = inputWith({ etcd: { external: { ...external, caFile: '', certFile: '' } } });
    expect(command(plain).filter((word) => word.startsWith('--etcd'))).toEqual([
      '--etcd-servers=https://a:2379,https://b:2379',
    ]);
  });

  test('leaves authorization-mode out beside authorization-config, and appends what the user gave', () => {
    const structured = command(withArgs([{ name: 'authorization-config', value: '/etc/authz.yaml' }]));
    expect(structured.some((word) => word.startsWith('--authorization-mode'))).toBe(false);
    expect(structured.at(-1)).toBe('--authorization-config=/etc/authz.yaml');
    const own = command(withArgs([{ name: 'authorization-mode', value: 'Node,Odd' }]));
    expect(own.filter((word) => word.startsWith('--authorization-mode'))).toEqual([
      '--authorization-mode=Node,Odd',
    ]);
  });

  test('replaces a volume of the same name and lets extraEnvs win over proxy variables', () => {
    const apiServer = {
      ...plainCluster.apiServer,
      extraVolumes: [{ name: 'ca-certs', hostPath: '/x', mountPath: '/y', pathType: 'File' }],
      extraEnvs: [{ name: 'HTTP_PROXY', value: 'mine' }, { name: 'A' }],
    };
    const facts = { caDirectories: [], proxyEnvironment: [{ name: 'HTTP_PROXY', value: 'http://p' }] };
    const pod = kubeApiserverPod(inputWith({ apiServer }, { facts }));
    expect(pod.spec.volumes[0]).toEqual({ name: 'ca-certs', hostPath: { path: '/x', type: 'File' } });
    expect(pod.spec.containers[0]?.volumeMounts[0]).toEqual({ name: 'ca-certs', mountPath: '/y' });
    expect(pod.spec.containers[0]?.env).toEqual([{ name: 'A' }, { name: 'HTTP_PROXY', value: 'mine' }]);
  });
});

describe('authorizationModeFindings', () => {
  test.each([
    ['Node,RBAC', [], undefined],
    ['', [], undefined],
    ['Node,Odd,ABAC', ['Odd'], 'Node,ABAC'],
    ['Odd', ['Odd'], undefined],
    ['RBAC,Node', [], 'RBAC,Node'],
  ])('the modes %j of authorization are judged', (value, unknown, unusual) => {
    const { cluster } = withArgs([{ name: 'authorization-mode', value }]);
    expect(authorizationModeFindings(cluster)).toEqual({ unknown, unusual });
  });
});
