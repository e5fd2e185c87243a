import { applyCoredns, printCoredns } from '../../addons/apply-coredns.ts';
import { applyKubeProxy, printKubeProxy } from '../../addons/apply-kube-proxy.ts';
import { withInitClient } from '../../cluster/client.ts';
import { mergeEnvironment, proxyEnvironment } from '../../manifests/static-pod.ts';
import { loadPatches } from '../../patches/index.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitPhase } from './phase.ts';

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
  after: ['wait-control-plane/api-server'],
  children: [
    {
      name: 'coredns',
      short: 'Install the CoreDNS addon to a Kubernetes cluster',
      long:
        'Install the CoreDNS addon components via the API server. ' +
        'The DNS server runs, but is not scheduled until there is a pod network.',
      flags: [...commonFlags, ...corednsFlags, ...printFlags].toSorted(),
      run: async (input, host, context) => {
        const { patchesDir } = input.paths;
        const patches =
          patchesDir === undefined ? undefined : await loadPatches(host, patchesDir, context.emit);
        const { cluster, release } = input;
        const from = { cluster, release, patches, emit: context.emit };
        if (input.options.printManifest) {
          context.emit({ type: 'output', text: printCoredns(from) });
          return;
        }
        await withInitClient(input, host, context, (client, patience) =>
          applyCoredns(from, client, patience),
        );
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
        await withInitClient(input, host, context, (client, patience) =>
          applyKubeProxy(apply, client, patience),
        );
      },
    },
  ],
};
