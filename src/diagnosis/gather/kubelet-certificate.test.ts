import { expect, test } from 'vitest';
import { createMemoryHost } from '../../host/memory/index.ts';
import { gatherKubeletCertificate } from './kubelet-certificate.ts';

const pem = '/var/lib/kubelet/pki/kubelet-client-current.pem';
const kubeconfig = (user: string) => `apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: k, user: u}}]
clusters: [{name: k, cluster: {server: "https://10.0.0.5:6443"}}]
users: [{name: u, user: {${user}}}]
`;

test.each([
  ['false without a kubeconfig', {}, false],
  ['true with data', { '/etc/kubernetes/kubelet.conf': kubeconfig('client-certificate-data: eA==') }, true],
  [
    'false if the file is missing',
    { '/etc/kubernetes/kubelet.conf': kubeconfig(`client-certificate: ${pem}`) },
    false,
  ],
  [
    'true with the file',
    { '/etc/kubernetes/kubelet.conf': kubeconfig(`client-certificate: ${pem}`), [pem]: 'x' },
    true,
  ],
])('whether the kubelet has its certificate is %s', async (_, files, expected) => {
  expect(await gatherKubeletCertificate(createMemoryHost({ files }))).toEqual({
    kubeletHasCertificate: expected,
  });
});
