import { applyCoredns, printCoredns } from '../../addons/apply-coredns.ts';
import { applyKubeProxy, printKubeProxy } from '../../addons/apply-kube-proxy.ts';
import { mergeEnvironment, proxyEnvironment } from '../../manifests/static-pod.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import { initApi } from './api.ts';
import type { InitPhase } from './input.ts';

const commonFlags: readonly PhaseFlag[] = [
  'config',
  'dry-run',
  'image-repository',
  'kubeconfig',
  'kubernetes-version',
];
const corednsFlags: readonly PhaseFlag[] = ['feature-gates', 'service-cidr', 'service-dns-domain'];
const printFlags: readonly PhaseFlag[] = ['print-manifest'];
const kubeProxyFlags: readonly PhaseFlag[] = [
  'apiserver-advertise-address',
  'apiserver-bind-port',
  'control-plane-endpoint',
  'pod-network-cidr',
];

/** Source: cmd/kubeadm/app/cmd/phases/init/addons.go. */
export const addon: InitPhase = {
  name: 'addon',
  short: 'Install required addons for passing conformance tests',
  allFlags: [...commonFlags, ...corednsFlags, ...kubeProxyFlags].toSorted(),
  children: [
    {
      name: 'coredns',
      short: 'Install the CoreDNS addon to a Kubernetes cluster',
      long:
        'Install the CoreDNS addon components via the API server. ' +
        'The DNS server runs, but is not scheduled until there is a pod network.',
      flags: [...commonFlags, ...corednsFlags, ...printFlags].toSorted(),
      run: async (input, host, context) => {
        const { cluster, patches, release } = input;
        const from = { cluster, release, patches, emit: context.emit };
        if (input.options.printManifest) {
          context.emit({ type: 'output', text: printCoredns(from) });
          return;
        }
        const { client, policy } = await initApi(input, host, context);
        await applyCoredns(from, client, policy);
      },
    },
    {
      name: 'kube-proxy',
      short: 'Install the kube-proxy addon to a Kubernetes cluster',
      long: 'Install the kube-proxy addon components via the API server.',
      flags: [...commonFlags, ...kubeProxyFlags, ...printFlags].toSorted(),
      run: async (input, host, context) => {
        const { cluster, init, kubeProxy, release } = input;
        const from = { cluster, release, endpoint: init.localAPIEndpoint, kubeProxy };
        if (input.options.printManifest) {
          context.emit({ type: 'output', text: printKubeProxy(from) });
          return;
        }
        const environment = mergeEnvironment(proxyEnvironment(host.system.environment()));
        const apply = { ...from, proxyEnvironment: environment, emit: context.emit };
        const { client, policy } = await initApi(input, host, context);
        await applyKubeProxy(apply, client, policy);
      },
    },
  ],
};
