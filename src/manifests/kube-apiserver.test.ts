import { describe, expect, test } from 'vitest';
import { typedForm } from '../patches/typed.ts';
import { authorizationModeFindings, kubeApiserverPod } from './kube-apiserver.ts';
import { inputWith, plainCluster, plainInput } from './manifest-input.fixture.ts';
import { formatPod } from './static-pod.ts';

const command = (input = plainInput) => kubeApiserverPod(input).spec.containers[0]?.command ?? [];
const withArgs = (extraArgs: readonly { name: string; value: string }[]) =>
  inputWith({ apiServer: { ...plainCluster.apiServer, extraArgs } });

describe('kubeApiserverPod', () => {
  test('is byte for byte the manifest of a plain cluster', () => {
    expect(formatPod(kubeApiserverPod(plainInput))).toBe(`apiVersion: v1
kind: Pod
metadata:
  annotations:
    kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint: 192.0.2.10:6443
  labels:
    component: kube-apiserver
    tier: control-plane
  name: kube-apiserver
  namespace: kube-system
spec:
  containers:
  - command:
    - kube-apiserver
    - --advertise-address=192.0.2.10
    - --allow-privileged=true
    - --authorization-mode=Node,RBAC
    - --client-ca-file=/etc/kubernetes/pki/ca.crt
    - --enable-admission-plugins=NodeRestriction
    - --enable-bootstrap-token-auth=true
    - --etcd-cafile=/etc/kubernetes/pki/etcd/ca.crt
    - --etcd-certfile=/etc/kubernetes/pki/apiserver-etcd-client.crt
    - --etcd-keyfile=/etc/kubernetes/pki/apiserver-etcd-client.key
    - --etcd-servers=https://127.0.0.1:2379
    - --kubelet-client-certificate=/etc/kubernetes/pki/apiserver-kubelet-client.crt
    - --kubelet-client-key=/etc/kubernetes/pki/apiserver-kubelet-client.key
    - --kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname
    - --proxy-client-cert-file=/etc/kubernetes/pki/front-proxy-client.crt
    - --proxy-client-key-file=/etc/kubernetes/pki/front-proxy-client.key
    - --requestheader-allowed-names=front-proxy-client
    - --requestheader-client-ca-file=/etc/kubernetes/pki/front-proxy-ca.crt
    - --requestheader-extra-headers-prefix=X-Remote-Extra-
    - --requestheader-group-headers=X-Remote-Group
    - --requestheader-username-headers=X-Remote-User
    - --secure-port=6443
    - --service-account-issuer=https://kubernetes.default.svc.cluster.local
    - --service-account-key-file=/etc/kubernetes/pki/sa.pub
    - --service-account-signing-key-file=/etc/kubernetes/pki/sa.key
    - --service-cluster-ip-range=10.96.0.0/12
    - --tls-cert-file=/etc/kubernetes/pki/apiserver.crt
    - --tls-private-key-file=/etc/kubernetes/pki/apiserver.key
    image: registry.k8s.io/kube-apiserver:v1.36.2
    imagePullPolicy: IfNotPresent
    livenessProbe:
      failureThreshold: 8
      httpGet:
        host: 192.0.2.10
        path: /livez
        port: probe-port
        scheme: HTTPS
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    name: kube-apiserver
    ports:
    - containerPort: 6443
      name: probe-port
      protocol: TCP
    readinessProbe:
      failureThreshold: 3
      httpGet:
        host: 192.0.2.10
        path: /readyz
        port: probe-port
        scheme: HTTPS
      periodSeconds: 1
      timeoutSeconds: 15
    resources:
      requests:
        cpu: 250m
    startupProbe:
      failureThreshold: 24
      httpGet:
        host: 192.0.2.10
        path: /livez
        port: probe-port
        scheme: HTTPS
      initialDelaySeconds: 10
      periodSeconds: 10
      timeoutSeconds: 15
    volumeMounts:
    - mountPath: /etc/ssl/certs
      name: ca-certs
      readOnly: true
    - mountPath: /etc/kubernetes/pki
      name: k8s-certs
      readOnly: true
    - mountPath: /usr/share/ca-certificates
      name: usr-share-ca-certificates
      readOnly: true
  hostNetwork: true
  priority: 2000001000
  priorityClassName: system-node-critical
  securityContext:
    seccompProfile:
      type: RuntimeDefault
  volumes:
  - hostPath:
      path: /etc/ssl/certs
      type: DirectoryOrCreate
    name: ca-certs
  - hostPath:
      path: /etc/kubernetes/pki
      type: DirectoryOrCreate
    name: k8s-certs
  - hostPath:
      path: /usr/share/ca-certificates
      type: DirectoryOrCreate
    name: usr-share-ca-certificates
status: {}
`);
  });

  test('has the form that a typed client would write', () => {
    const pod = kubeApiserverPod(plainInput);
    expect(typedForm('Pod', pod)).toEqual(pod);
  });

  test('asks etcd and probes over IPv6 where the node does, and the unspecified address on the Pod', () => {
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

  test('takes over the endpoints and files of an external etcd, and mounts what else holds them', () => {
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
  ])('of %j', (value, unknown, unusual) => {
    const { cluster } = withArgs([{ name: 'authorization-mode', value }]);
    expect(authorizationModeFindings(cluster)).toEqual({ unknown, unusual });
  });
});
