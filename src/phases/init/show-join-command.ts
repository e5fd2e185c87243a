import { currentCluster, joinCommand } from '../../cluster/join-command.ts';
import type { Host } from '../../host.ts';
import type { InitInput, InitPhase } from './input.ts';

/** Shows how to use the cluster, and the commands with which other nodes join. */
export const showJoinCommand: InitPhase = {
  name: 'show-join-command',
  short: 'Show how to use the cluster and how nodes join it',
  flags: [],
  requires: ['bootstrap-token', 'upload-certs'],
  run: async (input, host, context) => {
    context.emit({ type: 'control-plane-initialized', text: await successText(input, host) });
  },
};

async function successText(input: InitInput, host: Pick<Host, 'files'>): Promise<string> {
  const { kubeconfig } = input.paths;
  const cluster = await currentCluster(host, kubeconfig);
  const { certificateKey, skipCertificateKeyPrint, skipTokenPrint, uploadCerts } = input.options;
  const tokens = input.init.bootstrapTokens.map(({ token }) => token);
  const workers = tokens.map((token) => joinCommand(cluster, { token, skipTokenPrint }));
  const controlPlane = { certificateKey: uploadCerts ? certificateKey : '', skipCertificateKeyPrint };
  const controlPlanes = tokens.map(
    (token) => `  ${joinCommand(cluster, { token, skipTokenPrint, controlPlane })}`,
  );
  const sections = [
    'Your Kubernetes control-plane has initialized successfully!',
    `To use the cluster as a regular user, run:\n\n${copySteps(kubeconfig)}`,
    'As root, it is enough to run:\n\n  export KUBECONFIG=/etc/kubernetes/admin.conf',
    'Pods need a network: choose an add-on and install it with "kubectl apply -f [podnetwork].yaml".\n' +
      'Some are listed at:\n  https://kubernetes.io/docs/concepts/cluster-administration/addons/',
    ...(input.cluster.controlPlaneEndpoint === '' ? [] : controlPlaneSections(controlPlanes, uploadCerts)),
    `Worker nodes join with this command, run as root on each:\n\n${workers.join('\n\n')}`,
  ];
  return `\n${sections.join('\n\n')}\n`;
}

function copySteps(kubeconfig: string): string {
  return [
    '  mkdir -p $HOME/.kube',
    `  sudo cp -i ${kubeconfig} $HOME/.kube/config`,
    '  sudo chown $(id -u):$(id -g) $HOME/.kube/config',
  ].join('\n');
}

function controlPlaneSections(commands: readonly string[], uploaded: boolean): readonly string[] {
  const all = commands.join('\n\n');
  if (!uploaded) {
    return [
      'Further control planes join once the CAs and the service account keys were copied to them,\n' +
        `with this command, run as root on each:\n\n${all}`,
    ];
  }
  return [
    `Further control planes join with this command, run as root on each:\n\n${all}`,
    'The certificate key opens the private keys of the cluster: keep it secret! The uploaded certificates\n' +
      'are deleted after two hours; upload them again with\n' +
      '"kubeadm init phase upload-certs --upload-certs".',
  ];
}
