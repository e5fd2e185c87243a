import { currentUserOf } from '../../kubeconfig/current.ts';
import type { Kubeconfig } from '../../kubeconfig/kubeconfig.ts';
import { parseKubeconfig } from '../../kubeconfig/parse.ts';
import { formatKubeconfig } from '../../kubeconfig/write.ts';
import { startKubelet } from '../../kubelet/service.ts';
import { lastArgument } from '../../lib/arguments.ts';
import { joinPath } from '../../lib/join-path.ts';
import { kubeletConf, kubeletDir, kubernetesDir } from '../../names.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitPhase } from './phase.ts';

const flags: readonly PhaseFlag[] = ['cert-dir', 'config', 'dry-run'];
const path = `${kubernetesDir}/${kubeletConf}`;

const enableClientCertRotation: InitPhase = {
  name: 'enable-client-cert-rotation',
  short: 'Let the kubelet use the client certificate that it renews by itself',
  flags,
  run: async (input, host, context) => {
    const directory =
      lastArgument(input.init.nodeRegistration.kubeletExtraArgs, 'cert-dir') ?? `${kubeletDir}/pki`;
    const pem = joinPath(directory, 'kubelet-client-current.pem');
    if ((await host.files.stat(pem)) === undefined) {
      context.emit({
        type: 'detail',
        verbosity: 1,
        message: `the kubelet does not renew its client certificate: there is no ${pem}`,
      });
      return;
    }
    const message = `Updating "${path}" to point to a rotatable kubelet client certificate and key`;
    context.emit({ type: 'progress', topic: 'kubelet-finalize', message });
    if (host.dryRunDirectory !== undefined) return;
    const kubeconfig = parseKubeconfig(await host.files.readText(path), path);
    const rotating = formatKubeconfig(withClientCertificate(kubeconfig, pem));
    await host.files.write(path, rotating, { mode: 0o600 });
    await startKubelet(host.services, context.emit);
  },
};

/** The current context's user, with certificate and key from a file that the kubelet renews. */
function withClientCertificate(kubeconfig: Kubeconfig, pem: string): Kubeconfig {
  const current = currentUserOf(kubeconfig, path);
  const users = kubeconfig.users.map((user) => {
    if (user.name !== current.name) return user;
    const { clientCertificateData: _certificate, clientKeyData: _key, ...rest } = user;
    return { ...rest, clientCertificate: pem, clientKey: pem };
  });
  return { ...kubeconfig, users };
}

/** What the kubelet needs once its node has joined. */
export const kubeletFinalize: InitPhase = {
  name: 'kubelet-finalize',
  short: 'Finish the kubelet once the control plane is up',
  allFlags: flags,
  after: ['wait-control-plane'],
  children: [enableClientCertRotation],
};
